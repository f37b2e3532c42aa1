/**
 * Ten training steps against numbers that PyTorch computed in float64: `fixtures/golden.py` made them,
 * `fixtures/golden.json` holds them.
 */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { adam, adamW, type Optimizer, type Parameters, rmsProp, sgd } from '../../../engine/optim/optim.ts';
import { linear } from '../../../engine/ops/matmul/matmul.ts';
import { type Tensor, tensor, tidy } from '../../../engine/tensor.ts';
import { huber, mse } from '../../../losses/regression.ts';
import { torDual, torDualSmooth } from '../../../losses/tor-dual.ts';
import { cpu, gpu } from '../../backends.ts';
import fixture from '../../fixtures/golden.json' with { type: 'json' };

interface Run {
  name: string;
  loss: {
    name: 'tor-dual' | 'mse' | 'huber';
    branch?: 'sqrt' | 'smooth';
    eps?: number;
    teacherWeight?: number;
    delta?: number;
  };
  optimizer: 'Adam' | 'AdamW' | 'SGD' | 'RMSprop';
  options: {
    lr: number;
    betas?: [number, number];
    eps?: number;
    weight_decay?: number;
    momentum?: number;
    alpha?: number;
    clipNorm?: number;
  };
  losses: number[];
  final: Record<string, number[]>;
}

interface Golden {
  data: Record<'x' | 'label' | 'teacher' | 'outlier', number[]>;
  initial: Record<string, { shape: number[]; values: number[] }>;
  runs: Run[];
}

// JSON widens what the interface narrows.
const golden = fixture as unknown as Golden;

function optimizerOf(parameters: Parameters, { optimizer, options }: Run): Optimizer {
  const {
    lr: learningRate,
    eps,
    weight_decay: weightDecay,
    momentum,
    alpha,
    clipNorm: maxGradNorm,
  } = options;
  const [beta1, beta2] = options.betas ?? [];
  switch (optimizer) {
    case 'Adam':
      return adam(parameters, { learningRate, beta1, beta2, eps, maxGradNorm });
    case 'AdamW':
      return adamW(parameters, { learningRate, beta1, beta2, eps, weightDecay, maxGradNorm });
    case 'SGD':
      return sgd(parameters, { learningRate, momentum, maxGradNorm });
    case 'RMSprop':
      return rmsProp(parameters, { learningRate, alpha, eps, maxGradNorm });
  }
}

/** The student of `golden.py`, layer by layer, with its initial numbers; `models/` has tests of its own. */
function lossOf(
  { loss: { name, branch, ...params } }: Run,
  parameters: Parameters,
  data: Record<string, Tensor>,
): Tensor {
  const layer = (key: string, x: Tensor, activation?: 'tanh') =>
    linear(x, parameters[`${key}.weight`]!, parameters[`${key}.bias`]!, activation);
  const features = layer('trunk.1', layer('trunk.0', data.x!, 'tanh'), 'tanh');
  const pred = layer('label.0', features);
  const { label, teacher, outlier } = data as Record<'label' | 'teacher' | 'outlier', Tensor>;
  if (name === 'mse') return mse({ pred, label });
  if (name === 'huber') return huber({ pred, label }, params);
  const dual = branch === 'smooth' ? torDualSmooth : torDual;
  return dual({ pred, teacherPred: layer('teacher.0', features), label, teacher, outlier }, params);
}

async function train(run: Run, backend: Backend) {
  const entries = Object.keys(run.final).map((name) => {
    const { shape, values } = golden.initial[name]!;
    return [name, tensor(values, shape, backend, { requiresGrad: true, label: name })] as const;
  });
  const parameters: Parameters = Object.fromEntries(entries);
  const data = Object.fromEntries(
    Object.entries(golden.data).map(([name, values]) => [name, tensor(values, [values.length, 1], backend)]),
  );
  const optimizer = optimizerOf(parameters, run);
  const losses = run.losses.map(() =>
    tidy(() => {
      const loss = lossOf(run, parameters, data);
      optimizer.step(grad(loss, Object.values(parameters)));
      return loss;
    }),
  );
  const result = {
    losses: await Promise.all(losses.map((loss) => loss.item())),
    final: await Promise.all(entries.map(async ([name, x]) => [name, await x.data()] as const)),
  };
  optimizer.dispose();
  return result;
}

/** Largest |got / wanted - 1|; NaN if there is one. */
function worst(got: ArrayLike<number>, wanted: readonly number[]): number {
  return wanted.reduce((most, value, i) => {
    const error = Math.abs(got[i]! / value - 1);
    return error <= most ? most : error;
  }, 0);
}

const goldenRuns: readonly Run[] = golden.runs;

/** Losses within `tolerance`, relative; weights within ten times that of the largest of their parameter. */
async function expectGolden(run: Run, backend: Backend, tolerance: number): Promise<void> {
  expect(run.losses).toHaveLength(10);
  const { losses, final } = await train(run, backend);
  expect(worst(losses, run.losses), `losses ${losses.join(', ')}`).toBeLessThan(tolerance);
  for (const [name, values] of final) {
    // Relative to the largest of a parameter: one that happens to be near 0 has no digits to compare.
    const wanted = run.final[name]!;
    const scale = Math.max(...wanted.map(Math.abs));
    const error = Math.max(...wanted.map((value, i) => Math.abs(values[i]! - value) / scale));
    expect(error, name).toBeLessThan(10 * tolerance);
  }
}

const backends: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-10', async () => cpu, 1e-10],
  ['GPU, to 1e-4', gpu, 1e-4],
];

describe.each(backends)('%s', (_, open, tolerance) => {
  test.each(goldenRuns)('$name', async (run) => expectGolden(run, await open(), tolerance));
});

test('the fixture is what this test thinks it is', () => {
  expect(goldenRuns.map(({ name }) => name)).toContain('tor-dual');
  expect(new Set(goldenRuns.map(({ optimizer }) => optimizer)).size).toBe(4);
  for (const { losses } of goldenRuns) expect(losses[9]).toBeLessThan(losses[0]!);
});
