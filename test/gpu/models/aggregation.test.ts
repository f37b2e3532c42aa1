/** The search of DFA against PyTorch in float64 (`fixtures/aggregation.py`): derivatives of mixtures, and steps of both orders. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { softmax } from '../../../engine/ops/reduce/softmax.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { apart, mixable, mixture } from '../../../losses/features/aggregate.ts';
import { connector } from '../../../methods/aggregation/connector.ts';
import { groupPairs } from '../../../methods/aggregation/groups.ts';
import { buildTraining, chosenMethod } from '../../../methods/chosen-method.ts';
import { searchedMixtures, teacherLayers } from '../../../methods/aggregation/mixtures.ts';
import { bridge, halves, searchStage } from '../../../methods/aggregation/search.ts';
import type { MethodContext } from '../../../methods/context.ts';
import { networkOf } from '../../../models/network.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkGrads, compareValues, noise } from '../../check.ts';
import fixture from '../../fixtures/aggregation.json' with { type: 'json' };
import { contextOf, mlpTeacher } from '../../method-context.ts';

const { settings, seeds } = fixture;
const [SEEDS, TEACHER, STUDENT] = [[0, 1], [5, 5, 5, 4, 4, 4], 'mlp:3,2'];
type Seed = (typeof seeds)[number];

const both: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-9', async () => cpu, 1e-9],
  ['GPU, to 1e-4', gpu, 1e-4],
];

/** Of both seeds, side by side. */
const flat = (of: (seed: Seed) => unknown) => seeds.flatMap((seed) => [of(seed)].flat(3) as number[]);

function batchOf(backend: Backend, half: 'learn' | 'judge') {
  const column = (name: 'x' | 'label', width: number) =>
    tensor(
      flat((seed) => seed[half][name]),
      [SEEDS.length, seeds[0]![half].x.length, width],
      backend,
    );
  return { x: column('x', 3), label: column('label', 2) };
}

function setUp(backend: Backend) {
  const teacher = mlpTeacher(backend, TEACHER, SEEDS, { inputs: 3, outputs: 2 });
  const given = { seeds: SEEDS, teacher, inputs: 3, outputs: 2, student: STUDENT };
  const context = contextOf(backend, { ...given, learningRate: settings.weightRate });
  const groups = groupPairs('test', {
    teacher: teacher.shapes!,
    student: context.student().deployed.shapes!,
  });
  for (const [name, x] of Object.entries(teacher.parameters))
    assign(
      x,
      flat((seed) => seed.teacher[name as keyof Seed['teacher']]),
    );
  return { context, groups, teacher };
}

/** Gives networks number `first` and on, and β, the numbers of the fixture. */
function fill({ networks }: MethodContext, first = 0): void {
  for (const group of [0, 1]) {
    for (const [name, x] of Object.entries(networks)) {
      const [role, ...rest] = name.split('.');
      const key = rest.join('.');
      const of = (part: 'student' | 'to_teacher' | 'to_student') => (seed: Seed) =>
        (seed.groups[group]![part] as Record<string, unknown>)[part === 'student' ? key : rest.at(-1)!];
      const connectors = 64 + 2 * (first + group);
      if (role === `peer${first + group}`) assign(x, flat(of('student')));
      if (role === `regressor${connectors}`) assign(x, flat(of('to_teacher')));
      if (role === `regressor${connectors + 1}`) assign(x, flat(of('to_student')));
      if (name === `mixture.beta.${group}`)
        assign(
          x,
          flat((seed) => seed.betas[group]),
        );
    }
  }
}

