/** What makes points without data: an adversary beside the student, and data impressions before it. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { tanh } from '../../../engine/ops/pointwise/activations.ts';
import { exp, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { matmul } from '../../../engine/ops/matmul/matmul.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import {
  divergenceFromNormal,
  impressionLoss,
  impressionPoints,
} from '../../../losses/matching/impressions.ts';
import { mse } from '../../../losses/regression.ts';
import { buildTraining, chosenMethod } from '../../../methods/chosen-method.ts';
import { impressionNetwork } from '../../../methods/data-free/impressions.ts';
import type { NetworkInput } from '../../../models/network.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import type { StepInput } from '../../../train/training.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads, compareValues, noise } from '../../check.ts';
import { contextOf, lossesOf, mlpTeacher } from '../../method-context.ts';

const [ROWS, INPUTS, OUTPUTS] = [6, 3, 2];

describe('impressions', () => {
  test('their divergence is the integral that defines it', async () => {
    const [mean, logVariance] = [noise(2 * 4 * INPUTS, 1), noise(2 * 4 * INPUTS, 2)];
    /** ∫ p log(p / q) of p = N(m, exp l), q = N(0, 1), by sums over ±9 deviations. */
    const integral = (m: number, l: number) => {
      const [s, dz] = [Math.exp(l / 2), 1e-3];
      let total = 0;
      for (let z = -9; z <= 9; z += dz) {
        const p = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
        total += p * dz * ((-z * z) / 2 - l / 2 + (m + s * z) ** 2 / 2);
      }
      return total;
    };
    const wanted = [0, 1].map((seed) => {
      let sum = 0;
      for (let i = seed * 12; i < (seed + 1) * 12; i++) sum += integral(mean[i]!, logVariance[i]!);
      return sum / 4;
    });
    const given = {
      mean: tensor(mean, [2, 4, INPUTS], cpu),
      logVariance: tensor(logVariance, [2, 4, INPUTS], cpu),
    };
    const got = await divergenceFromNormal(given, { leadingAxes: 1 }).data();
    compareValues('divergence', got, Float64Array.from(wanted), 1e-8);
  });

  test('a point is mean + deviation · noise; the loss is its formula; gradients to order 2, GPU = CPU', async () => {
    const shape = [2, ROWS, INPUTS];
    const inputs = [
      { shape: [2, ROWS, OUTPUTS], values: noise(2 * ROWS * OUTPUTS, 3), isConstant: true },
      { shape, values: noise(36, 4) },
      { shape, values: noise(36, 5) },
      { shape: [INPUTS, OUTPUTS], values: noise(INPUTS * OUTPUTS, 6), isConstant: true },
    ];
    const [wanted, mean, logVariance, draws] = [noise(24, 3), noise(36, 4), noise(36, 5), noise(36, 7)];
    const of = (values: Float32Array, width: number) => tensor(values, [2, ROWS, width], cpu);
    const distribution = { mean: of(mean, INPUTS), logVariance: of(logVariance, INPUTS) };
    const points = await impressionPoints(distribution, of(draws, INPUTS)).data();
    for (const [i, x] of points.entries())
      expect(x).toBeCloseTo(mean[i]! + Math.exp(logVariance[i]! / 2) * draws[i]!, 10);
    const teacher = of(noise(24, 8), OUTPUTS);
    const given = { ...distribution, wanted: of(wanted, OUTPUTS), teacher };
    const loss = await impressionLoss(given, { divergenceWeight: 0.5, leadingAxes: 1 }).data();
    const error = await mse({ pred: teacher, label: given.wanted }, {}, { leadingAxes: 1 }).data();
    const apart = await divergenceFromNormal(distribution, { leadingAxes: 1 }).data();
    for (const [s, value] of loss.entries()) expect(value).toBeCloseTo(error[s]! + 0.5 * apart[s]!, 12);
    const f = (label: Tensor, m: Tensor, l: Tensor, weight: Tensor) => {
      const at = impressionPoints({ mean: m, logVariance: l }, exp(m));
      const predicted = networkOf(at, weight);
      return impressionLoss(
        { wanted: label, teacher: predicted, mean: m, logVariance: l },
        { divergenceWeight: 0.5, leadingAxes: 1 },
      );
    };
    await checkGrads(f, inputs);
    await checkBackends(f, inputs, { tolerance: 1e-5 });
    expect(() => impressionLoss(given, { divergenceWeight: -1 })).toThrow('divergenceWeight must be');
  });

  const made = (backend: Backend, seeds: readonly number[], steps = 80) => {
    const network = mlpTeacher(
      backend,
      [8],
      seeds.map((seed) => seed + 100),
      { inputs: INPUTS, outputs: OUTPUTS },
    );
    // Large enough for what is wanted, N(0, 1).
    const teacher = { ...network, forward: (input: NetworkInput) => mul(network.forward(input), 5) };
    const shape = { inputs: INPUTS, outputs: OUTPUTS, rows: ROWS };
    const context = contextOf(backend, { seeds, teacher, ...shape });
    const { points, stage } = impressionNetwork(context);
    return { context, points, training: { stages: [stage(steps)], deployed: network } };
  };

  test('the teacher comes to predict what is wanted; a seed as if alone', async () => {
    const backend = await gpu();
    const pointsOf = async (seeds: readonly number[]) => {
      const { context, points, training } = made(backend, seeds);
      const losses = await lossesOf(training, context, {});
      for (const [s, last] of losses.at(-1)!.entries()) expect(last).toBeLessThan(0.5 * losses[0]![s]!);
      backend.step.begin(7);
      const found = [...(await points().data())];
      backend.step.begin(8);
      expect([...(await points().data())]).not.toEqual(found);
      context.dispose();
      return found;
    };
    const together = await pointsOf([3, 4]);
    expect(together.slice(ROWS * INPUTS)).toEqual(await pointsOf([4]));
  });

  test('their training can be interrupted', async () => {
    const { context, training } = made(cpu, [1], 1000);
    const interrupt = new AbortController();
    const onReading = async () => interrupt.abort();
    expect(await lossesOf(training, context, {}, { onReading, signal: interrupt.signal })).toHaveLength(1);
    context.dispose();
  });
});

