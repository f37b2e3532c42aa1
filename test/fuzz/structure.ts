/** Reductions, normalisations and movement over any axes. */
import fc from 'fast-check';
import * as concat from '../../engine/ops/movement/concat.ts';
import * as movement from '../../engine/ops/movement/movement.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { broadcastTo, sum } from '../../engine/ops/reduce/sum.ts';
import { pad } from '../../engine/ops/movement/pad.ts';
import * as normalize from '../../engine/ops/reduce/normalize.ts';
import * as reduce from '../../engine/ops/reduce/reduce.ts';
import { logSoftmax, softmax } from '../../engine/ops/reduce/softmax.ts';
import { distinct, positive } from '../../engine/check/samples.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { axesOf, filledShape, shape, type Trial, trial } from './shapes.ts';

const lib = { ...movement, ...concat, slice, broadcastTo };
const { sumSquare, l1Norm, l2Norm, logSum, logSumExp, mean, max, min, prod } = reduce;
const ofAny = { sum, sumSquare, l1Norm, prod };
const ofSome = { mean, max, min, l2Norm, logSumExp };

export const reductions: fc.Arbitrary<Trial> = fc.oneof(
  shape.chain((x) =>
    fc.tuple(fc.constantFrom(...Object.entries(ofAny)), axesOf(x.length), fc.boolean()).map(
      ([[name, f], axes, keepDims]) =>
        trial(name, (a) => f(a!, axes, { keepDims }), [x], { axes, keepDims }, 2e-5), // up to 120 terms, or factors
    ),
  ),
  filledShape.chain((x) =>
    fc
      .tuple(fc.constantFrom(...Object.entries(ofSome)), axesOf(x.length), fc.boolean())
      .map(([[name, f], axes, keepDims]) =>
        trial(name, (a) => f(a!, axes, { keepDims }), [distinct(x)], { axes, keepDims }, 2e-5),
      ),
  ),
  filledShape.chain((x) =>
    axesOf(x.length).map((axes) => trial('logSum', (a) => logSum(a!, axes), [positive(x)], axes, 2e-5)),
  ),
);

const withAxis = (x: readonly number[]) => fc.integer({ min: -x.length, max: x.length - 1 });
const axed = filledShape.filter((x) => x.length > 0);
const channelled = filledShape.filter((x) => x.length >= 2 && x.length <= 4);

export const normalisations: fc.Arbitrary<Trial> = fc.oneof(
  axed.chain((x) =>
    fc
      .tuple(fc.constantFrom(...Object.entries({ softmax, logSoftmax })), withAxis(x))
      .map(([[name, f], axis]) => trial(name, (a) => f(a!, axis), [x], axis, 1e-5)),
  ),
  channelled.map((x) =>
    trial(
      'batchNormTraining',
      (a, scale, bias) => normalize.batchNormTraining(a!, { scale, bias, eps: 0.1 }).y,
      [x, [x[1]!], [x[1]!]],
      '',
      5e-5, // divides by deviations down to 0.3, twice more for every order
    ),
  ),
  axed.chain((x) =>
    axesOf(x.length)
      .filter((axes) => axes.length > 0)
      .map((axes) => trial('layerNorm', (a) => normalize.layerNorm(a!, { axes, eps: 0.1 }), [x], axes, 5e-5)),
  ),
);

const strips = (f: (x: Tensor, axis: number, begin: number, end: number, step: number) => Tensor) =>
  shape
    .filter((x) => x.length > 0)
    .chain((x) =>
      fc.nat(x.length - 1).chain((axis) =>
        fc.tuple(fc.nat(x[axis]!), fc.nat(x[axis]!), fc.integer({ min: 1, max: 3 })).map(([p, q, step]) => {
          const [begin, end] = [Math.min(p, q), Math.max(p, q)];
          return trial('slice', (a) => f(a!, axis, begin, end, step), [x], { axis, begin, end, step });
        }),
      ),
    );

const widths = (x: readonly number[], most: (length: number) => number) =>
  fc.tuple(
    ...x.map((n) =>
      fc.tuple(fc.nat(Math.max(0, Math.min(2, most(n)))), fc.nat(Math.max(0, Math.min(2, most(n))))),
    ),
  );

export const movements: fc.Arbitrary<Trial> = fc.oneof(
  strips((x, axis, begin, end, step) => lib.slice(x, axis, begin, end, { step })),
  shape.chain((x) =>
    fc
      .shuffledSubarray([...x.keys()], { minLength: x.length })
      .map((order) => trial('transpose', (a) => lib.transpose(a!, order), [x], order)),
  ),
  shape.chain((x) => axesOf(x.length).map((axes) => trial('flip', (a) => lib.flip(a!, axes), [x], axes))),
  shape.chain((x) =>
    widths(x, () => 2).map((w) =>
      trial('pad', (a) => pad(a!, w, { value: 0.3 }), [x], { w, mode: 'constant' }),
    ),
  ),
  ...(['edge', 'symmetric', 'wrap', 'reflect'] as const).map((mode) =>
    filledShape.chain((x) =>
      widths(x, (n) => (mode === 'edge' ? 2 : mode === 'reflect' ? n - 1 : n)).map((w) =>
        trial('pad', (a) => pad(a!, w, { mode }), [x], { w, mode }),
      ),
    ),
  ),
);