describe.each(both)('%s', (_, open, tolerance) => {
  test('bridge losses and their derivatives by beta', async () => {
    const backend = await open();
    const { context, groups } = setUp(backend);
    const { betas } = searchedMixtures(context, groups);
    const networks = bridge(context, groups, 0, settings);
    fill(context);
    const batch = batchOf(backend, 'judge');
    const layers = teacherLayers(context, groups, batch);
    const loss = networks.loss(
      batch,
      layers,
      betas.map((beta) => softmax(beta)),
    );
    const wanted = seeds.map(({ derivatives }) => derivatives.reduce((all, one) => all + one.loss, 0));
    compareValues('loss', await loss.data(), Float64Array.from(wanted), tolerance);
    for (const [i, gradient] of grad(sum(loss), betas).entries()) {
      const own = flat((seed) => seed.derivatives[i]!.beta);
      compareValues(`β of group ${i}`, await gradient.data(), Float64Array.from(own), tolerance);
    }
    context.dispose();
  });

  test.each(['first', 'second'] as const)('steps of the search, of %s order', async (order) => {
    const backend = await open();
    const { context, groups } = setUp(backend);
    const mixtures = searchedMixtures(context, groups);
    const ahead = order === 'second' ? settings.ahead : 0;
    // So long a search that the rate of its first steps is its first one.
    const stage = searchStage(context, groups, mixtures, { ...settings, ahead, steps: 1e9 });
    fill(context);
    const batches = { learn: batchOf(backend, 'learn'), judge: batchOf(backend, 'judge') };
    const step = capture(() => stage.step({ batch: {}, batches, phase: '' }) as Tensor, backend);
    for (let i = 0; i < settings.steps; i++) {
      const judged = seeds.map((seed) => seed[order].reduce((all, one) => all + one.judged[i]!, 0));
      compareValues(`loss of step ${i}`, await step().data(), Float64Array.from(judged), tolerance);
    }
    for (const [i, beta] of mixtures.betas.entries()) {
      const own = flat((seed) => seed[order][i]!.beta);
      compareValues(`β of group ${i}`, await beta.data(), Float64Array.from(own), tolerance);
      const weight = context.networks[`peer${i}.trunk.0.weight`]!;
      const weights = flat((seed) => seed[order][i]!.weight);
      compareValues(`weights of group ${i}`, await weight.data(), Float64Array.from(weights), tolerance);
    }
    step.dispose();
    context.dispose();
  });
});

test('search and weights are one captured step: one submit', async () => {
  const backend = await gpu();
  const { context, groups } = setUp(backend);
  const stage = searchStage(context, groups, searchedMixtures(context, groups), { ...settings, ahead: 0 });
  const batches = { learn: batchOf(backend, 'learn'), judge: batchOf(backend, 'judge') };
  const step = capture(() => stage.step({ batch: {}, batches, phase: '' }) as Tensor, backend);
  for (let i = 0; i < 3; i++) step();
  const { submits } = backend.stats();
  for (let i = 0; i < 5; i++) step();
  expect(backend.stats().submits - submits).toBe(5);
  step.dispose();
  context.dispose();
});

test('a mixture has derivatives of both orders by its weights; layers are divided by the root of their mean square', async () => {
  const layersOf = (backend: Backend) =>
    [1, 2, 3].map((k) =>
      tensor(
        noise(12, k).map((x) => x * 10 ** k),
        [2, 3, 2],
        backend,
      ),
    );
  const all = mixable(layersOf(cpu), { leadingAxes: 1 });
  expect(all.shape).toEqual([2, 3, 6]);
  const values = [...(await all.data())];
  for (let row = 0; row < 6; row++)
    expect(values.slice(6 * row, 6 * row + 6).reduce((a, x) => a + x * x, 0) / 6).toBeCloseTo(1, 10);
  const f = (alpha: Tensor, features: Tensor) =>
    sum(
      apart(
        mixture(mixable(layersOf(alpha.backend), { leadingAxes: 1 }), softmax(alpha), [2, 3, 2]),
        features,
        {
          leadingAxes: 1,
        },
      ),
    );
  await checkGrads(f, [
    { shape: [2, 3], values: noise(6, 5) },
    { shape: [2, 3, 2], values: noise(12, 6) },
  ]);
  expect(() => mixture(all, all, [2, 3, 2])).toThrow('mixture: weights [2, 3, 6] for layers [2, 3, 6]');
});

test('a connector of maps mixes the channels of each pixel, seed by seed', async () => {
  const [channels, outputs, height, width] = [2, 3, 4, 5];
  const context = contextOf(cpu, { seeds: [4, 9], teacher: undefined });
  const { parameters, run } = connector(context, 0, {
    from: [channels, height, width],
    to: [outputs, height, width],
  });
  const shape = [2, 3, channels, height, width];
  const x = tensor(noise(2 * 3 * channels * height * width, 1), shape, cpu);
  const [weight, bias] = await Promise.all(Object.values(parameters).map((each) => each.data()));
  const y = run(x);
  expect(y.shape).toEqual([2, 3, outputs, height, width]);
  const [from, to] = [await x.data(), await y.data()];
  const size = height * width;
  const byHand = Float64Array.from(to, (_, at) => {
    const [pixel, o, image] = [at % size, Math.floor(at / size) % outputs, Math.floor(at / size / outputs)];
    const seed = Math.floor(image / 3);
    let sum = bias![seed * outputs + o]!;
    for (let c = 0; c < channels; c++)
      sum += weight![(seed * outputs + o) * channels + c]! * from[(image * channels + c) * size + pixel]!;
    return sum;
  });
  compareValues('pixels', to, byHand, 1e-12);
});

