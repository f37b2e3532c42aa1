/** Every op and loss described once; tests and benches derive from it. Numbers lie away from kinks. */
import * as elementwise from '../engine/ops/elementwise.ts';
import * as matrix from '../engine/ops/matmul.ts';
import * as movement from '../engine/ops/movement.ts';
import * as reduce from '../engine/ops/reduce.ts';
import { dropout } from '../engine/random.ts';
import { type Shape, show } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Loss } from '../losses/loss.ts';
import * as regression from '../losses/regression.ts';
import { tor } from '../losses/tor.ts';
import * as torDual from '../losses/tor-dual.ts';
import * as torVariants from '../losses/tor-variants.ts';
import type { Differentiable, Input } from './check.ts';
import { distinct, indices, mask, positive, spread } from './samples.ts';

const lib = {
  ...elementwise,
  ...matrix,
  ...movement,
  ...reduce,
  dropout,
  ...regression,
  tor,
  ...torDual,
  ...torVariants,
};

export interface OpCase {
  name: string;
  /** The exported function that the case is about. */
  op: unknown;
  f: Differentiable;
  inputs: readonly Input[];
  tolerance?: number;
}

export interface LossCase {
  name: string;
  loss: Loss;
  params: Readonly<Record<string, number>>;
  inputs: readonly Input[];
  f: Differentiable;
}

interface OpOptions {
  /** What follows the tensors. */
  args?: readonly unknown[];
  /** How the tensors are passed, where not one after another. */
  call?: Differentiable;
  /** For `checkBackends`; says why where it is not the default. */
  tolerance?: number;
}

function op(
  f: unknown,
  given: readonly (Shape | Input)[],
  { args = [], call, tolerance }: OpOptions = {},
): OpCase {
  const inputs = given.map((x, i) => ('shape' in x ? x : spread(x, i)));
  const shapes = inputs.map(({ shape }) => show(shape)).join(' ');
  const extra = args.map((arg) => ` ${arg === undefined ? '-' : JSON.stringify(arg)}`).join('');
  const base = Object.entries(lib).find(([, value]) => value === f)?.[0];
  if (!base) throw new Error('a case of something that is not exported');
  // The cast: `args` are whatever this op takes after its tensors.
  const direct: Differentiable = (...xs) => (f as (...all: unknown[]) => Tensor)(...xs, ...args);
  return { name: `${base} ${shapes}${extra}`, op: f, f: call ?? direct, inputs, tolerance };
}

/** `wrt` inputs are differentiated, the others are constants; a tenth input element is more than a vec4. */
function loss(f: Loss, params: Readonly<Record<string, number>> = {}, shape: Shape = [7, 3]): LossCase {
  const { name, inputs: names, wrt = ['pred'] } = f.definition;
  const inputs = names.map((key, i) => {
    const input = key === 'outlier' ? mask(shape) : spread(shape, i);
    return { ...input, isConstant: !wrt.includes(key) };
  });
  const text = Object.entries(params).map(([key, value]) => ` ${key} ${value}`);
  return {
    name: `${name}${text.join('')}`,
    loss: f,
    params,
    inputs,
    f: (...xs) => f(Object.fromEntries(names.map((key, i) => [key, xs[i]!])), params),
  };
}

const { add, sub, mul, div } = lib;

