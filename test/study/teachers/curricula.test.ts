/** Checkpoints of teachers in studies: kept beside the teacher, whose bits they leave alone, and followed by students. */
import { expect, test } from 'vitest';
import { openCpu } from '../../../engine/cpu.ts';
import { pairedDifference } from '../../../base/statistics.ts';
import { prepareData } from '../../../study/data/prepared-data.ts';
import { defaultsOf, defaults } from '../../../study/options/study-defaults.ts';
import { checkMethods } from '../../../study/options/method-config.ts';
import type { StudyConfig } from '../../../study/results.ts';
import { runStudy } from '../../../study/study.ts';
import { summarise } from '../../../study/summary.ts';
import type { TeacherCache } from '../../../study/teachers/teacher-cache.ts';
import { trainTeachers } from '../../../study/teachers/teacher.ts';
import { quietHooks } from '../../quiet-hooks.ts';

const tiny: StudyConfig = {
  ...defaults,
  ...{ device: 'cpu', seeds: 2, trainRows: 40, testRows: 10, steps: 4, batchSize: 16, teacherSteps: 12 },
  ...{ teacher: 'mlp:4', student: 'mlp:3', rcoCheckpoints: 4, rcoAnchors: 2 },
};

async function run(changes: Partial<StudyConfig>, teachers?: TeacherCache) {
  const config = { ...tiny, ...changes };
  const outcome = await runStudy(config, quietHooks({ teachers }));
  const results = outcome.seeds.flatMap((seed) => seed.results);
  const hashes = Object.fromEntries(
    results.map(({ method, seed, weightsSha256 }) => [`${method} ${seed}`, weightsSha256!]),
  );
  return { hashes, results, summary: summarise(config, outcome, outcome.seeds) };
}

const hooks = {
  signal: new AbortController().signal,
  async onReading() {},
  onPreparing() {},
  onNonFinite() {},
};

class MemoryCache implements TeacherCache {
  readonly files = new Map<string, Uint8Array>();
  hits = 0;
  async read(key: string) {
    const found = this.files.get(key);
    if (found) this.hits++;
    return found;
  }
  async write(key: string, bytes: Uint8Array) {
    this.files.set(key, bytes);
  }
}

const images: Partial<StudyConfig> = {
  ...defaultsOf('eyes'),
  ...{ device: 'cpu', seeds: 1, patches: 2, size: '16x16', trainRows: 8, testRows: 4 },
  ...{ teacher: 'resnet8:0.125', student: 'lenet:0.05', teacherSteps: 2, steps: 1, batchSize: 4 },
  ...{ methods: ['hint+rco'], rcoCheckpoints: 2, rcoAnchors: 2 },
};
const classes: Partial<StudyConfig> = {
  ...defaultsOf('glyphs'),
  ...{ device: 'cpu', seeds: 2, size: '8x8', trainRows: 30, testRows: 20, batchSize: 10 },
  ...{ teacher: 'mlp:4', student: 'mlp:3', teacherSteps: 4, steps: 2 },
  ...{ methods: ['imitation+rco', 'hint+rco', 'kd+eskd'], rcoCheckpoints: 2, rcoAnchors: 2 },
};

test.each<[string, Partial<StudyConfig>]>([
  ['numbers', {}],
  ['numbers, in one stage', { methods: ['hint+rco'], rcoForm: 'one-stage', rcoSelect: 'greedy' }],
  ['pictures', images],
  ['classes', classes],
])('a teacher has the bits that it has without a route, from a cache, too: %s', async (_, changes) => {
  const methods = changes.methods ?? ['imitation+rco'];
  const plain = await run({
    ...changes,
    methods: [methods.includes('imitation+rco') ? 'imitation' : 'hint'],
  });
  const cache = new MemoryCache();
  const first = await run({ ...changes, methods }, cache);
  expect(cache.hits).toBe(0);
  const teachers = (of: Record<string, string>) =>
    Object.entries(of).filter(([name]) => name.startsWith('teacher'));
  expect(teachers(first.hashes)).toEqual(teachers(plain.hashes));
  expect((await run({ ...changes, methods }, cache)).hashes).toEqual(first.hashes);
  expect(cache.hits).toBe(2 * (changes.seeds ?? tiny.seeds));
  const taught = first.results.filter(({ method }) => method.includes('+'));
  for (const { imitationLoss } of taught) expect(imitationLoss).toBeGreaterThan(0);
});

test('damaged checkpoints are made again, and another number of them is another route', async () => {
  const methods = ['imitation+rco'];
  const cache = new MemoryCache();
  const first = await run({ methods }, cache);
  for (const key of cache.files.keys()) cache.files.set(key, cache.files.get(key)!.subarray(0, 50));
  expect((await run({ methods }, cache)).hashes).toEqual(first.hashes);
  cache.hits = 0;
  await run({ methods, rcoCheckpoints: 3 }, cache);
  expect(cache.hits).toBe(0);
});

