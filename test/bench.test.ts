/** The benchmark: its statistics on a clock of our own, its command line, and one run of the real thing. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { differenceOf } from '../bench/contest.ts';
import { type Contestant, measure, statisticsOf } from '../bench/harness.ts';
import { main } from '../bench/main.ts';
import { permuted } from '../bench/operands.ts';
import { CompetitorError, startRemote } from '../bench/remote.ts';
import { type Report, reportMarkdown, reportText } from '../bench/report.ts';

/** Takes `runMs` for every execution, of which the machine disturbs some, and `waitMs` for a wait; counts them. */
function fakeContestant(runMs: number, waitMs: number, disturb = (_sample: number) => 0) {
  const samples: number[] = [];
  const contestant: Contestant = {
    sample: (runs) => {
      samples.push(runs);
      return Promise.resolve(runs * (runMs + disturb(samples.length)) + waitMs);
    },
  };
  return { contestant, samples };
}

test('median, least and the distance of the quartiles', () => {
  expect(statisticsOf([5, 1, 4, 2, 3])).toEqual({ ms: 3, minMs: 1, spread: 2 / 3, rounds: 5 });
  expect(statisticsOf([2, 4])).toEqual({ ms: 3, minMs: 2, spread: 1 / 3, rounds: 2 });
});

test('a sample is long enough, and the wait at its end less than a twentieth of it', async () => {
  for (const waitMs of [0, 0.5, 3]) {
    const { contestant, samples } = fakeContestant(0.1, waitMs);
    const [timing] = await measure([contestant], { rounds: 5 });
    const sampleMs = 0.1 * timing!.runs + waitMs;
    expect(sampleMs).toBeGreaterThanOrEqual(50);
    expect(waitMs / sampleMs).toBeLessThan(1 / 20);
    expect(timing!.ms).toBeGreaterThanOrEqual(0.1);
    expect(timing!.ms).toBeLessThan(0.105);
    expect(samples.slice(-5)).toEqual(Array(5).fill(timing!.runs));
  }
});

test('a slow execution is a sample by itself, and rounds end with the time, but not before three', async () => {
  const slow = fakeContestant(4000, 1);
  const [timing] = await measure([slow.contestant], { rounds: 9, budgetMs: 20_000 });
  expect(timing).toMatchObject({ runs: 1, rounds: 4, ms: 4001 });
  const slower = fakeContestant(40_000, 1);
  expect((await measure([slower.contestant], { rounds: 9, budgetMs: 20_000 }))[0]!.rounds).toBe(3);
});

test('a clock that stands still ends all the same', async () => {
  const { contestant } = fakeContestant(0, 0);
  expect((await measure([contestant], { rounds: 2 }))[0]!.runs).toBe(10_000);
});

test('contestants take turns, and another one begins every round', async () => {
  const order: string[] = [];
  const contestants = ['a', 'b', 'c'].map((name) => ({
    sample: (runs: number) => {
      if (runs > 0) order.push(name);
      return Promise.resolve(60 * runs);
    },
  }));
  await measure(contestants, { rounds: 4 });
  expect(order.slice(3).join('')).toBe('abcbcacababc');
});

test('a disturbed round does not move the median', async () => {
  const { contestant } = fakeContestant(60, 0, (sample) => (sample === 6 ? 1000 : 0));
  expect((await measure([contestant], { rounds: 5 }))[0]).toMatchObject({ ms: 60, minMs: 60 });
});

test('results are compared by their largest number; NaN and another length differ', () => {
  const wanted = Float32Array.of(100, 0, -50);
  expect(differenceOf(Float32Array.of(100.005, 0.009, -50), wanted)).toBeUndefined();
  expect(differenceOf(Float32Array.of(100, 0.02, -50), wanted)).toMatch(/instead of 0 at 1/);
  expect(differenceOf(Float32Array.of(100, NaN, -50), wanted)).toMatch(/^NaN instead of 0 at 1/);
  expect(differenceOf(Float32Array.of(100), wanted)).toBe('1 numbers instead of 3');
});

test('axes change places', () => {
  const x = { values: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [1, 2, 3] };
  expect(permuted(x, [2, 0, 1])).toEqual({ values: Float32Array.of(0, 3, 1, 4, 2, 5), shape: [3, 1, 2] });
});