const elementwiseCases = [
  ...[add, sub, mul, div].flatMap((f) => [
    op(f, [
      [4, 3],
      [4, 3],
    ]),
    op(f, [
      [2, 3, 5],
      [3, 1],
    ]), // stretched in the middle
    op(f, [
      [4, 1],
      [1, 5],
    ]), // both stretched
    op(f, [[3], []]), // a scalar
    op(f, [[], [2, 3]]),
    op(f, [
      [2, 1, 3, 1],
      [4, 1, 5],
    ]), // rank 4, nothing to merge
  ]),
  op(add, [[5]], { args: [0.5] }),
  op(sub, [[5]], { call: (x) => sub(2, x) }),
  op(div, [[5]], { call: (x) => div(2, x) }),
  op(mul, [[4]], { call: (x) => mul(x, x) }), // one tensor as both operands
  op(lib.maximum, [
    [4, 3],
    [4, 3],
  ]),
  op(lib.maximum, [[4, 3], [3]]),
  op(lib.minimum, [
    [4, 3],
    [4, 3],
  ]),
  op(lib.minimum, [
    [1, 3],
    [4, 1],
  ]),
  ...[lib.greater, lib.less, lib.equal].map((f) => op(f, [[4, 3], [3]])),
  op(lib.where, [mask([4, 3]), [4, 3], [4, 3]]),
  op(lib.where, [mask([4, 3]), [3], [4, 1]]),
  op(lib.where, [mask([3]), [4, 3]], { args: [0] }),
  ...[lib.neg, lib.abs, lib.sign, lib.square, lib.reciprocal, lib.exp, lib.sin, lib.cos, lib.erf].map((f) =>
    op(f, [[4, 3]]),
  ),
  ...[lib.sqrt, lib.log].map((f) => op(f, [positive([4, 3])])),
  ...[lib.tanh, lib.sigmoid, lib.relu, lib.softplus, lib.gelu, lib.normalDensity, lib.normalDistribution].map(
    (f) => op(f, [[3, 7]]),
  ),
  ...[lib.tanhGrad, lib.sigmoidGrad, lib.reluGrad].flatMap((f) => [
    op(f, [
      [4, 3],
      [4, 3],
    ]),
    op(f, [[4, 3], [3]]),
  ]),
  op(dropout, [[5, 3]], { args: [0.4, { seed: 3, call: 0 }] }),
];

const reduceCases = [
  ...[lib.sum, lib.mean].flatMap((f) => [
    op(f, [[4, 3]]),
    op(f, [[4, 3]], { args: [0] }),
    op(f, [[4, 3]], { args: [-1] }),
    op(f, [[2, 3, 4]], { args: [1, { keepDims: true }] }),
    op(f, [[2, 3, 4, 2]], { args: [[0, 2]] }), // two runs of axes
    op(f, [[2, 3, 4]], { args: [[0, 1], { keepDims: true }] }),
    op(f, [[1, 3, 1]], { args: [[0, 2]] }), // nothing to add up
    op(f, [[]]),
    // More than 1,024: a workgroup an output. 1,100 float32 additions, 5 by 8 of them in a row, of numbers up to 2.
    op(f, [[2, 1100]], { args: [1], tolerance: 2e-5 }),
    op(f, [[1100, 3]], { args: [0], tolerance: 2e-5 }),
    op(f, [[1100]], { tolerance: 2e-5 }),
  ]),
  op(lib.max, [distinct([4, 3])]),
  op(lib.max, [distinct([4, 3])], { args: [0] }),
  op(lib.max, [distinct([2, 3, 4])], { args: [[0, 2], { keepDims: true }] }),
  op(lib.max, [distinct([2, 1100])], { args: [1] }),
  op(lib.sumTo, [[2, 3, 4]], { args: [[3, 1]] }),
  op(lib.sumTo, [[2, 3]], { args: [[]] }),
];

const movementCases = [
  op(lib.reshape, [[4, 6]], { args: [[3, -1]] }),
  op(lib.transpose, [[4, 3]]),
  op(lib.transpose, [[2, 3, 4]], { args: [[1, 2, 0]] }),
  op(lib.transpose, [[2, 3, 4, 2]], { args: [[0, 3, 1, -2]] }),
  op(lib.broadcastTo, [[3, 1]], { args: [[2, 3, 4]] }),
  op(lib.broadcastTo, [[]], { args: [[2, 3]] }),
  op(lib.slice, [[5, 3]], { args: [0, 1, 4] }),
  op(lib.slice, [[5, 7]], { args: [-1, 2, 7] }),
  op(lib.slice, [[2, 5, 3]], { args: [1, 4, 5] }),
  op(
    lib.concat,
    [
      [2, 3],
      [4, 3],
    ],
    { call: (...xs) => lib.concat(xs, 0) },
  ),
  op(
    lib.concat,
    [
      [2, 3],
      [2, 1],
      [2, 5],
    ],
    { call: (...xs) => lib.concat(xs, 1) },
  ),
  op(lib.concat, [[2, 3]], { call: (x) => lib.concat([x, x], -1) }),
  op(
    lib.concat,
    Array.from({ length: 16 }, (_, i) => [2, (i % 3) + 1, 2]),
    { call: (...xs) => lib.concat(xs, 1) },
  ),
  op(lib.gatherRows, [[4, 3], indices([2, 0, 2, 3, 1, 2])]),
  op(lib.gatherRows, [[5], indices([4, 4])]),
  op(lib.gatherRows, [[3, 2, 2], indices([1, 7])]), // 7 reads the last row
  op(lib.scatterRows, [[6, 3], indices([2, 0, 2, 3, 1, 2])], { args: [5] }),
  op(lib.scatterRows, [[3, 2], indices([1, 7, 0])], { args: [3] }),
];

