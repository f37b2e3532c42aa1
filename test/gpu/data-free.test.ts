/** What makes points without data: an adversary beside the student. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../engine/backend.ts';
import { sgd } from '../../engine/optim.ts';
import { noGrad } from '../../engine/tape.ts';
import { mse } from '../../losses/regression.ts';
import { mlp } from '../../models/mlp.ts';
import { train } from '../../train/loop.ts';
import { adversary } from '../../train/methods/adversary.ts';
import { cpu, gpu } from '../backends.ts';
import { compareValues } from '../check.ts';

const [ROWS, INPUTS, OUTPUTS] = [6, 3, 2];

describe('an adversary', () => {
  /** Its weights after every step of a student that learns at its points, and the phases that `loss` was run for. */
  async function history(backend: Backend, { every, steps }: { every: number; steps: number }) {
    backend.step.reset();
    const seeds = [5, 6];
    const shape = { backend, inputs: INPUTS, outputs: OUTPUTS };
    const teacher = mlp({ ...shape, widths: [8], seed: seeds.map((seed) => seed + 100) }).forward;
    const student = mlp({ ...shape, widths: [4], seed: seeds });
    const network = adversary({ backend, seeds, inputs: INPUTS, every });
    const pair = { teacher, student: student.forward };
    const optimizer = sgd(student.parameters, { learningRate: 0.05, seeds: 2 });
    const weights: number[][] = [];
    const phases: string[] = [];
    const read = async () => {
      const all = await Promise.all(Object.values(network.parameters).map((x) => x.data()));
      weights.push(all.flatMap((values) => [...values]));
    };
    await read();
    await train({
      backend,
      batches: { prepare() {}, batch: () => ({}) },
      loss(_, phase) {
        phases.push(phase);
        const points = network.points(pair, { rows: ROWS, phase });
        const label = noGrad(() => teacher(points));
        return mse({ pred: student.forward(points), label }, {}, { leadingAxes: 1 });
      },
      phaseOf: network.phaseOf,
      optimizer,
      steps,
      readEvery: 1,
      onReading: read,
    });
    const learned = await Promise.all(Object.values(student.parameters).map((x) => x.data()));
    optimizer.dispose();
    network.dispose();
    return { weights, phases, learned: learned.map((values) => [...values]) };
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
