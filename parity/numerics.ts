/** A few kernels and the first steps of a small training, as hashes: they change where a study's bits would. */
import {
  add,
  averagePool2d,
  batchNormTraining,
  type GpuBackend,
  conv2d,
  conv2dWeightGrad,
  convTranspose2d,
  cos,
  div,
  erf,
  exp,
  grad,
  jsd,
  kdLoss,
  layerNorm,
  log,
  log1p,
  logSumExp,
  matmul,
  mean,
  mul,
  normal,
  pow,
  prod,
  reverseKlDivergence,
  sigmoid,
  sin,
  softmax,
  softplus,
  sqrt,
  sum,
  tanh,
  type Tensor,
  tensor,
  tidy,
  uniform,
  uniformValues,
} from '../index.ts';
import { sha256 } from '../base/sha256.ts';
import { distil } from './distillation.ts';
import { runs } from './runs.ts';

/** Enough for momentum, a schedule and a second epoch's order. */
const STEPS: Readonly<Record<string, number>> = { 'mlp-tanh': 6 };

/** By what was computed, a hash of its bits, cut short. For a backend with portable mathematics. */
export async function numericsHashes(backend: GpuBackend): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const [name, results] of Object.entries(kernels(backend))) {
    const numbers: number[] = [];
    for (const y of tidy(results)) {
      for (const value of await y.data()) numbers.push(value);
      y.dispose();
    }
    hashes[name] = await hashOf(new Uint8Array(Float32Array.from(numbers).buffer));
  }
  for (const [name, steps] of Object.entries(STEPS)) {
    const run = await distil(await runs[name]!.prepare(backend), steps, { backend, onStep() {} });
    hashes[name] = await hashOf(new TextEncoder().encode(JSON.stringify(run)));
  }
  return hashes;
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  return (await sha256(bytes)).slice(0, 16);
}

/** Numbers in [low, high), of a shape that no tile divides. */
function kernels(backend: GpuBackend): Record<string, () => Tensor[]> {
  const data = (shape: readonly number[], seed: number, low = -4, high = 4) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = uniformValues(size, { seed }).map((value) => low + (high - low) * value);
    return tensor(values, shape, backend);
  };
  const [x, y] = [data([37, 53], 1), data([37, 53], 2)];
  const positive = data([37, 53], 3, 0.01, 30);
  const images = data([3, 4, 9, 11], 4);
  return {
    functions: () => [exp(x), tanh(x), sigmoid(x), softplus(x), erf(x), sin(x), cos(x)],
    'functions of positive numbers': () => [log(positive), log1p(positive), sqrt(positive), pow(positive, y)],
    arithmetic: () => [add(x, y), mul(x, y), div(x, positive)],
    sums: () => [
      sum(data([70_001], 5)),
      ...[[0], [1], [0, 1]].map((axes) => sum(x, axes)),
      mean(x, 1),
      prod(data([6, 7], 6, 0.5, 1.5), 1),
      logSumExp(x, [1]),
      sum(images, [0, 2, 3]),
    ],
    normalisation: () => [
      softmax(x),
      layerNorm(x, { axes: [1] }),
      batchNormTraining(images, { scale: data([4], 7), bias: data([4], 8) }).y,
    ],
    products: () => [
      matmul(data([33, 65], 9), data([65, 17], 10)),
      matmul(data([65, 33], 11), data([65, 17], 12), { transposeA: true }),
      matmul(data([1, 1000], 13), data([1000, 3], 14)),
      conv2d(images, data([5, 4, 3, 3], 15)),
      conv2dWeightGrad(images, data([3, 5, 7, 9], 16), [3, 3]),
      convTranspose2d(images, data([4, 5, 3, 3], 17)),
      averagePool2d(images, { size: 2 }),
    ],
    'losses of rows': () =>
      // Rows of an invocation each, of 64 columns one by one and in fours, and of 256.
      [7, 53, 64, 2052].flatMap((classes) => {
        const logits = data([5, classes], 18);
        logits.requiresGrad = true;
        const teacher = data([5, classes], 19);
        const label = tensor([0, 2, 4, 6, 1], [5], backend, { dtype: 'u32' });
        return [
          kdLoss({ logits, teacher, label }),
          reverseKlDivergence({ logits, teacher }),
          jsd({ logits, teacher }),
        ].flatMap((loss) => [loss, ...grad(loss, [logits])]);
      }),
    draws: () => [uniform([1001], backend, { seed: 1 }), normal([1001], backend, { seed: 2 })],
  };
}
