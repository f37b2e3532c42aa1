/** `captureSmall`: a user's own loop has the bits of `capture`, by the kernel of small networks where the step is of its form. */
import { describe, expect, test } from 'vitest';
import { capture, type CapturedStep } from '../../../../engine/capture.ts';
import { Batches } from '../../../../engine/data/batches.ts';
import { MetricRing } from '../../../../engine/data/metric-ring.ts';
import { grad } from '../../../../engine/grad.ts';
import { mul } from '../../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../../engine/ops/reduce/sum.ts';
import { adam, type Optimizer } from '../../../../engine/optim/optim.ts';
import { captureSmall } from '../../../../engine/small/capture-small.ts';
import type { Tensor } from '../../../../engine/tensor.ts';
import { mse } from '../../../../losses/regression.ts';
import { mlp } from '../../../../models/mlp.ts';
import { gpu } from '../../../backends.ts';
import { noise } from '../../../check.ts';
import { hasNoSubgroups } from '../../../small-networks.ts';

const SEEDS = [0, 1];
const ROWS = 20;
const STEPS = 7;

interface Parts {
  readonly loss: Tensor;
  readonly pred: Tensor;
  readonly optimizer: Optimizer;
  readonly ring: MetricRing;
  /** From outside the step, too. */
  readonly other: MetricRing;
}

type Step = (parts: Parts) => unknown;

const kept: Step = ({ loss, optimizer, ring }) => {
  optimizer.minimise(loss);
  ring.store(loss);
};

/** Losses, weights and the other tensor of a loop of `step`, and what was chosen. */
async function looped(step: Step, isSmall: boolean) {
  const backend = await gpu();
  backend.step.reset();
  const model = mlp({ backend, widths: [6, 5], seed: SEEDS });
  const column = (i: number) => ({ values: noise(SEEDS.length * ROWS, i), width: 1 });
  const batches = new Batches<string>({ x: column(1), label: column(2) }, backend, {
    batchSize: 8,
    seed: SEEDS,
  });
  const optimizer = adam(model.parameters, { seeds: SEEDS.length });
  const ring = new MetricRing(STEPS, backend, { count: SEEDS.length });
  const other = new MetricRing(1, backend, { count: SEEDS.length });
  const run = () => {
    const { x, label } = batches.batch();
    const pred = model.forward(x!);
    const loss = mse({ pred, label: label! }, {}, { leadingAxes: 1 });
    return step({ loss, pred, optimizer, ring, other });
  };
  const choices: (string | undefined)[] = [];
  const onChoice = (reason?: string) => void choices.push(reason);
  const captured: CapturedStep<unknown> = isSmall
    ? await captureSmall(run, backend, { batches, optimizer, isForced: true, onChoice })
    : capture(run, backend);
  const returned: number[][] = [];
  for (let i = 0; i < STEPS; i++) {
    batches.prepare(i);
    const result = captured();
    const loss = result as Tensor | undefined;
    if (loss) returned.push([...(await loss.data())]);
  }
  const weights = await Promise.all(Object.values(model.parameters).map(async (x) => [...(await x.data())]));
  const found = {
    ...{ returned, weights, other: await other.read(0, 0) },
    losses: await ring.read(1, STEPS),
    ...{ updates: optimizer.updates, step: backend.step.number },
  };
  const { commands } = captured;
  captured.dispose();
  for (const held of [ring, other, batches, optimizer, ...Object.values(model.parameters)]) held.dispose();
  return { found, choices, commands };
}

// Without subgroups there is no such kernel (`hasNoSubgroups`); ordinary steps have tests of their own.
describe.skipIf(hasNoSubgroups)('as capture', () => {
  test.each<[string, Step]>([
    ['whose loss is kept', kept],
    [
      'whose loss is returned',
      ({ loss, optimizer }) => {
        optimizer.minimise(loss);
        return loss;
      },
    ],
    [
      'whose gradients are taken by grad, after the loss was kept',
      ({ loss, optimizer, ring }) => {
        ring.store(loss);
        optimizer.step(grad(loss, Object.values(optimizer.parameters), { perSeed: true }));
      },
    ],
    [
      'that computes what nobody reads',
      ({ pred, ...parts }) => {
        sum(pred);
        kept({ pred, ...parts });
      },
    ],
  ])('a step %s is one dispatch', async (_, step) => {
    const [ordinary, small] = [await looped(step, false), await looped(step, true)];
    expect(small.found).toEqual(ordinary.found);
    expect(small.choices).toEqual([undefined]);
    expect(small.commands).toBe(1);
  });

  test.each<[string, Step, RegExp]>([
    ['a scaled loss', ({ loss, ...parts }) => kept({ ...parts, loss: mul(2, loss) }), /the loss is mul/],
    [
      'scaled gradients',
      ({ loss, optimizer }) => optimizer.step(optimizer.gradients(loss).map((g) => mul(0.5, g))),
      /other gradients than those of the loss/,
    ],
    [
      'gradients of another loss',
      ({ loss, pred, optimizer }) => {
        optimizer.gradients(loss);
        optimizer.minimise(sum(pred, [1, 2]));
      },
      /more than once/,
    ],
    [
      'a number that is kept beside',
      ({ pred, other, ...parts }) => {
        kept({ pred, other, ...parts });
        other.store(sum(pred, [1, 2]));
      },
      /writes into a tensor from outside/,
    ],
    [
      'predictions that are returned',
      ({ pred, ...parts }) => {
        kept({ pred, ...parts });
        return sum(pred, [1, 2]);
      },
      /returns something else/,
    ],
    ['no update', ({ loss, ring }) => ring.store(loss), /no gradients/],
  ])('%s: captured, which is said', async (_, step, reason) => {
    const [ordinary, small] = [await looped(step, false), await looped(step, true)];
    expect(small.found).toEqual(ordinary.found);
    expect(small.choices).toEqual([expect.stringMatching(reason)]);
  });
});
