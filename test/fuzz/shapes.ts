/** Arbitrary shapes, small: a software adapter and finite differences have to keep up. */
import fc from 'fast-check';
import type { Differentiable } from '../../engine/check/check.ts';
import type { Input } from '../../engine/check/samples.ts';
import { type Shape, show } from '../../engine/shape.ts';

/** One call of an op: what a property makes and the checks run. */
export interface Trial {
  /** The call in words; fast-check prints it when it fails. */
  name: string;
  f: Differentiable;
  inputs: readonly (Shape | Input)[];
  tolerance?: number;
}

/** A trial, described by its op, shapes and options. */
export function trial(
  op: string,
  f: Differentiable,
  inputs: readonly (Shape | Input)[],
  options: unknown = '',
  tolerance?: number,
): Trial {
  const shapes = inputs.map((x) => show('shape' in x ? x.shape : x)).join(' ');
  return { name: `${op} ${shapes} ${JSON.stringify(options)}`, f, inputs, tolerance };
}

/** Sizes of 1 and 0 come often: they are where indexing goes wrong. */
export const length: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 2, max: 5 }) },
  { weight: 3, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
);

/** From a scalar to five axes, at most about 100 elements. */
export const shape: fc.Arbitrary<number[]> = fc
  .array(length, { maxLength: 5 })
  .filter((lengths) => lengths.reduce((product, n) => product * n, 1) <= 120);

/** The same without a size of 0. */
export const filledShape: fc.Arbitrary<number[]> = shape.filter((lengths) => !lengths.includes(0));

/** `count` shapes that broadcast together. */
export function broadcastable(count: number): fc.Arbitrary<number[][]> {
  return shape.chain((full) =>
    fc
      .array(
        fc.tuple(
          fc.integer({ min: 0, max: full.length }),
          fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
        ),
        { minLength: count, maxLength: count },
      )
      .map((cuts) => cuts.map(([from, ones]) => full.map((n, axis) => (ones[axis] ? 1 : n)).slice(from))),
  );
}

/** Some axes of a shape, in any order, each once, some counted from the end. */
export function axesOf(rank: number): fc.Arbitrary<number[]> {
  const axes = [...Array(rank).keys()];
  return fc
    .tuple(fc.shuffledSubarray(axes), fc.boolean())
    .map(([some, isFromEnd]) => (isFromEnd ? some.map((axis) => axis - rank) : some));
}
