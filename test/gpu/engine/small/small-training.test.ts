/** `train` by the kernel of small networks: readings, failures and interruptions of ordinary steps; and what is refused. */
import { describe, expect, test } from 'vitest';
import { Batches } from '../../../../engine/data/batches.ts';
import { add, mul } from '../../../../engine/ops/pointwise/elementwise.ts';
import { concat } from '../../../../engine/ops/movement/concat.ts';
import { adam, type Optimizer } from '../../../../engine/optim/optim.ts';
import type { Tensor } from '../../../../engine/tensor.ts';
import { mse } from '../../../../losses/regression.ts';
import type { Activation } from '../../../../models/layers.ts';
import { mlp } from '../../../../models/mlp.ts';
import { train, type TrainOptions } from '../../../../train/loop.ts';
import { NonFiniteError, type Reading } from '../../../../train/run-steps.ts';
import { gpu } from '../../../backends.ts';
import { noise } from '../../../check.ts';
import { hasNoSubgroups } from '../../../small-networks.ts';

const SEEDS = [0, 1, 2];
const ROWS = 30;

interface Made {
  widths?: readonly number[];
  activation?: Activation;
  /** Of the second seed's fourth row. */
  label?: number;
  loss?: (pred: Tensor, batch: Record<string, Tensor>) => Tensor;
  options?: Partial<TrainOptions<string>>;
  mostSteps?: number;
  optimizerOptions?: object;
}

const plain = (pred: Tensor, { label }: Record<string, Tensor>) =>
  mse({ pred, label: label! }, {}, { leadingAxes: 1 });

/** What a training tells, and its weights; by ordinary steps unless `mostSteps` is given. */
async function trained(given: Made) {
  const { widths = [6], activation = 'tanh', label = 0, loss = plain, options = {}, mostSteps } = given;
  const backend = await gpu();
  backend.step.reset();
  const model = mlp({ backend, widths, activation, seed: SEEDS });
  const labels = Float32Array.from(noise(SEEDS.length * ROWS, 2));
  if (label !== 0) labels[ROWS + 3] = label;
  const columns = {
    x: { values: noise(SEEDS.length * ROWS, 1), width: 1 },
    label: { values: labels, width: 1 },
  };
  const batches = new Batches<string>(columns, backend, { batchSize: 8, seed: SEEDS });
  const optimizer: Optimizer = adam(model.parameters, { seeds: SEEDS.length, ...given.optimizerOptions });
  const heard = {
    readings: [] as Reading[],
    failures: [] as [number, number][],
    /** Why not by the kernel; null where it was. */
    choices: [] as (string | null)[],
    error: '',
    done: 0,
    weights: [] as number[][],
  };
  const smallKernel =
    mostSteps === undefined
      ? undefined
      : { mostSteps, isForced: true, onChoice: (reason?: string) => void heard.choices.push(reason ?? null) };
  try {
    heard.done = await train({
      backend,
      batches,
      loss: (batch) => loss(model.forward(batch.x!), batch),
      optimizer,
      steps: 20,
      readEvery: 8,
      async onReading(reading) {
        heard.readings.push(reading);
      },
      onNonFinite: (error, index) => void heard.failures.push([index, error.step]),
      smallKernel,
      ...options,
    });
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    heard.error = error.message;
  }
  for (const x of Object.values(model.parameters)) heard.weights.push([...(await x.data())]);
  for (const held of [batches, optimizer, ...Object.values(model.parameters)]) held.dispose();
  return heard;
}

// Without subgroups there is no such kernel (`hasNoSubgroups`); ordinary steps have tests of their own.
describe.skipIf(hasNoSubgroups)('as ordinary steps', () => {
  test.each([1, 3, 50])('%i steps a dispatch: readings and weights', async (mostSteps) => {
    const [ordinary, small] = [await trained({}), await trained({ mostSteps })];
    expect(small).toEqual({ ...ordinary, choices: [null] });
    expect(small.readings.map(({ step }) => step)).toEqual([8, 16, 20]);
  });

  test('a seed whose label is NaN drops out at the same step; the others go on', async () => {
    const [ordinary, small] = [await trained({ label: NaN }), await trained({ label: NaN, mostSteps: 50 })];
    expect(small).toEqual({ ...ordinary, choices: [null] });
    expect(small.failures).toHaveLength(1);
    const options = { onNonFinite: undefined };
    const [error, same] = [
      await trained({ label: NaN, options }),
      await trained({ label: NaN, options, mostSteps: 50 }),
    ];
    expect(same.error).toBe(error.error);
    expect(same.error).toMatch(/not finite at step \d+/);
  });

  test('it stops at a signal, after the dispatch', async () => {
    const abort = new AbortController();
    let asked = 0;
    const pause = () => {
      if (++asked === 3) abort.abort();
      return undefined;
    };
    const stopped = await trained({ mostSteps: 4, options: { pause, signal: abort.signal } });
    expect(stopped.done).toBe(12);
  });

  test.each<[string, Made, RegExp]>([
    [
      'a sum',
      { loss: (pred, batch) => mul(2, plain(pred, batch)) },
      /the loss is mul, and not one of defineLoss/,
    ],
    ['a wide network', { widths: [100, 100] }, /10401 parameters, of at most/],
    ['many layers', { widths: Array(30).fill(6) }, /too long to compile/],
    ['another activation', { activation: 'elu' }, /'elu' is part of the network/],
    ['no hidden layer', { widths: [] }, /no hidden layer/],
    [
      'a label that is computed',
      { loss: (pred, { label }) => mse({ pred, label: add(label!, 1) }, {}, { leadingAxes: 1 }) },
      /'label' of the loss is neither/,
    ],
    [
      'a prediction that is changed',
      { loss: (pred, { label }) => mse({ pred: concat([pred], 0), label: label! }, {}, { leadingAxes: 1 }) },
      /'concat' is part of the network/,
    ],
    [
      'several decays',
      { optimizerOptions: { weightDecay: (name: string) => Number(/bias/.test(name)) } },
      /decays/,
    ],
    ['steps of several kinds', { options: { phaseOf: () => 'a' } }, /several kinds/],
  ])('%s is trained by ordinary steps, which is said', async (_, made, reason) => {
    const [ordinary, small] = [await trained(made), await trained({ ...made, mostSteps: 10 })];
    expect(small.choices).toEqual([expect.stringMatching(reason)]);
    expect(small).toEqual({ ...ordinary, choices: small.choices });
  });
});