const transposes = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

const matmulCases = [
  ...transposes.flatMap(({ transposeA, transposeB }) => {
    const pair = (lead: Shape, [m, k, n]: readonly [number, number, number], leadB = lead) => {
      const a = transposeA ? [...lead, k, m] : [...lead, m, k];
      const b = transposeB ? [...leadB, n, k] : [...leadB, k, n];
      return op(lib.matmul, [a, b], { args: [{ transposeA, transposeB }], tolerance: 1e-5 }); // products of 2 by 2
    };
    return [
      pair([], [3, 5, 2]),
      pair([], [4, 8, 4]),
      pair([], [9, 6, 7]),
      pair([2], [3, 4, 5]),
      pair([2], [5, 3, 4], []),
      pair([], [5, 3, 4], [2]),
      pair([2, 2], [1, 3, 1]),
    ];
  }),
  ...(['identity', 'relu', 'tanh', 'sigmoid'] as const).flatMap((activation) => [
    op(lib.linear, [[5, 3], [3, 4], [4]], { args: [activation], tolerance: 1e-5 }),
    op(
      lib.linear,
      [
        [5, 4],
        [4, 3],
      ],
      { args: [undefined, activation], tolerance: 1e-5 },
    ),
  ]),
  op(lib.linear, [[3, 9], [9, 7], [7]], { args: ['tanh'], tolerance: 1e-5 }), // several tiles of the weight's gradient
  op(lib.linear, [[3, 64], [64, 64], [64]], { args: ['tanh'], tolerance: 2e-5 }), // the largest tile, 64 products
  op(lib.linear, [[2, 5, 3], [3, 4], [4]], { args: ['tanh'], tolerance: 1e-5 }),
  op(
    lib.linear,
    [
      [2, 5, 3],
      [2, 3, 4],
      [2, 4],
    ],
    { args: ['tanh'], tolerance: 1e-5 },
  ), // a model for each of two seeds
  op(
    lib.linear,
    [
      [5, 1],
      [2, 1, 3],
      [2, 3],
    ],
    { args: ['sigmoid'], tolerance: 1e-5 },
  ), // which share their input
  op(lib.linear, [[5, 3], [2, 3, 2], [2]], { args: ['tanh'], tolerance: 1e-5 }),
];

export const opCases: readonly OpCase[] = [
  ...elementwiseCases,
  ...reduceCases,
  ...movementCases,
  ...matmulCases,
];

export const lossCases: readonly LossCase[] = [
  loss(lib.mse),
  loss(lib.mae),
  loss(lib.huber),
  loss(lib.huber, { delta: 0.11 }),
  loss(lib.kdMix),
  loss(lib.kdMix, { alpha: 0.9 }),
  ...[lib.tor, lib.torSmooth, lib.torSquare, lib.torDrop].flatMap((f) => [loss(f), loss(f, { eps: 1e-2 })]),
  ...[lib.torDual, lib.torDualSmooth, lib.torDualSquare, lib.torDualDrop].flatMap((f) => [
    loss(f),
    loss(f, { eps: 1e-2, teacherWeight: 0.3 }),
  ]),
];

/** What the cases must cover: everything that these modules export and that maps tensors to a tensor. */
export const opExports: Readonly<Record<string, unknown>> = {
  ...elementwise,
  ...matrix,
  ...movement,
  ...reduce,
  dropout,
};