test('the table has every ratio, what falls short, and who failed', () => {
  const statistics = { minMs: 1, spread: 0.05, firstMs: 30, rounds: 9, runs: 50 };
  const shape = '1×1×3×3 → 1, 3×3';
  const comparison = { name: 'peer 1.0', spread: 0, firstMs: 40 };
  const report: Report = {
    adapter: 'an adapter',
    rows: [
      { name: 'conv2d', shape, ms: 1.25, gflops: 12.34, ...statistics },
      { name: 'other', shape, ms: 2, gflops: 1, ...statistics },
    ],
    peers: [
      { ...comparison, work: `conv2d ${shape}`, ours: 1.25, peer: 5, ratio: 4 },
      { ...comparison, work: `other ${shape}`, ours: 2, peer: 3, ratio: 1.5 },
    ],
    failures: [{ work: `other ${shape}`, name: 'peer 2.0', reason: 'no such kernel' }],
  };
  for (const text of [reportText(report), reportMarkdown(report)]) {
    expect(text).toContain('5.00 (4.00×)');
    expect(text).toContain('1 of 2 are 2× as fast as the fastest peer or faster');
    expect(text).toContain(`other ${shape} falls short: 1.50×`);
    expect(text).toContain(`other ${shape}: without peer 2.0, which failed: no such kernel`);
    expect(text).not.toContain(`conv2d ${shape} falls short`);
  }
});

/** A competitor as a module of its own; `prepare`, or `open` before it, decides what becomes of it. */
function competitor(prepare: string, open = ''): URL {
  const code = `
    const job = { run() {}, wait: async () => {}, result: async () => Float32Array.of(1, 2), close() {} };
    export async function open() {
      ${open}
      return { name: 'fake 1.0', adapter: 'none', prepare: async () => { ${prepare} } };
    }`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

const work = { kind: 'conv', pass: 'forward', batch: 1, channels: 1 } as const;
const conv = { ...work, height: 3, width: 3, outputs: 1, kernel: 3 };

test('the peers are pinned, and their lock carries no address of a registry', () => {
  const read = (name: string) => readFileSync(new URL(`../bench/peers/${name}`, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

test('a competitor in a process of its own works as told', async () => {
  const remote = await startRemote(competitor('return job;'));
  expect(remote).toMatchObject({ name: 'fake 1.0', adapter: 'none' });
  await remote.prepare(conv);
  expect(await remote.sample(3)).toBeGreaterThanOrEqual(0);
  expect(await remote.result()).toEqual(Float32Array.of(1, 2));
  remote.stop();
  await expect(remote.sample(1)).rejects.toThrow('fake 1.0: it was stopped');
});

test('what goes wrong in a competitor is told with its name, and ends nobody else', async () => {
  const failing = await startRemote(competitor(`throw new Error('no such kernel');`));
  await expect(failing.prepare(conv)).rejects.toThrow(new CompetitorError('fake 1.0', 'no such kernel'));
  failing.stop();
  await expect(startRemote(competitor('', `throw new Error('no backend');`))).rejects.toThrow('no backend');
  const dying = await startRemote(competitor(`console.error('Error: out of memory'); process.exit(7);`));
  const death = 'fake 1.0: its process ended with code 7: Error: out of memory';
  await expect(dying.prepare(conv)).rejects.toThrow(death);
  await expect(dying.sample(1)).rejects.toThrow(death);
});

test.each([
  [['cnov'], "unknown suite 'cnov', did you mean 'conv'?"],
  [['xyz'], "unknown suite 'xyz'; suites: conv"],
  [[], 'no suite named; suites: conv'],
  [['conv', 'conv'], "one suite at a time, got also 'conv'"],
  [['conv', '--fast'], "Unknown option '--fast'; --help lists the options"],
  [['conv', '--quick', '--save'], '--quick measures nothing that is worth --save'],
])('a wrong command line is one line and code 2: %j', async (argv, message) => {
  let stderr = '';
  const code = await main(argv, { stderr: { write: (text: string) => (stderr += text) } });
  expect({ code, stderr }).toEqual({ code: 2, stderr: `bench: ${message}\n` });
});

test('conv runs, alone and quickly: the last line of stdout is the report', () => {
  const script = fileURLToPath(new URL('../scripts/limbeck.mjs', import.meta.url));
  const argv = [script, 'bench', 'conv', '--quick', '--no-peers', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Report;
  expect(Object.keys(report)).toEqual(['adapter', 'rows', 'peers', 'failures']);
  expect(report.adapter).not.toBe('');
  expect(report.rows.map(({ name }) => name)).toEqual([
    'conv2d',
    'conv2d, gradient by input',
    'conv2d, gradient by weight',
  ]);
  for (const row of report.rows) {
    expect(row.shape).toBe('2×3×7×9 → 4, 3×3');
    for (const value of [row.ms, row.minMs, row.firstMs, row.gflops]) expect(value).toBeGreaterThan(0);
    // 2·(2·4·5·7)·3·3² operations.
    expect(row.gflops).toBeCloseTo(15_120 / row.ms / 1e6, 6);
  }
  expect(report).toMatchObject({ peers: [], failures: [] });
  expect(stderr).toContain('GFLOP/s');
});
