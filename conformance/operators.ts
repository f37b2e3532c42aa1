/** Every WebNN operator in scope, as ops of the engine, and the operators that are not in scope, with the reason. */
import * as lib from '../index.ts';
import type { Shape, Tensor } from '../index.ts';
import type { Arguments } from './arguments.ts';
import { inChannelsFirst } from './layouts.ts';
import { conv2d, convTranspose2d, pool } from './window-operators.ts';

type Compute = (args: Arguments) => Tensor | readonly Tensor[];
type Reduction = (x: Tensor, axes?: readonly number[], options?: lib.ReduceOptions) => Tensor;

const unary =
  (f: (x: Tensor) => Tensor): Compute =>
  (args) =>
    f(args.tensor('input'));
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Compute =>
  (args) =>
    f(args.tensor('a'), args.tensor('b'));
const reduction =
  (f: Reduction): Compute =>
  (args) =>
    f(args.tensor('input'), args.get<number[] | undefined>('axes', undefined), {
      keepDims: args.get('keepDimensions', false),
    });

const sliceOf = (args: Arguments): Tensor => {
  const steps = args.get<number[]>('strides', []);
  const sizes = args.get<number[]>('sizes', []);
  return args
    .get<number[]>('starts', [])
    .reduce(
      (x, start, axis) => lib.slice(x, axis, start, start + sizes[axis]!, { step: steps[axis] ?? 1 }),
      args.tensor('input'),
    );
};

const splitOf = (args: Arguments): readonly Tensor[] => {
  const x = args.tensor('input');
  const axis = args.get('axis', 0);
  const splits = args.get<number | number[]>('splits', 1);
  const equal = (count: number) => Array.from({ length: count }, () => x.shape[axis]! / count);
  return lib.split(x, typeof splits === 'number' ? equal(splits) : splits, axis);
};

const PAD_MODES: Readonly<Record<string, 'constant' | 'edge' | 'reflect' | 'symmetric'>> = {
  constant: 'constant',
  edge: 'edge',
  reflection: 'reflect',
  symmetric: 'symmetric',
};

const padOf = (args: Arguments): Tensor => {
  const after = args.get<number[]>('endingPadding', []);
  const widths = args
    .get<number[]>('beginningPadding', [])
    .map((before, axis): [number, number] => [before, after[axis]!]);
  return lib.pad(args.tensor('input'), widths, {
    mode: PAD_MODES[args.get('mode', 'constant')],
    value: args.get('value', 0),
  });
};

const scaleAndBias = (args: Arguments) => ({
  scale: args.optional('scale'),
  bias: args.optional('bias'),
  eps: args.get('epsilon', 1e-5),
});

/** Scale and bias have their axes in the order in which the operator names them; the engine, in the order of x. */
const layerNormOf = (args: Arguments): Tensor => {
  const x = args.tensor('input');
  const axes = args.get('axes', x.shape.map((_, axis) => axis).slice(1));
  const order = [...axes.keys()].sort((i, j) => axes[i]! - axes[j]!);
  const sorted = (part: Tensor | undefined) => part && lib.transpose(part, order);
  const { scale, bias, eps } = scaleAndBias(args);
  return lib.layerNorm(x, {
    axes: order.map((i) => axes[i]!),
    scale: sorted(scale),
    bias: sorted(bias),
    eps,
  });
};

