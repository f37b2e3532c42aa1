/** Add-ons that say in which stages a student learns, and from whom. */
import { describe, expect, test } from 'vitest';
import { Batches } from '../../../engine/data/batches.ts';
import { buildTraining, chosenMethod, stagePlan } from '../../../methods/chosen-method.ts';
import type { TrainingContext } from '../../../methods/context.ts';
import { modifiers } from '../../../methods/modifiers/all.ts';
import { Anchors } from '../../../methods/modifiers/anchors.ts';
import type { Route } from '../../../methods/artifacts/route.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import type { StudyNetworks } from '../../../models/network.ts';
import { deployedOf, type Stage, type Training } from '../../../train/training.ts';
import { cpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import { madeRoute } from '../../made-route.ts';
import { contextOf, lossesOf, mlpTeacher } from '../../method-context.ts';

const [ROWS, STEPS] = [20, 12];
const values = { ...defaults, rcoAnchors: 3, generatorEvery: 3, abm: 'generator' as const };

/** Of each seed its own, whoever is beside it. */
const table = (seed: number, width: number, kind: number) => noise(ROWS * width, 10 * seed + kind);

interface Run {
  /** Of each seed, all weights of the student. */
  readonly weights: readonly (readonly number[])[];
  readonly losses: readonly (readonly number[])[];
}

async function run(
  seeds: readonly number[],
  make: string | ((context: TrainingContext) => Training),
  changes: object = {},
): Promise<Run> {
  cpu.step.begin(999);
  const inputs = seeds.flatMap((seed) => [...table(seed, 2, 1)]);
  const route = await madeRoute(cpu, { seeds, rows: ROWS, inputs, checkpoints: 6 });
  const teacher = mlpTeacher(
    cpu,
    [6],
    seeds.map((seed) => seed + 300),
  );
  const context = contextOf(cpu, {
    ...{ seeds, teacher, route, inputs: 2, rows: 5, steps: STEPS, epochSteps: ROWS / 5 },
  });
  const training =
    typeof make === 'string'
      ? buildTraining(chosenMethod(make), context, { ...values, ...changes })
      : make(context);
  const sourceOf = (stage: Stage) => {
    const own = {
      ...{ label: seeds.map((seed) => table(seed, 1, 2)), teacher: seeds.map((seed) => table(seed, 1, 3)) },
      ...stage.columns?.(),
    };
    const columns = Object.entries({ x: seeds.map((seed) => table(seed, 2, 1)), ...own }).map(
      ([name, lists]) => [
        name,
        { values: Float32Array.from(lists.flatMap((list) => [...list])), width: name === 'x' ? 2 : 1 },
      ],
    );
    return new Batches(Object.fromEntries(columns), cpu, { batchSize: 5, seed: seeds });
  };
  const losses = await lossesOf(training, context, {}, { sourceOf, readings: STEPS });
  const weights = seeds.map((): number[] => []);
  for (const x of Object.values(deployedOf<StudyNetworks>(training)[0]!.parameters)) {
    const all = [...(await x.data())];
    const size = all.length / seeds.length;
    for (const [i, own] of weights.entries()) own.push(...all.slice(i * size, (i + 1) * size));
  }
  training.dispose?.();
  context.dispose();
  return { weights, losses };
}

describe('+eskd', () => {
  test('is one training whose steps go over to the labels: the same bits as phases of one stage', async () => {
    const [stages, phases] = [
      await run([4, 7], 'imitation+eskd', { eskdStop: 0.4 }),
      await run([4, 7], (context) => {
        const { task, sizes } = context;
        const student = context.student();
        const player = context.player(student.parameters);
        const keeping = { leadingAxes: 1 };
        return {
          deployed: student.deployed,
          stages: [
            {
              name: 'both',
              steps: sizes.steps,
              phaseOf: (done) => (done < 5 ? 'teacher' : 'label'),
              step({ batch, phase }) {
                const { label } = student.run({ x: batch.x! }, { training: true }).heads;
                const loss =
                  phase === 'teacher'
                    ? task.imitation(label!, batch.teacher!, keeping)
                    : task.supervised(label!, batch.label!, keeping);
                player.minimise(loss);
                return loss;
              },
            },
          ],
        };
      }),
    ];
    expect(stages).toEqual(phases);
  });

  test('that never stops is the method, at once the labels alone; epochs count steps', async () => {
    const [plain, scratch] = [await run([4], 'imitation'), await run([4], 'scratch')];
    expect(await run([4], 'imitation+eskd', { eskdStop: 3 })).toEqual(plain);
    expect(await run([4], 'imitation+eskd', { eskdStop: 0 })).toEqual(scratch);
    const epoch = await run([4], 'imitation+eskd', { eskdStop: 1 });
    expect(epoch).toEqual(await run([4], 'imitation+eskd', { eskdStop: 4 / 12 }));
    expect(epoch.losses.slice(0, 4)).toEqual(plain.losses.slice(0, 4));
    expect(epoch.losses[5]).not.toEqual(plain.losses[5]);
  });
});

describe('+rco', () => {
  const byHand = (context: TrainingContext, isOne: boolean): Training => {
    const student = context.student();
    const players = [0, 1, 2].map(() => context.player(student.parameters));
    const route = context.route();
    return {
      deployed: student.deployed,
      stages: [1, 3, 5].map((place, k): Stage => {
        const player = players[isOne ? 0 : k]!;
        return {
          name: `stage ${k}`,
          steps: isOne ? STEPS / 3 : STEPS,
          ...(isOne && k > 0 ? { continues: true } : {}),
          columns: () => route.columns(context.seeds.map(() => place)),
          step({ batch }) {
            const { label } = student.run({ x: batch.x! }, { training: true }).heads;
            const loss = context.task.imitation(label!, batch.teacher!, { leadingAxes: 1 });
            player.minimise(loss);
            return loss;
          },
        };
      }),
    };
  };

  test.each(['stages', 'one-stage'])('%s: anchors evenly apart, as by hand', async (rcoForm) => {
    const own = await run([4, 7], 'imitation+rco', { rcoForm });
    expect(own).toEqual(await run([4, 7], (context) => byHand(context, rcoForm === 'one-stage')));
    expect(own).not.toEqual(await run([4, 7], 'imitation+restarts'));
  });

  test.each([
    ['imitation+rco', { rcoSelect: 'greedy', rcoDelta: 0.3 }],
    ['hint+rco', { rcoForm: 'one-stage', rcoSelect: 'greedy' }],
    ['imitation+abm+rco', {}],
    ['hint+eskd', {}],
    ['imitation+longer', {}],
  ])('%s %o: a seed has the bits that it has alone', async (name, changes) => {
    const [both, alone] = [await run([4, 7], name, changes), await run([7], name, changes)];
    expect(both.weights[1]).toEqual(alone.weights[0]);
    expect(both.losses.map((all) => all[1])).toEqual(alone.losses.map((all) => all[0]));
  });
});

describe('anchors', () => {
  const hard = [0.1, 0.15, 0.25, 0.3, 0.9, 0.31];
  const routeWith = (of: readonly (readonly number[])[]): Route => ({
    shares: hard.map((_, j) => (j + 1) / hard.length),
    columns: () => ({}),
    network: () => expect.fail('no network is wanted'),
    hardness: async () => async (choice) => choice.map((place, i) => of[i]![place]!),
  });
  const chosen = async (of: readonly (readonly number[])[], count: number, delta?: number) => {
    const student = () => expect.fail('hardness is made');
    const anchors = new Anchors(routeWith(of), { backend: cpu, seeds: of.length, count, delta, student });
    const all: (readonly number[])[] = [];
    for (let k = 0; k < count; k++) {
      all.push(await anchors.arrive(k));
      await anchors.leave(k);
    }
    const [first] = await anchors.hardness(all.map((_, k) => `${k}`));
    anchors.dispose();
    return { all, first: first! };
  };

  test('evenly apart, the last one the teacher', async () => {
    expect((await chosen([hard], 3)).all).toEqual([[1], [3], [5]]);
    expect((await chosen([hard], 4)).all).toEqual([[1], [2], [4], [5]]);
    expect((await chosen([hard], 1)).all).toEqual([[5]]);
  });

  test('by hardness: the last that is no more than a share harder, one further at least, the teacher in the end', async () => {
    // From 0.1: up to 0.18 is 0.15; from 0.15: up to 0.27 is 0.25; from 0.25: up to 0.45 is the last.
    const steep = [1, 10, 100, 1000, 1e4, 1e5];
    const { all, first } = await chosen([hard, steep], 5, 0.8);
    expect(all.map(([own]) => own)).toEqual([0, 1, 2, 5, 5]);
    expect(all.map(([, own]) => own)).toEqual([0, 1, 2, 3, 5]);
    expect(first.map(({ before }) => before)).toEqual([0.1, 0.15, 0.25, 0.31, 0.31].map(Math.fround));
    expect(first.at(-1)).toMatchObject({ share: 1, stage: '4' });
  });
});

describe('which add-ons go together', () => {
  const names = [...modifiers.keys()];
  const leaders = ['rco', 'restarts', 'longer', 'eskd'];

  test('add-ons are known, in their order', () => {
    expect(names).toEqual(['pm', 'abm', 'gm', ...leaders]);
    expect(chosenMethod('imitation+eskd+pm').modifiers.map(({ name }) => name)).toEqual(['pm', 'eskd']);
  });

  test.each(names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const)))('+%s+%s', (a, b) => {
    const both = () => chosenMethod(`imitation+${a}+${b}`);
    if (leaders.includes(a) && leaders.includes(b))
      expect(both).toThrow(
        `--methods: 'imitation+${a}+${b}' has +${a} and +${b}, and each says in which stages it learns`,
      );
    else expect(both().modifiers).toHaveLength(2);
  });

  test.each(leaders)('+%s wants a method with a teacher and a loss', (name) => {
    expect(() => chosenMethod(`scratch+${name}`)).toThrow(`'scratch' learns from no teacher, and +${name}`);
    expect(() => chosenMethod(`generator+${name}`)).toThrow('makes its own points');
  });

  test.each(leaders.flatMap((name) => [[name, 'stages'] as const, [name, 'one-stage'] as const]))(
    'the plan of +%s (%s) is what is built',
    async (name, rcoForm) => {
      const all = { ...values, rcoForm };
      const seeds = [4];
      const inputs = [...table(4, 2, 1)];
      const route = await madeRoute(cpu, { seeds, rows: ROWS, inputs, checkpoints: 6 });
      const context = contextOf(cpu, {
        ...{ seeds, teacher: undefined, route, inputs: 2, steps: STEPS, epochSteps: 4 },
      });
      const chosen = chosenMethod(`imitation+${name}`);
      const training = buildTraining(chosen, context, all);
      const told = ({ name: stage, steps, continues }: Pick<Stage, 'name' | 'steps' | 'continues'>) => [
        ...[stage, steps, continues],
      ];
      expect(training.stages.map(told)).toEqual(
        stagePlan(chosen, all, { steps: STEPS, epochSteps: 4 }).map(told),
      );
      training.dispose?.();
      context.dispose();
    },
  );
});
