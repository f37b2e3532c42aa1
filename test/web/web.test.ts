/** The page's parts that need no browser: links, settings, what it knows of a run, archives. */
import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { MethodResult, StudyConfig } from '../../study/results.ts';
import { runStudy } from '../../study/study.ts';
import { readAddress, writeAddress } from '../../web/address.ts';
import type { TrainingNews } from '../../web/train/protocol.ts';
import { Run } from '../../web/train/run.ts';
import { active, check, commandOf, settingsOf } from '../../web/train/settings.ts';
import { crc32, zip } from '../../web/train/zip.ts';

const tabs = ['train', 'loss', 'benchmark'];

test('links: the tab, its settings, and back', () => {
  expect(readAddress({ search: '', hash: '' }, tabs)).toEqual({ tab: 'train', query: {} });
  expect(readAddress({ search: '', hash: '#loss' }, tabs)).toEqual({ tab: 'loss', query: {} });
  expect(readAddress({ search: '?tab=loss&a=1', hash: '' }, tabs)).toEqual({
    tab: 'loss',
    query: { a: '1' },
  });
  const address = {
    tab: 'train',
    query: { methods: 'scratch,tor', student: 'mlp:8:relu', file: 'a b&c.csv' },
  };
  const hash = writeAddress(address);
  expect(hash).toBe('#train&methods=scratch,tor&student=mlp:8:relu&file=a+b%26c.csv');
  expect(readAddress({ search: '?methods=kd-mix', hash }, tabs)).toEqual(address);
});

const methods = ['scratch', 'tor'];

test('settings: a problem a field, data that do not count, the same command', () => {
  const wrong = check(
    new Map([
      ['noise', 'much'],
      ['epochs', '0'],
      ['methods', ''],
    ]),
    methods,
    undefined,
  );
  expect(wrong.config).toBeUndefined();
  expect(wrong.problems.get('noise')).toBe("Must be a number from 0 to 1, not 'much'");
  expect(wrong.problems.get('epochs')).toBe("Must be a whole number from 1 to 1000000000, not '0'");
  expect(wrong.problems.get('methods')).toBe('Choose at least one');

  const settings = new Map([
    ['gaussian-noise', '0.3'],
    ['data', "it's.csv"],
    ['target', 'y'],
    ['methods', 'tor'],
  ]);
  expect([...active(settings).keys()]).toEqual(['data', 'target', 'methods']);
  expect(check(settings, methods, undefined).problems.get('data')).toContain("Give the file it's.csv again");
  const table = { columns: ['x', 'y'], rows: 20, values: Float64Array.from({ length: 40 }, (_, i) => i) };
  expect(check(settings, methods, table).config).toMatchObject({
    data: 'table',
    trainRows: 16,
    noise: 0,
    epochs: 200,
  });
  expect(check(settings, methods, { ...table, columns: ['x', 'z'] }).problems.get('data')).toContain(
    "no column 'y'",
  );
  expect(commandOf(settings)).toBe("npm run distill -- --data 'it'\\''s.csv' --target y --methods tor");
  settings.delete('data');
  expect(commandOf(settings)).toBe('npm run distill -- --gaussian-noise 0.3 --methods tor');
  expect(settingsOf({ noise: '0.4', run: '1', color: 'red' })).toEqual({
    settings: new Map([['noise', '0.4']]),
    unknown: ['color'],
    isStarted: true,
  });
});

/** What the worker tells of a small study. */
async function newsOf(config: StudyConfig): Promise<TrainingNews[]> {
  const news: TrainingNews[] = [];
  await runStudy(config, {
    onDevice: (info) => news.push({ type: 'device', info }),
    onPlan: (plan) => news.push({ type: 'plan', plan }),
    onLabels: (event) => news.push({ type: 'labels', event }),
    onProgress: (event) => news.push({ type: 'progress', event }),
    onPoint: (point) => news.push({ type: 'point', point }),
    onFit: (event) => news.push({ type: 'fit', event }),
    onNetwork: async (result, weights) => void news.push({ type: 'network', result, weights }),
    onSeed: async (seed, dispatches) => void news.push({ type: 'seed', seed, dispatches }),
    signal: new AbortController().signal,
  });
  return [...news, { type: 'finished', dispatches: 7 }];
}

const config = check(
  new Map(
    Object.entries({
      ...{ device: 'cpu', seeds: '3', methods: 'tor,scratch', epochs: '2', 'teacher-epochs': '2' },
      ...{ student: 'mlp:2', teacher: 'mlp:2', 'train-rows': '20', 'test-rows': '10' },
    }),
  ),
  methods,
  undefined,
).config!;

