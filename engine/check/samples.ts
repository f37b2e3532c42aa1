/** Arguments for checks: random, the same in every run, and away from the kinks of what is tested. */
import { noise } from '../../kernels/random/random-host.ts';
import type { DType } from '../backend.ts';
import { checkOptions } from '../borders.ts';
import { checkShape, type Shape, sizeOf } from '../shape.ts';

/** One argument: its numbers are float32, so that both backends get the same. */
export interface Input {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
  readonly dtype?: DType | undefined;
  /** No derivative is taken by it: an index, a mask, a label. */
  readonly isConstant?: boolean | undefined;
}

/** A shape as an input: numbers of size about 1, away from 0 and from those of the other inputs. */
export function inputOf(given: Shape | Input, number: number): Input {
  if (!Array.isArray(given))
    checkOptions(`check: input ${number}`, given, 'shape values dtype isConstant', true);
  if ('shape' in given) return given;
  checkShape('check', given);
  return spread(given, number);
}

/** Numbers of tensor number i are near n + phase, so that they keep away from 0 and from those of other tensors. */
const PHASES = [0.3, 0.8, 0.55, 0.05, 0.42];
let seed = 0;

export function spread(shape: Shape, number: number): Input {
  const random = noise(2 * sizeOf(shape), ++seed);
  const values = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => Math.floor(2 * random[2 * i]!) + PHASES[number % PHASES.length]! + 0.08 * random[2 * i + 1]!,
  );
  return { shape, values };
}

/** Between 0.2 and 2.1: for roots and logarithms. */
export function positive(shape: Shape): Input {
  const { values } = spread(shape, 0);
  return { shape, values: Float32Array.from(values, (x) => Math.abs(x) + 0.001) };
}

/** All different, at least 4 / size apart: the largest stays the largest. */
export function distinct(shape: Shape): Input {
  const size = sizeOf(shape);
  const order = [...noise(size, ++seed).entries()].sort(([, a], [, b]) => a - b).map(([i]) => i);
  return { shape, values: Float32Array.from(order, (place) => (4 * place) / size - 2) };
}

export function indices(values: readonly number[]): Input {
  return { shape: [values.length], values, dtype: 'u32' };
}

export function mask(shape: Shape): Input {
  const values = Float32Array.from(noise(sizeOf(shape), ++seed), (u) => (u > 0.2 ? 1 : 0));
  return { shape, values, isConstant: true };
}

/** What programs do not expect: NaN, infinities, zeros, numbers that overflow or vanish when squared, and subnormal ones. */
export const specialNumbers: readonly number[] = [
  ...[NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5, 88, -88, 104, -104],
  ...[16777217, -1e10, 1e20, -1e20, 3.4e38, -3.4e38, 1e-20, -1e-20, 2 ** -126, -(2 ** -126), 1e-40, -1e-45],
];

/** A sampled input in which some elements are replaced by the given number; indices and masks stay. */
export function withSpecial(input: Input, special: number, places: readonly number[] = [0]): Input {
  if (input.dtype === 'u32' || input.isConstant) return input;
  const values = Float32Array.from(input.values);
  for (const place of places) if (place < values.length) values[place] = special;
  return { ...input, values };
}
