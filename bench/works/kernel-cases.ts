/** The kernels that training is made of, at the sizes of small students, with their operations and bytes. */
import { grad } from '../../engine/grad.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { gelu, relu, sigmoid, tanh } from '../../engine/ops/pointwise/activations.ts';
import { conv2d, conv2dWeightGrad, convTranspose2d } from '../../engine/ops/conv2d/conv2d.ts';
import { add, erf, exp, log, mul, pow } from '../../engine/ops/pointwise/elementwise.ts';
import { linear, matmul } from '../../engine/ops/matmul/matmul.ts';
import { batchNormTraining } from '../../engine/ops/reduce/normalize.ts';
import { maxPool2d } from '../../engine/ops/image/pool.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { softmax } from '../../engine/ops/reduce/softmax.ts';
import { normal, uniformValues } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tensor } from '../../engine/tensor.ts';
import type { Case, Run } from './case.ts';
import { CONVOLUTIONS, type ConvShape, convFlops, convText } from './convolutions.ts';
import { gradientShapeOf, inputShapeOf, weightShapeOf } from './operands.ts';
import { rowLossCases } from './row-loss-cases.ts';
import { trainingCases } from './training-cases.ts';

const dims = (shape: readonly number[]) => shape.join('×');
const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Uniform in [low, low + 1). */
function data(gpu: GpuBackend, shape: readonly number[], { seed = 0, low = -0.5, needsGrad = false } = {}) {
  const values = uniformValues(sizeOf(shape), { seed }).map((value) => value + low);
  return tensor(values, shape, gpu, { requiresGrad: needsGrad });
}

/** An op on tensors of its own, without a gradient; every operand is read once and every result written once. */
function op(
  name: string,
  shapes: readonly (readonly number[])[],
  {
    flops,
    result,
    f,
    low,
    shape,
    variants,
  }: {
    flops: number;
    /** Numbers in the result. */
    result: number;
    f: (...operands: Tensor[]) => Tensor;
    low?: number;
    /** In words, where the operands' shapes do not say it. */
    shape?: string;
    variants?: readonly string[];
  },
): Case {
  return {
    name,
    shape: shape ?? shapes.map(dims).join(', '),
    flops,
    bytes: 4 * (result + shapes.reduce((total, one) => total + sizeOf(one), 0)),
    variants,
    make(gpu) {
      const operands = shapes.map((one, seed) => data(gpu, one, { seed, low }));
      return () => noGrad(() => f(...operands));
    },
  };
}

export function kernelCases({ quick }: { quick: boolean }): Case[] {
  /** A length, or a small one that differs where the length does. */
  const n = (length: number) => (quick ? Math.max(2, Math.ceil(length / 64)) : length);
  return [
    ...pointwise([n(1024), n(1024)]),
    ...reductions(n),
    ...layers(n),
    ...products(n),
    ...CONVOLUTIONS[quick ? 'quick' : 'full'].slice(-2).flatMap(convolutions),
    ...trainingCases({ quick }),
    ...rowLossCases({ quick }),
  ];
}

function pointwise(square: readonly number[]): Case[] {
  const size = sizeOf(square);
  const once = { flops: size, result: size };
  const [rows, columns] = square as [number, number];
  const mathematics: [string, (x: Tensor) => Tensor][] = [
    ['exp', exp],
    ['log', log],
    ['tanh', tanh],
    ['sigmoid', sigmoid],
    ['gelu', gelu],
    ['erf', erf],
  ];
  return [
    op('add', [square, square], { ...once, f: (a, b) => add(a, b) }),
    op('mul', [square, square], { ...once, f: (a, b) => mul(a, b) }),
    op('relu', [square], { ...once, f: (x) => relu(x) }),
    op('add, a row to every row', [square, [columns]], { ...once, f: (a, b) => add(a, b) }),
    op('mul, a column by a row', [[rows, 1], [columns]], { ...once, f: (a, b) => mul(a, b) }),
    ...mathematics.map(([name, f]) =>
      // Positive numbers, for the logarithm's sake.
      op(name, [square], { ...once, f: (x) => f(x), low: 0.5, variants: ['native'] }),
    ),
    op('pow', [square, square], { ...once, f: (a, b) => pow(a, b), low: 0.5, variants: ['native'] }),
    {
      name: 'normal numbers',
      shape: dims(square),
      flops: size,
      bytes: 4 * size,
      make: (gpu) => () => normal(square, gpu, { seed: 1 }),
    },
  ];
}

function reductions(n: (length: number) => number): Case[] {
  const reduce = (name: string, shape: readonly number[], axes: number[], result: number) =>
    op(name, [shape], { flops: sizeOf(shape), result, f: (x) => sum(x, axes) });
  return [
    reduce('sum of everything', [n(1024), n(1024)], [0, 1], 1),
    reduce('sum of rows', [n(1024), n(1024)], [1], n(1024)),
    reduce('sum of columns', [n(1024), n(1024)], [0], n(1024)),
    reduce('sum of short rows', [n(65_536), n(16)], [1], n(65_536)),
    reduce('sum of channels', [n(16), n(64), n(32), n(32)], [0, 2, 3], n(64)),
    // The largest, the difference, its exponential, their sum, the quotient.
    op('softmax', [[n(1024), n(1000)]], {
      flops: 5 * n(1024) * n(1000),
      result: n(1024) * n(1000),
      f: (x) => softmax(x),
    }),
  ];
}

