/** A study that reads its teachers from a cache is the study that trains them. */
import { expect, test } from 'vitest';
import type { SeedResult, StudyConfig } from '../../../study/results.ts';
import { runStudy } from '../../../study/study.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import type { PointEvent } from '../../../study/study-types.ts';
import type { TeacherCache } from '../../../study/teachers/teacher-cache.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../engine/files/safetensors.ts';
import { quietHooks } from '../../quiet-hooks.ts';

const tiny: StudyConfig = {
  ...defaults,
  seeds: 2,
  trainRows: 40,
  testRows: 20,
  epochs: 4,
  teacherEpochs: 3,
  batchSize: 16,
  methods: ['scratch', 'imitation'],
  teacher: 'mlp:20,20',
};

/** Kept in memory, with what was asked of it. */
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

async function run(changes: Partial<StudyConfig>, teachers?: TeacherCache) {
  const weights = new Map<string, Uint8Array>();
  const points: PointEvent[] = [];
  let done = 0;
  const { seeds } = await runStudy(
    { ...tiny, ...changes },
    quietHooks({
      onPoint: (point) => points.push(point),
      onProgress: ({ doneSteps }) => (done = doneSteps),
      onNetwork: async ({ method, seed }, bytes) => void weights.set(`${method} ${seed}`, bytes),
      teachers,
    }),
  );
  return {
    seeds: timeless(seeds),
    weights,
    points: points.map((point) => JSON.stringify(point)).sort(),
    done,
  };
}

const timeless = (seeds: readonly SeedResult[]) =>
  seeds.map((seed) => ({ ...seed, results: seed.results.map((result) => ({ ...result, seconds: 0 })) }));

const modes = ['plain', 'early-stopping', 'out-of-fold', 'ensemble'] as const;
test.each([
  ...modes.map((teacherMode) => ({ teacherMode })),
  {
    teacherMode: 'ensemble',
    methods: ['ensemble'],
  },
  { methods: ['hint', 'imitation+pm'], trainFraction: 0.5 },
  { device: 'cpu', seeds: 1 },
  {
    data: 'eyes',
    seeds: 1,
    patches: 4,
    size: '16x16',
    epochs: 1,
    teacherEpochs: 1,
    teacher: 'resnet8:0.125',
    student: 'lenet:0.1',
  },
  {
    data: 'eyes',
    seeds: 1,
    patches: 4,
    size: '16x16',
    shift: 1,
    teacher: 'mobilenet:0.25',
    student: 'mlp:4',
  },
] satisfies Partial<StudyConfig>[])('the same bits with and without: %o', async (changes) => {
  const cache = new MemoryCache();
  const without = await run(changes);
  expect(await run(changes, cache)).toEqual(without);
  expect(cache.hits).toBe(0);
  expect(await run(changes, cache)).toEqual(without);
  expect(cache.hits).toBe((changes as Partial<StudyConfig>).seeds ?? 2);
});

test('foreign files under the names of teachers are as good as none', async () => {
  const cache = new MemoryCache();
  const without = await run({}, cache);
  const one = new Map([['x', { shape: [1], values: new Float32Array(1) }]]);
  const own = [...cache.files.values()][0]!;
  const { tensors, metadata } = decodeSafetensors(own);
  const foreign = [
    Buffer.from('no tensors'),
    encodeSafetensors(one),
    encodeSafetensors(tensors),
    encodeSafetensors(new Map([...tensors].slice(1)), metadata),
  ];
  for (const bytes of foreign) {
    for (const key of cache.files.keys()) cache.files.set(key, bytes);
    expect(await run({}, cache)).toEqual(without);
  }
});

test('studies share a teacher if nothing of it differs, whatever their students and seeds', async () => {
  const cache = new MemoryCache();
  const small = { methods: ['imitation'] };
  await run(small, cache);
  expect(cache.files.size).toBe(2);
  await run(
    {
      ...{ methods: ['tor'], student: 'mlp:3', epochs: 2, rule: 'quantile', outlierBranch: 'drop' },
      validationShare: 0.25,
    },
    cache,
  );
  await run({ ...small, seeds: 1, seed: 1, batchSeeds: 1 }, cache);
  expect([cache.files.size, cache.hits]).toEqual([2, 3]);
  for (const changes of [{ noise: 0.1 }, { teacherEpochs: 4 }, { batchSize: 8 }, { math: 'native' as const }])
    await run({ ...small, ...changes, seeds: 1 }, cache);
  expect([cache.files.size, cache.hits]).toEqual([6, 3]);
});

test('a damaged file is trained again and replaced', async () => {
  const cache = new MemoryCache();
  const first = await run({ seeds: 1 }, cache);
  const [[key, whole]] = [...cache.files] as [[string, Uint8Array]];
  for (const damaged of [whole.slice(0, whole.length / 2), new Uint8Array(0), new Uint8Array(64)]) {
    cache.files.set(key, damaged);
    expect(await run({ seeds: 1 }, cache)).toEqual(first);
    expect(timelessFile(cache.files.get(key)!)).toEqual(timelessFile(whole));
  }
});

/** The numbers behind the header, which says how many seconds the training took. */
function timelessFile(bytes: Uint8Array): Uint8Array {
  return bytes.slice(8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)));
}
