/** Seeded operands, the same in every process, and the layouts that competitors want them in. */
import { uniformValues } from '../engine/random.ts';
import type { ConvWork } from './work.ts';

export interface Operand {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** x (n, c, h, w), weight (outputs, c, k, k) and the gradient of the result (n, outputs, h - k + 1, w - k + 1). */
export function convOperands(work: ConvWork): { x: Operand; weight: Operand; gradient: Operand } {
  const { batch, channels, height, width, outputs, kernel } = work;
  return {
    x: operand([batch, channels, height, width], 0),
    weight: operand([outputs, channels, kernel, kernel], 1),
    gradient: operand([batch, outputs, height - kernel + 1, width - kernel + 1], 2),
  };
}

/** Uniform in [-0.5, 0.5). */
function operand(shape: readonly number[], seed: number): Operand {
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
