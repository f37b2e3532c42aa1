/** Seeded operands, the same in every process, and the layouts that competitors want them in. */
import { uniformValues } from '../../engine/random.ts';
import type { ConvShape } from './convolutions.ts';
import type { ConvWork, MatmulWork } from './work.ts';

export interface Operand {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

export function inputShapeOf({ batch, channels, height, width }: ConvShape): number[] {
  return [batch, channels, height, width];
}

export function weightShapeOf({ outputs, channels, kernel }: ConvShape): number[] {
  return [outputs, channels, kernel, kernel];
}

/** Of the result, and so of its gradient. */
export function gradientShapeOf({ batch, outputs, height, width, kernel }: ConvShape): number[] {
  return [batch, outputs, height - kernel + 1, width - kernel + 1];
}

export function convOperands(work: ConvWork): Record<'x' | 'weight' | 'gradient', Operand> {
  return {
    x: operand(inputShapeOf(work), 0),
    weight: operand(weightShapeOf(work), 1),
    gradient: operand(gradientShapeOf(work), 2),
  };
}

export function matmulOperands({ m, n, k }: MatmulWork): Record<'a' | 'b', Operand> {
  return { a: operand([m, k], 0), b: operand([k, n], 1) };
}

/** Uniform in [-0.5, 0.5). */
export function operand(shape: readonly number[], seed: number): Operand {
  const size = shape.reduce((product, length) => product * length, 1);
  return { values: uniformValues(size, { seed }).map((value) => value - 0.5), shape };
}

/** Axes in another order: axis i of the result is axis order[i] of the operand. */
export function permuted({ values, shape }: Operand, order: readonly number[]): Operand {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const to = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const index = to.map(() => 0);
  let from = 0;
  const result = values.map(() => {
    const value = values[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < to[axis]!) break;
      from -= steps[axis]! * to[axis]!;
      index[axis] = 0;
    }
    return value;
  });
  return { values: result, shape: to };
}