test('a silent layer is 0 in a mixture', async () => {
  const silent = mixable([tensor([0, 0], [2, 1], cpu), tensor([3, -3], [2, 1], cpu)], { leadingAxes: 0 });
  expect([...(await silent.data())].map((x) => x + 0)).toEqual([0, 0, expect.closeTo(1), expect.closeTo(-1)]);
});

test('halves of the rows are the same in every search, have no row in common, and are each seed its own', () => {
  const rows = [Uint32Array.from([3, 5, 8, 9, 12]), Uint32Array.from([3, 5, 8, 9, 12])];
  const { learn, judge } = halves(rows, [1, 2]);
  expect(halves(rows.slice(1), [2])).toEqual({ learn: [learn[1]], judge: [judge[1]] });
  for (const i of [0, 1]) {
    expect(learn[i]).toHaveLength(3);
    expect([...learn[i]!, ...judge[i]!].toSorted((a, b) => a - b)).toEqual([3, 5, 8, 9, 12]);
  }
});

test('groups of image networks are their maps of one shape, and what cannot be paired is refused with the cure', () => {
  const shapesOf = (text: string) =>
    networkOf(text, '--student', {
      backend: cpu,
      shape: { inputs: 256, outputs: 2, extras: 0, image: [1, 16, 16] },
      seed: 0,
    }).shapes!;
  const pairs = groupPairs('x', {
    teacher: shapesOf('resnet-cifar14'),
    student: shapesOf('resnet-cifar8:0.5'),
  });
  expect(pairs.map(({ layers, student }) => [layers.length, student])).toEqual([
    [2, 'trunk.stage1.block1'],
    [2, 'trunk.stage2.block1'],
    [2, 'trunk.stage3.block1'],
  ]);
  expect(pairs[1]!.shapes).toEqual({ teacher: [32, 8, 8], student: [16, 8, 8] });
  const refused = (teacher: Parameters<typeof groupPairs>[1]['teacher'], student: typeof teacher) => () =>
    groupPairs("--methods: 'dfa'", { teacher, student });
  const eight = shapesOf('resnet8:0.25');
  expect(refused(eight, eight)).toThrow(
    /--methods: 'dfa': the teacher has one layer in each group.*nothing to choose; wants a deeper/,
  );
  expect(refused({ a: [4], b: [4] }, { a: [3], b: [2] })).toThrow(
    /teacher has 1 group \(2 of \[4\]\), the student 2 groups.*such as --teacher resnet-cifar20/,
  );
  expect(refused({}, {})).toThrow('0 groups (no blocks)');
  expect(refused({ a: [4, 8, 8], b: [4, 8, 8] }, { a: [4, 7, 7] })).toThrow('wants one height and width');
});

test('given mixtures are followed without a search: their mean, or each seed its own; those of other layers are refused', async () => {
  const found = (names: readonly string[]) => ({
    method: 'dfa',
    seeds: [0.2, 0.6].map((a, seed) => ({
      seed,
      groups: [{ student: 'trunk.0', layers: names, alpha: [a, 1 - a] }],
    })),
  });
  const lossOf = async (aggregationOf: 'mean' | 'own', names = ['trunk.0', 'trunk.1'], seed = 0) => {
    const teacher = mlpTeacher(cpu, [5, 5], [seed]);
    const context = contextOf(cpu, { seeds: [seed], teacher, inputs: 2, aggregation: found(names) });
    const training = buildTraining(chosenMethod('dfa'), context, {
      ...defaults,
      aggregation: 'a.json',
      aggregationOf,
    });
    expect(training.stages.map(({ name }) => name)).toEqual(['train']);
    const batch = { x: tensor(noise(12, 1), [1, 6, 2], cpu), label: tensor(noise(6, 2), [1, 6, 1], cpu) };
    const loss = await (training.stages[0]!.step({ batch, batches: {}, phase: '' }) as Tensor).data();
    training.dispose?.();
    context.dispose();
    return loss[0]!;
  };
  expect(await lossOf('mean')).not.toBe(await lossOf('own'));
  await expect(lossOf('mean', ['trunk.0', 'trunk.9'])).rejects.toThrow(
    '--aggregation mixes the layers trunk.0 trunk.9, and this teacher has trunk.0 trunk.1',
  );
  await expect(lossOf('own', ['trunk.0', 'trunk.1'], 7)).rejects.toThrow('has no seed 7; it has 0, 1');
});