test('a teacher that is put down and taken up has all its checkpoints', async () => {
  const backend = openCpu();
  const data = await prepareData(tiny, [0, 1], backend);
  const states: Uint8Array[] = [];
  const train = (saved?: Uint8Array) =>
    trainTeachers(
      tiny,
      data,
      backend,
      {
        ...hooks,
        states: () => ({ saved, offer: async ({ save }) => void (saved ?? states.push(await save())) }),
      },
      4,
    );
  const whole = (await train())!;
  expect(states).toHaveLength(12);
  // Before the first checkpoint, at one, between two, and when all is done.
  for (const place of [0, 2, 6, 11]) {
    const rest = (await train(states[place]))!;
    expect(rest.route).toEqual(whole.route);
    expect(rest.predictions).toEqual(whole.predictions);
    rest.dispose();
  }
  whole.dispose();
  data.dispose();
  backend.close();
});

test('a checkpoint of the route is the teacher of that checkpoint, with its predictions', async () => {
  const backend = openCpu();
  const data = await prepareData(tiny, [0, 1], backend);
  const whole = (await trainTeachers(tiny, data, backend, hooks, 4))!;
  expect(whole.route!.map(({ share }) => share)).toEqual([0.25, 0.5, 0.75, 1]);
  const half = (await trainTeachers({ ...tiny, teacherCheckpoint: 0.5 }, data, backend, hooks))!;
  for (const [at, teachers] of [
    [1, half],
    [3, whole],
  ] as const) {
    const checkpoint = whole.route![at]!;
    expect(checkpoint.predictions).toEqual(teachers.predictions);
    for (const [name, x] of Object.entries(teachers.networks.parameters))
      expect([...checkpoint.tensors.get(name)!.values], name).toEqual([...(await x.data())]);
  }
  whole.dispose();
  half.dispose();
  data.dispose();
  backend.close();
});

test('running statistics are part of a checkpoint', async () => {
  const eyes: StudyConfig = { ...tiny, ...images };
  const backend = openCpu();
  const data = await prepareData(eyes, [0], backend);
  const { route, networks, dispose } = (await trainTeachers(eyes, data, backend, hooks, 2))!;
  const buffers = Object.keys(networks.buffers);
  expect(buffers.length).toBeGreaterThan(0);
  const [first, last] = route!;
  for (const name of buffers) {
    expect([...last!.tensors.get(name)!.values]).toEqual([...(await networks.buffers[name]!.data())]);
    expect(last!.tensors.get(name)).not.toEqual(first!.tensors.get(name));
  }
  dispose();
  data.dispose();
  backend.close();
});

test.each<[string, Partial<StudyConfig>]>([
  ['imitation+rco', {}],
  ['imitation+rco', { rcoForm: 'one-stage', rcoSelect: 'greedy' }],
  ['kd-mix+eskd', { eskdStop: 0.6 }],
])('%s %o: the kernel of small networks has the bits of ordinary steps', async (method, changes) => {
  const small: Partial<StudyConfig> = { device: 'auto', methods: [method], steps: 450, ...changes };
  const kernel = await run(small);
  const steps = await run({ ...small, noSmallKernel: true });
  expect(kernel.hashes).toEqual(steps.hashes);
  expect(kernel.results.find((result) => result.method === method)?.byKernel).toBe(true);
});

test('results say stages, hardness and imitation losses; the summary compares with controls', async () => {
  const methods = ['imitation', 'imitation+longer', 'imitation+restarts', 'imitation+rco', 'imitation+eskd'];
  const { results, summary } = await run({ methods });
  const of = (method: string) => results.filter((result) => result.method === method);
  const [rco] = of('imitation+rco');
  expect(rco!.stages).toEqual([
    { name: 'anchor 1', from: 0 },
    { name: 'anchor 2', from: 4 },
  ]);
  expect(rco!.hardness!.map(({ share }) => share)).toEqual([0.5, 1]);
  for (const { before, after } of rco!.hardness!) expect(before).toBeGreaterThan(after * 0.2);
  expect(of('imitation+eskd')[0]!.stages?.map(({ name }) => name)).toEqual(['distillation', 'labels']);
  expect(of('imitation')[0]!.stages).toBeUndefined();
  expect(summary.controls!.map(({ method, control }) => `${method} - ${control}`)).toEqual([
    'imitation+rco - imitation+longer',
    'imitation+rco - imitation+restarts',
    'imitation+eskd - imitation',
  ]);
  const losses = (method: string) => of(method).map(({ imitationLoss }) => imitationLoss!);
  const { mean, ci95 } = pairedDifference(losses('imitation+rco'), losses('imitation+longer'));
  expect(summary.controls![0]!.imitationLoss).toEqual({ meanDifference: mean, ci95 });
  expect(summary.rows.find(({ method }) => method === 'imitation+rco')!.hardness).toHaveLength(2);
});

test('teachers without a route are refused', () => {
  const check = (changes: Partial<StudyConfig>) => () =>
    checkMethods({ ...tiny, methods: ['imitation+rco'], ...changes });
  expect(check({ teacherMode: 'out-of-fold' })).toThrow('wants --teacher-mode plain');
  expect(check({ teacher: 'x.safetensors' })).toThrow('x.safetensors is its end alone');
  expect(check({ teacherColumn: ['y'] })).toThrow('has its predictions for rows alone');
});