describe('an adversary', () => {
  /** Its weights after every step of a student that learns at its points, and the phases that the step was run for. */
  async function history(backend: Backend, { every, steps }: { every: number; steps: number }) {
    const seeds = [5, 6];
    const shape = { inputs: INPUTS, outputs: OUTPUTS };
    const teacher = mlpTeacher(
      backend,
      [8],
      seeds.map((seed) => seed + 100),
      shape,
    );
    const context = contextOf(backend, { seeds, teacher, ...shape, rows: ROWS, steps });
    const values = { ...defaults, sought: 1, generatorEvery: every };
    const built = buildTraining(chosenMethod('generator'), context, values);
    const phases: string[] = [];
    const stages = built.stages.map((stage) => ({
      ...stage,
      step(input: StepInput) {
        phases.push(input.phase);
        return stage.step(input);
      },
    }));
    const read = async (role: string) => {
      const own = Object.entries(context.networks).filter(([name]) => name.startsWith(`${role}.`));
      return (await Promise.all(own.map(([, x]) => x.data()))).map((each) => [...each]);
    };
    const weights = [(await read('adversary')).flat()];
    const onReading = async () => void weights.push((await read('adversary')).flat());
    await lossesOf({ ...built, stages }, context, {}, { onReading, readings: steps });
    const learned = await read('student');
    context.dispose();
    return { weights, phases, learned };
  }
  const changes = (weights: readonly number[][]) =>
    weights.flatMap((values, i) => (i > 0 && String(values) !== String(weights[i - 1]) ? [i] : []));

  test('is trained in every so many-th step, and else stays; each kind of step is captured', async () => {
    const backend = await gpu();
    const { weights, phases } = await history(backend, { every: 3, steps: 10 });
    expect(changes(weights)).toEqual([1, 4, 7, 10]);
    expect(phases).toEqual(['update', 'rest', 'rest', 'update']);
    expect(changes((await history(backend, { every: 1, steps: 4 })).weights)).toEqual([1, 2, 3, 4]);
    expect(changes((await history(backend, { every: 100, steps: 6 })).weights)).toEqual([1]);
  });

  test('captured steps in turn learn what the CPU, which captures none, learns', async () => {
    const options = { every: 3, steps: 8 };
    const [ours, wanted] = [await history(await gpu(), options), await history(cpu, options)];
    expect(wanted.phases).toHaveLength(8);
    for (const [i, values] of ours.learned.entries())
      compareValues(`parameter ${i}`, Float64Array.from(values), Float64Array.from(wanted.learned[i]!), 1e-3);
  });
});

function networkOf(x: Tensor, weight: Tensor): Tensor {
  return tanh(matmul(x, weight));
}
