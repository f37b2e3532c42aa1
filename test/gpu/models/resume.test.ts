/** Trainings that are put down at a reading and taken up from what was saved: the bits of uninterrupted ones. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { buildTraining, chosenMethod } from '../../../methods/chosen-method.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import type { StudyNetworks } from '../../../models/network.ts';
import { deployedOf, type Stage, type StepInput } from '../../../train/training.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import { madeRoute } from '../../made-route.ts';
import { contextOf, lossesOf, mlpTeacher } from '../../method-context.ts';

const [SEEDS, ROWS, STEPS] = [[4, 7], 20, 12];
const values = {
  ...defaults,
  peers: ['mlp:4,3', 'mlp:5'],
  impressionSteps: 6,
  dfaSearchSteps: 6,
  dfaAhead: 0.01,
  generatorEvery: 3,
  abm: 'generator' as const,
  ...{ rcoAnchors: 3, rcoSelect: 'greedy' as const, rcoDelta: 0.3 },
};
const curricula = [
  ['imitation+rco', {}],
  ['hint+rco', { rcoSelect: 'equal' }],
  ['imitation+abm+rco', { rcoForm: 'one-stage' }],
  ['tor-dual+eskd', {}],
  ['imitation+abm+eskd', {}],
] as const;

const column = (width: number, seed: number) => ({ values: noise(SEEDS.length * ROWS * width, seed), width });
const columns = {
  ...{ x: column(2, 1), label: column(1, 2), teacher: column(1, 3) },
  outlier: { values: noise(SEEDS.length * ROWS, 4).map((u) => Number(u > 0.5)), width: 1 },
};

interface Run {
  readonly losses: readonly (readonly number[])[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly bestSteps: readonly number[];
  /** At every reading: what was saved. */
  readonly states: readonly Uint8Array[];
}

/** Of a method on batches that are drawn; validated, so that best weights are kept, too. */
async function run(
  backend: Backend,
  name: string,
  saved?: Uint8Array,
  steps = STEPS,
  changes: object = {},
): Promise<Run> {
  // As it is left by whatever was before.
  backend.step.begin(saved ? 1 : 999);
  const teacher = mlpTeacher(backend, name === 'dfa' ? [6, 6] : [6], [8, 9]);
  const route = name.endsWith('+rco')
    ? await madeRoute(backend, {
        ...{ seeds: SEEDS, rows: ROWS, inputs: [...columns.x.values], checkpoints: 5 },
      })
    : undefined;
  const context = contextOf(backend, {
    ...{ seeds: SEEDS, teacher, inputs: 2, rows: 5, steps, epochSteps: ROWS / 5 },
    ...(route ? { route } : {}),
  });
  const training = buildTraining(chosenMethod(name), context, { ...values, ...changes });
  const firsts = deployedOf<StudyNetworks>(training).map(({ parameters }) => Object.values(parameters)[0]!);
  const states: Uint8Array[] = [];
  const bestSteps: number[] = [];
  const losses = await lossesOf(
    training,
    context,
    {},
    {
      ...{
        saved,
        readings: 4,
        sourceOf: (stage) =>
          new Batches({ ...columns, ...columnsIn(stage) }, backend, { batchSize: 5, seed: SEEDS }),
      },
      async validate(network) {
        const all = await firsts[network]!.data();
        const size = all.length / SEEDS.length;
        return SEEDS.map((_, i) => Math.abs(all[i * size]! - 0.01));
      },
      onReading: async ({ save }) => void states.push(await save()),
      onTrained: ({ bestSteps: steps }) => void bestSteps.push(...steps!.flat()),
    },
  );
  const weights: Record<string, number[]> = {};
  for (const [key, x] of Object.entries({ ...context.networks, ...training.state }))
    weights[key] = [...(await x.data())];
  training.dispose?.();
  context.dispose();
  for (const x of Object.values(teacher.parameters)) x.dispose();
  return { losses, weights, states, bestSteps };
}

/** As a study lays them out: seed after seed. */
function columnsIn(stage: Stage) {
  return Object.fromEntries(
    Object.entries(stage.columns?.() ?? {}).map(([name, lists]) => [
      name,
      { values: Float32Array.from(lists.flatMap((list) => [...list])), width: 1 },
    ]),
  );
}

// A loss, two heads, a module beside the student, phases and several players, two stages, peers, players of the same weights.
const names = ['tor', 'tor-dual', 'hint', 'imitation+abm', 'generator', 'impressions', 'dml', 'afd', 'dfa'];
describe.each(names)('%s', (name) => {
  test.each([
    ['on the GPU', gpu],
    ['on the CPU', async () => cpu],
  ])('%s, from each of its readings', async (_, open) => {
    const backend = await open();
    const whole = await run(backend, name);
    const expected = ['impressions', 'dfa'].includes(name) ? 7 : 4;
    expect(whole.states).toHaveLength(expected);
    for (const [i, state] of whole.states.entries()) {
      const rest = await run(backend, name, state);
      expect(rest.losses).toEqual(whole.losses.slice(i + 1));
      expect(rest.weights).toEqual(whole.weights);
      expect(rest.bestSteps).toEqual(whole.bestSteps);
    }
  });
});

describe.each(curricula)('%s %o', (name, changes) => {
  test.each([
    ['on the GPU', gpu],
    ['on the CPU', async () => cpu],
  ])('%s, from each of its readings', async (_, open) => {
    const backend = await open();
    const whole = await run(backend, name, undefined, STEPS, changes);
    expect(whole.states.length).toBeGreaterThan(3);
    for (const [i, state] of whole.states.entries()) {
      const rest = await run(backend, name, state, STEPS, changes);
      expect(rest.losses).toEqual(whole.losses.slice(i + 1));
      expect(rest.weights).toEqual(whole.weights);
      expect(rest.bestSteps).toEqual(whole.bestSteps);
    }
  });
});

test('the state of another training is refused', async () => {
  const { states } = await run(cpu, 'tor');
  await expect(run(cpu, 'tor-dual', states[0])).rejects.toThrow(
    'test, seed 4: the saved state is not of this training',
  );
  await expect(run(cpu, 'tor', states[0]!.slice(0, 100))).rejects.toThrow('not of this training');
  await expect(run(cpu, 'tor', states[0], 2 * STEPS)).rejects.toThrow(
    'its stages are [["train",12]], not [["train",24]]',
  );
});

test('a step that updates one player twice is refused', async () => {
  const teacher = mlpTeacher(cpu, [6], 8);
  const context = contextOf(cpu, { seeds: SEEDS, teacher, inputs: 2, rows: 5, steps: STEPS });
  const training = buildTraining(chosenMethod('scratch'), context, values);
  const [stage] = training.stages;
  const twice = { ...stage!, step: (input: StepInput) => (stage!.step(input), stage!.step(input)) };
  const sourceOf = () => new Batches(columns, cpu, { batchSize: 5, seed: SEEDS });
  await expect(lossesOf({ ...training, stages: [twice] }, context, {}, { sourceOf })).rejects.toThrow(
    'updates one player twice',
  );
  context.dispose();
});