export const operators: Readonly<Record<string, Compute>> = {
  // Element by element
  abs: unary(lib.abs),
  ceil: unary(lib.ceil),
  cos: unary(lib.cos),
  erf: unary(lib.erf),
  exp: unary(lib.exp),
  floor: unary(lib.floor),
  identity: unary((x) => x),
  log: unary(lib.log),
  neg: unary(lib.neg),
  reciprocal: unary(lib.reciprocal),
  sign: unary(lib.sign),
  sin: unary(lib.sin),
  sqrt: unary(lib.sqrt),
  tan: unary(lib.tan),
  add: binary(lib.add),
  sub: binary(lib.sub),
  mul: binary(lib.mul),
  div: binary(lib.div),
  max: binary(lib.maximum),
  min: binary(lib.minimum),
  pow: binary(lib.pow),
  clamp: (args) =>
    lib.clamp(args.tensor('input'), args.get('minValue', -Infinity), args.get('maxValue', Infinity)),
  linear: (args) => lib.add(lib.mul(args.tensor('input'), args.get('alpha', 1)), args.get('beta', 0)),

  // Activations
  elu: (args) => lib.elu(args.tensor('input'), args.get('alpha', 1)),
  gelu: unary(lib.gelu),
  hardSigmoid: (args) =>
    lib.hardSigmoid(args.tensor('input'), { alpha: args.get('alpha', 0.2), beta: args.get('beta', 0.5) }),
  hardSwish: unary(lib.hardSwish),
  leakyRelu: (args) => lib.leakyRelu(args.tensor('input'), args.get('alpha', 0.01)),
  prelu: (args) => lib.prelu(args.tensor('input'), args.tensor('slope')),
  relu: unary(lib.relu),
  sigmoid: unary(lib.sigmoid),
  // Without an axis: an older form, for matrices alone.
  softmax: (args) => lib.softmax(args.tensor('input'), args.get('axis', 1)),
  softplus: unary(lib.softplus),
  softsign: unary(lib.softsign),
  tanh: unary(lib.tanh),

  // Reductions
  reduceL1: reduction(lib.l1Norm),
  reduceL2: reduction(lib.l2Norm),
  reduceLogSum: reduction(lib.logSum),
  reduceLogSumExp: reduction(lib.logSumExp),
  reduceMax: reduction(lib.max),
  reduceMean: reduction(lib.mean),
  reduceMin: reduction(lib.min),
  reduceProduct: reduction(lib.prod),
  reduceSum: reduction(lib.sum),
  reduceSumSquare: reduction(lib.sumSquare),

  // Products and convolutions
  matmul: binary(lib.matmul),
  gemm: (args) =>
    lib.gemm(args.tensor('a'), args.tensor('b'), {
      c: args.optional('c'),
      alpha: args.get('alpha', 1),
      beta: args.get('beta', 1),
      transposeA: args.get('aTranspose', false),
      transposeB: args.get('bTranspose', false),
    }),
  conv2d,
  convTranspose2d,
  // The padding is no part of an average.
  averagePool2d: pool((x, options) => lib.averagePool2d(x, { ...options, countIncludePad: false })),
  l2Pool2d: pool(lib.l2Pool2d),
  maxPool2d: pool(lib.maxPool2d),

  // Normalisation
  batchNormalization: (args) =>
    lib.batchNorm(args.tensor('input'), {
      mean: args.tensor('mean'),
      variance: args.tensor('variance'),
      axis: args.get('axis', 1),
      ...scaleAndBias(args),
    }),
  instanceNormalization: (args) =>
    inChannelsFirst(args, 'layout', (x) => lib.instanceNorm(x, scaleAndBias(args))),
  layerNormalization: layerNormOf,

  // Movement
  concat: (args) => lib.concat(args.tensors('inputs'), args.get('axis', 0)),
  expand: (args) => lib.broadcastTo(args.tensor('input'), args.get<Shape>('newShape', [])),
  pad: padOf,
  reshape: (args) => lib.reshape(args.tensor('input'), args.get<Shape>('newShape', [])),
  slice: sliceOf,
  split: splitOf,
  transpose: (args) =>
    lib.transpose(args.tensor('input'), args.get<number[] | undefined>('permutation', undefined)),
};

const INTEGERS = 'its result or its operands are integers, and the engine computes with float32';
const RECURRENT = 'recurrent networks are not built';

/** What is left out on purpose. An operator that is in neither table is a failure. */
export const outOfScope: Readonly<Record<string, string>> = {
  argMax: INTEGERS,
  argMin: INTEGERS,
  cast: INTEGERS,
  dequantizeLinear: INTEGERS,
  quantizeLinear: INTEGERS,
  logicalAnd: INTEGERS,
  logicalNot: INTEGERS,
  logicalOr: INTEGERS,
  logicalXor: INTEGERS,
  gru: RECURRENT,
  gruCell: RECURRENT,
  lstm: RECURRENT,
  lstmCell: RECURRENT,
};