function layers(n: (length: number) => number): Case[] {
  const images = [n(16), n(64), n(32), n(32)];
  const size = sizeOf(images);
  const eyes = [n(32), n(20), 32, 56];
  const pooled = sizeOf(eyes) / 4;
  return [
    // The mean, the deviation and its square, the difference, two factors and a term.
    op('batchNormTraining', [images, [n(64)], [n(64)]], {
      flops: 7 * size,
      result: size,
      f: (x, scale, bias) => batchNormTraining(x, { scale, bias }).y,
    }),
    // Two sums, and a difference of three terms of which two have factors.
    backward('batchNormTraining, gradients', images, {
      flops: 9 * size,
      bytes: 4 * 3 * size,
      forward: (x, gpu) => {
        const scale = data(gpu, [n(64)], { seed: 2, needsGrad: true });
        const bias = data(gpu, [n(64)], { seed: 3, needsGrad: true });
        return { y: batchNormTraining(x, { scale, bias }).y, wanted: [x, scale, bias] };
      },
    }),
    op('maxPool2d', [eyes], {
      flops: 3 * pooled,
      result: pooled,
      f: (x) => maxPool2d(x, { size: 2 }),
      shape: `${dims(eyes)}, 2×2`,
    }),
    backward('maxPool2d, gradient', eyes, {
      flops: 3 * pooled,
      bytes: 4 * (2 * sizeOf(eyes) + pooled),
      forward: (x) => ({ y: maxPool2d(x, { size: 2 }), wanted: [x] }),
    }),
  ];
}

/** The backward pass alone: the forward one has been. */
function backward(
  name: string,
  shape: readonly number[],
  {
    flops,
    bytes,
    forward,
  }: {
    flops: number;
    bytes: number;
    forward: (x: Tensor, gpu: GpuBackend) => { y: Tensor; wanted: readonly Tensor[] };
  },
): Case {
  return {
    name,
    shape: dims(shape),
    flops,
    bytes,
    make(gpu): Run {
      const { y, wanted } = forward(data(gpu, shape, { needsGrad: true }), gpu);
      const seed = data(gpu, y.shape, { seed: 1 });
      return () => grad(y, wanted, { seed });
    },
  };
}

function products(n: (length: number) => number): Case[] {
  const product = (
    m: number,
    k: number,
    o: number,
    name = 'matmul',
    f = matmul as (...x: Tensor[]) => Tensor,
  ) =>
    op(name, [[m, k], [k, o], ...(name === 'matmul' ? [] : [[o]])], {
      flops: 2 * m * k * o,
      result: m * o,
      f: (...operands) => f(...operands),
      shape: `${m}×${k} by ${k}×${o}`,
    });
  const dense = (m: number, k: number, o: number) =>
    product(m, k, o, 'linear, relu', (x, weight, bias) => linear(x!, weight!, bias, 'relu'));
  const weightGradient = (m: number, k: number, o: number) =>
    op(
      'matmul, a transposed',
      [
        [k, m],
        [k, o],
      ],
      {
        flops: 2 * m * k * o,
        result: m * o,
        f: (a, b) => matmul(a, b, { transposeA: true }),
        shape: `${m}×${k} by ${k}×${o}`,
      },
    );
  return [
    ...[256, 512, 1024].map((length) => product(n(length), n(length), n(length))),
    dense(n(256), 1, n(100)),
    dense(n(256), n(100), n(100)),
    dense(n(256), n(100), 1),
    weightGradient(n(100), n(256), n(100)),
    dense(n(32), n(3600), n(500)),
    weightGradient(n(3600), n(32), n(500)),
  ];
}

/** Forward, and both gradients, as `bench conv` has them. */
function convolutions(given: ConvShape): Case[] {
  const [x, weight, gradient] = [inputShapeOf(given), weightShapeOf(given), gradientShapeOf(given)];
  const pass = (
    name: string,
    operands: readonly (readonly number[])[],
    result: readonly number[],
    f: (...x: Tensor[]) => Tensor,
  ) =>
    op(name, operands, {
      flops: convFlops(given),
      result: sizeOf(result),
      f: (...both) => f(...both),
      shape: convText(given),
    });
  const { kernel } = given;
  return [
    pass('conv2d', [x, weight], gradient, (a, b) => conv2d(a!, b!)),
    pass('conv2d, gradient by input', [gradient, weight], x, (g, w) => convTranspose2d(g!, w!)),
    pass('conv2d, gradient by weight', [x, gradient], weight, (a, g) =>
      conv2dWeightGrad(a!, g!, [kernel, kernel]),
    ),
  ];
}
