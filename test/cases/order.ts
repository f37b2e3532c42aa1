/** Cases of what puts numbers in order. Places have no gradient; they are compared as floats. */
import { argmax, argmin } from '../../engine/ops/order/arg-extreme.ts';
import { cast } from '../../engine/ops/pointwise/cast.ts';
import { argsort, sort, topK } from '../../engine/ops/order/sort.ts';
import { distinct, type Input } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpCase, type OpFamily, opsOf } from './case.ts';

const lib = { argmax, argmin, argsort, sort, topK };
const op = opsOf(lib);

/** Few different numbers, so that many are equal. */
function ties(shape: Shape): Input {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 37) % 11) % 4);
  return { shape, values, isConstant: true };
}

function integers(shape: Shape): Input {
  return { ...ties(shape), dtype: 'u32' };
}

function places(f: typeof argmax | typeof argmin, input: Input, axis?: number, keepDims = false): OpCase {
  return op(f, [input], { args: [axis, { keepDims }], call: (x) => cast(f(x, axis, { keepDims }), 'f32') });
}

function sorting(input: Input, axis: number, descending = false): OpCase[] {
  const args = [axis, { descending }];
  return [
    op(argsort, [input], { args, call: (x) => cast(argsort(x, axis, { descending }), 'f32') }),
    op(sort, [input], { args, call: (x) => cast(sort(x, axis, { descending }).values, 'f32') }),
  ];
}

export const orderFamily: OpFamily = {
  exports: lib,
  cases: [
    ...[argmax, argmin].flatMap((f) => [
      places(f, distinct([4, 3])),
      places(f, ties([2, 5, 3]), 1),
      places(f, ties([2, 5, 3]), -3, true),
      places(f, integers([5, 4]), -1),
      places(f, distinct([])),
      places(f, { shape: [0, 3], values: [] }, 1),
      places(f, distinct([2, 1100]), 1),
      places(f, ties([1100, 3]), 0),
      places(f, { ...distinct([3, 70_000]), isConstant: true }, undefined, true), // candidates of candidates
    ]),
    ...[false, true].flatMap((descending) => [
      ...sorting(distinct([7]), -1, descending),
      ...sorting(distinct([2, 5, 3]), 1, descending),
      ...sorting(ties([3, 90]), -1, descending),
      ...sorting(ties([70, 3]), 0, descending),
      ...sorting(integers([2, 100]), 1, descending),
    ]),
    ...sorting(distinct([2, 1000]), 1), // five times merged
    ...sorting({ shape: [0, 3], values: [] }, 0),
    ...sorting({ shape: [3, 0, 2], values: [] }, 1),
    ...[true, false].flatMap((largest) => [
      op(topK, [distinct([5, 3])], {
        args: [2, 0, { largest }],
        call: (x) => topK(x, 2, 0, { largest }).values,
      }),
      op(topK, [distinct([2, 300])], {
        args: [70, -1, { largest }],
        call: (x) => topK(x, 70, -1, { largest }).values,
      }),
    ]),
    op(topK, [ties([4, 40])], { args: [5], call: (x) => cast(topK(x, 5).indices, 'f32') }),
    op(topK, [distinct([4])], { args: [0], call: (x) => topK(x, 0).values }),
  ],
};