test('a run: half of it, lost, gone on with, and the summary of one that was not', async () => {
  const all = await newsOf(config);
  const straight = new Run(config);
  for (const news of all) straight.hear(news);
  expect(straight.status).toBe('finished');
  expect(straight.summary).toMatchObject({ seeds: [0, 1, 2], dispatches: 7 });
  expect(straight.summary!.rows.map(({ method, n }) => [method, n])).toEqual([
    ...[
      ['teacher', 3],
      ['tor', 3],
      ['scratch', 3],
    ],
  ]);
  expect(straight.weights.size).toBe(9);

  // Labels without a mask, then with one; a fit beside every point.
  const labels = all.flatMap((news) => (news.type === 'labels' ? [news.event] : []));
  expect(labels.map(({ seed, points }) => [seed, points.y.length, points.rejected.length])).toEqual(
    [0, 1, 2].flatMap((seed) => [
      [seed, 20, 0],
      [seed, 20, 20],
    ]),
  );
  const counts = (type: TrainingNews['type']) => all.filter((news) => news.type === type).length;
  expect(counts('fit')).toBe(counts('point'));
  expect(straight.seeds.get(2)!.fits.get('tor')).toEqual(straight.results[2]!.results[1]!.fit);

  // Up to the first network of the second seed, which needs no teacher.
  const networks = all.flatMap((news, i) => (news.type === 'network' ? [i] : []));
  const broken = new Run(config);
  for (const news of all.slice(0, networks[3]! + 1)) broken.hear(news);
  expect([...broken.seeds.get(1)!.networks.keys()]).toEqual(['scratch']);
  expect(broken.results.map(({ results }) => results.map(({ method }) => method))).toEqual([
    ['teacher', 'tor', 'scratch'],
    ['scratch'],
  ]);
  expect(broken.summary).toMatchObject({ partial: true, seeds: [0, 1] });
  broken.hear({ type: 'failed', kind: 'device-lost', message: 'gone' });
  expect(broken.failure).toEqual({ kind: 'device-lost', message: 'gone' });

  const rest = broken.rest();
  expect([rest.seed, rest.seeds]).toEqual([1, 2]);
  expect(broken.weights.size).toBe(3);
  expect(broken.share).toBeCloseTo(1 / 3);
  for (const news of await newsOf(rest)) broken.hear(news);
  const timeless = (run: Run) =>
    run.results.map(({ results }) => results.map((result: MethodResult) => ({ ...result, seconds: 0 })));
  expect(timeless(broken)).toEqual(timeless(straight));
  expect(broken.points).toEqual(straight.points);
  expect(broken.share).toBe(1);
});

test('time: measured over steps, not over stops', () => {
  let now = 0;
  const run = new Run(config, () => now);
  run.hear({ type: 'plan', plan: { networks: 9, steps: 100 } });
  const step = (doneSteps: number, time: number) => {
    now = time;
    run.hear({
      type: 'progress',
      event: { seed: 0, method: 'scratch', step: doneSteps, steps: 50, loss: 1, doneSteps },
    });
  };
  step(10, 1000);
  expect(run.msPerStep).toBeUndefined();
  step(20, 1020);
  expect(run.msPerStep).toBe(2);
  run.hear({ type: 'paused' });
  expect(run.status).toBe('stopped');
  run.hear({ type: 'resumed' });
  step(30, 90_000);
  step(40, 90_020);
  expect(run.msPerStep).toBe(2);
  expect(run.secondsLeft).toBeCloseTo(0.12);
});

test('an archive: the format, byte for byte where it matters', () => {
  const text = new TextEncoder().encode('größer als nichts');
  const bytes = Buffer.from(
    zip(
      new Map([
        ['a/ä.txt', text],
        ['empty', new Uint8Array(0)],
      ]),
    ),
  );
  expect(crc32(text)).toBe(zlibCrc32(text));
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  expect(bytes.length - end).toBe(22);
  const [count, size, start] = [
    bytes.readUInt16LE(end + 10),
    bytes.readUInt32LE(end + 12),
    bytes.readUInt32LE(end + 16),
  ];
  expect([count, start + size]).toEqual([2, end]);
  // The first entry of the directory, and the file that it points to.
  expect(bytes.readUInt32LE(start)).toBe(0x02014b50);
  expect(bytes.readUInt32LE(start + 16)).toBe(crc32(text));
  const nameLength = bytes.readUInt16LE(start + 28);
  expect(bytes.subarray(start + 46, start + 46 + nameLength).toString()).toBe('a/ä.txt');
  const local = bytes.readUInt32LE(start + 42);
  expect(bytes.readUInt32LE(local)).toBe(0x04034b50);
  const content = local + 30 + bytes.readUInt16LE(local + 26);
  expect(bytes.subarray(content, content + bytes.readUInt32LE(local + 18))).toEqual(Buffer.from(text));
});
