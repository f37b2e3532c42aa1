/** Cases of the normalisations. */
import * as lib from '../../engine/ops/reduce/normalize.ts';
import { inputOf, positive } from '../../engine/check/samples.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type OpFamily, type OpOptions, opsOf } from './case.ts';
import type { Shape } from '../../engine/shape.ts';

const op = opsOf(lib);

/** Numbers spread from -2 to 2, so that no variance is near 0, where derivatives are large. */
function wide(shape: Shape) {
  const { values } = inputOf(shape, 1);
  return { shape, values: Float32Array.from(values, (x, i) => x + ((i * 7) % 5) / 2 - 1) };
}

type Norm = (x: Tensor, options: { scale?: Tensor; bias?: Tensor }) => Tensor;

/** Alone, with a scale, with a bias, with both; `size` is that of scale and bias. */
function affine(
  f: unknown,
  run: Norm,
  shapes: { x: Shape; size: Shape; tolerance?: number; args?: unknown[] },
) {
  const { x, size, ...rest } = shapes;
  const given = (call: OpOptions['call'], ...sizes: Shape[]) => op(f, [wide(x), ...sizes], { ...rest, call });
  return [
    given((a) => run(a!, {})),
    given((a, scale) => run(a!, { scale }), size),
    given((a, bias) => run(a!, { bias }), size),
    given((a, scale, bias) => run(a!, { scale, bias }), size, size),
  ];
}

const training =
  (options: object = {}): Norm =>
  (x, parameters) =>
    lib.batchNormTraining(x, { ...options, ...parameters }).y;
const layer =
  (options: object): Norm =>
  (x, parameters) =>
    lib.layerNorm(x, { ...options, ...parameters });
const group =
  (groups: number): Norm =>
  (x, parameters) =>
    lib.groupNorm(x, groups, parameters);

const eps = 0.1;

// Derivatives are sums of a row's or a channel's numbers, divided by a deviation near 1 up to three times.
const tolerance = 2e-5;

export const normalizeFamily: OpFamily = {
  exports: lib,
  cases: [
    ...affine(lib.batchNormTraining, training({ eps }), { x: [3, 2, 2, 2], size: [2], tolerance }),
    ...affine(lib.batchNormTraining, training({ eps }), { x: [5, 3, 3, 1], size: [3], tolerance }),
    ...affine(lib.batchNormTraining, training({ eps, axis: -1 }), {
      x: [3, 2, 3],
      size: [3],
      tolerance,
      args: ['last'],
    }),
    ...affine(lib.batchNormTraining, training({ eps }), { x: [7, 3], size: [3], tolerance }),
    ...affine(lib.batchNormTraining, training({ eps }), { x: [1, 3], size: [3], tolerance }), // variance 0
    // More than 1,024 numbers a channel: one piece; two; and channels side by side.
    ...affine(lib.batchNormTraining, training({ eps }), { x: [3, 2, 19, 19], size: [2], tolerance }),
    ...affine(lib.batchNormTraining, training({ eps }), { x: [3, 1, 2800], size: [1], tolerance }),
    op(lib.batchNormTraining, [wide([1100, 33])], { call: (x) => training({ eps })(x!, {}), tolerance }),
    ...[lib.batchNormTraining, lib.batchStatistics].flatMap((f) =>
      (['mean', 'variance'] as const).flatMap((key) => [
        op(f, [wide([3, 2, 2])], { call: (x) => f(x!)[key], args: [key] }),
        op(f, [wide([3, 2, 700])], { call: (x) => f(x!)[key], args: [key], tolerance }),
        op(f, [wide([3, 2, 2800])], { call: (x) => f(x!)[key], args: [key], tolerance }),
      ]),
    ),
    op(lib.batchStatistics, [wide([2, 3, 2])], {
      call: (x) => lib.batchStatistics(x!, { axis: 2 }).variance,
    }),
    ...[
      [3, 2, 2, 2],
      [2, 3, 5],
      [4, 3],
      [0, 3, 2],
    ].map((x) =>
      op(lib.batchNorm, [wide(x), [x[1]!], positive([x[1]!]), [x[1]!], [x[1]!]], {
        call: (a, mean, variance, scale, bias) =>
          lib.batchNorm(a!, { mean: mean!, variance: variance!, scale, bias, eps }),
        tolerance,
      }),
    ),
    op(lib.batchNorm, [wide([2, 3, 2]), [2], positive([2])], {
      call: (x, mean, variance) => lib.batchNorm(x!, { mean: mean!, variance: variance!, axis: -1, eps }),
      tolerance,
    }),
    // Models side by side: a statistic a channel of each.
    ...affine(lib.batchNormTraining, training({ eps }), {
      x: [2, 3, 2, 2, 2],
      size: [2, 2],
      tolerance,
    }).slice(1),
    ...affine(lib.batchNormTraining, training({ eps }), { x: [2, 3, 2, 700], size: [2, 2], tolerance }).slice(
      3,
    ),
    ...affine(lib.batchNormTraining, training({ eps, axis: -1 }), {
      x: [2, 2, 4, 3],
      size: [2, 3],
      tolerance,
      args: ['last'],
    }).slice(3),
    op(lib.batchNorm, [wide([2, 3, 2, 2, 2]), [2, 2], positive([2, 2]), [2, 2], [2, 2]], {
      call: (a, mean, variance, scale, bias) =>
        lib.batchNorm(a!, { mean: mean!, variance: variance!, scale, bias, eps }),
      tolerance,
    }),
    ...affine(lib.layerNorm, layer({ eps }), { x: [4, 3], size: [3], tolerance }),
    ...affine(lib.layerNorm, layer({ eps, axes: [1, 2] }), { x: [2, 3, 4], size: [3, 4], tolerance }),
    ...affine(lib.layerNorm, layer({ eps, axes: [2, 0] }), {
      x: [2, 3, 4],
      size: [4, 2],
      tolerance,
      args: ['2, 0'],
    }),
    ...affine(lib.layerNorm, layer({ eps, axes: [] }), { x: [2, 3], size: [], tolerance }), // each by itself
    op(lib.layerNorm, [wide([0, 3])]),
    op(lib.layerNorm, [wide([2, 1500])], { args: [{ eps }], tolerance }),
    ...affine(lib.groupNorm, group(2), { x: [2, 4, 3], size: [4], tolerance }),
    ...affine(lib.groupNorm, group(3), { x: [2, 3, 2, 2], size: [3], tolerance }),
    ...affine(lib.groupNorm, group(1), { x: [3, 4], size: [4], tolerance }),
    ...affine(lib.instanceNorm, lib.instanceNorm, { x: [2, 3, 3, 2], size: [3], tolerance }),
    ...affine(lib.instanceNorm, lib.instanceNorm, { x: [2, 2, 5], size: [2], tolerance }),
    op(lib.l2Normalize, [[4, 3]]),
    op(lib.l2Normalize, [[2, 3, 4]], { args: [{ axis: 1 }] }),
    op(lib.l2Normalize, [[5]], { args: [{ eps: 100 }] }), // shorter than eps
    op(lib.l2Normalize, [[2, 1100]], { tolerance }),
  ],
};
