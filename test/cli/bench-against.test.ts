/** `bench --against`: what pairs of batches show, and what they do not; the command beside a copy of these sources. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { AgainstReport } from '../../bench/against.ts';
import { againstText, isWorse } from '../../bench/against-report.ts';
import { main } from '../../bench/main.ts';
import { confirmed, measurePairs, medianInterval, type PairTiming, verdictOf } from '../../bench/pairs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limbeck-against-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the interval of a median has the ranks of the sign test', () => {
  const values = (n: number) => Array.from({ length: n }, (_, i) => n - i);
  // Tables of the sign test at 5 %, two sides: ranks 1, 2, 4, 6 and 10 of 6, 9, 15, 20 and 30.
  expect(medianInterval(values(6))).toEqual({ ratio: 3.5, low: 1, high: 6 });
  expect(medianInterval(values(9))).toEqual({ ratio: 5, low: 2, high: 8 });
  expect(medianInterval(values(15))).toEqual({ ratio: 8, low: 4, high: 12 });
  expect(medianInterval(values(20))).toMatchObject({ low: 6, high: 15 });
  expect(medianInterval(values(30))).toMatchObject({ low: 10, high: 21 });
  expect(() => medianInterval(values(5))).toThrow('wants 6 values or more, got 5');
});

test('pairs are free of a machine that slows down and of who begins; the ratio stays', async () => {
  let now = 0;
  const order: string[] = [];
  const contestant = (name: string, ms: number) => ({
    sample: (runs: number) => {
      if (runs > 0) order.push(name);
      now += 1;
      // Every sample finds the machine slower than the one before.
      return Promise.resolve(runs * ms * (1 + now / 50));
    },
  });
  const timing = await measurePairs(contestant('a', 66), contestant('b', 60), { pairs: 16, sampleMs: 50 });
  expect(timing).toMatchObject({ runs: 1, pairs: 16, processes: 1 });
  expect(timing.ratio).toBeGreaterThan(1.08);
  expect(timing.ratio).toBeLessThan(1.12);
  expect(verdictOf(timing, 1.05)).toBe('slower');
  expect(order.slice(-6).join('')).toBe('baabba');
});

const timing = (ratio: number, spread = 0): PairTiming => ({
  ...{ here: ratio, there: 1, ratio, low: ratio - spread, high: ratio + spread },
  ...{ runs: 1, pairs: 15, processes: 1 },
});

test('only an interval beyond the limit shows something', () => {
  expect(verdictOf(timing(1.2, 0.1), 1.05)).toBe('slower');
  expect(verdictOf(timing(1.2, 0.2), 1.05)).toBe('no difference shown');
  expect(verdictOf(timing(1.04), 1.05)).toBe('no difference shown');
  expect(verdictOf(timing(0.8, 0.1), 1.05)).toBe('faster');
  expect(verdictOf(timing(0.96), 1.05)).toBe('no difference shown');
});

test('a difference counts if fresh processes show it again, all of them', async () => {
  const times = (ratios: readonly number[]) => {
    let asked = 0;
    const again = () => Promise.resolve(timing(ratios[asked++]!));
    return { again, asked: () => asked };
  };
  const real = times([1.3, 1.1, 1.2, 1.25, 1.15]);
  const slower = await confirmed(timing(1.2), 1.05, real.again);
  expect(slower).toMatchObject({ low: 1.1, high: 1.3, processes: 6 });
  expect(verdictOf(slower, 1.05)).toBe('slower');

  const luck = times([1.3, 1.01, 1.3]);
  const lucky = await confirmed(timing(1.2), 1.05, luck.again);
  expect(lucky).toMatchObject({ ratio: 1.2, processes: 3 });
  expect(verdictOf(lucky, 1.05)).toBe('no difference shown');

  const none = times([]);
  expect(await confirmed(timing(1.02), 1.05, none.again)).toEqual(timing(1.02));
  expect(none.asked()).toBe(0);
});

test('the text has every row, what differs, what was not compared, and the sum last', () => {
  const row = { name: 'add', shape: '2×2', variant: '', verdict: 'slower' as const, ...timing(1.25, 0.1) };
  const report: AgainstReport = {
    adapter: 'an adapter',
    limit: 1.05,
    rows: [
      row,
      { ...row, variant: 'native', ...timing(1), verdict: 'no difference shown', difference: 'NaN' },
    ],
    failures: [{ work: 'new, 3×3', where: 'there', reason: 'no case' }],
  };
  const lines = againstText(report).split('\n');
  expect(lines[2]).toMatch(/^add +2×2 +1\.25 +1\.00 +1\.250 +1\.150 to 1\.350 +15 +slower$/);
  expect(lines).toContain('add, 2×2, native: other numbers: NaN');
  expect(lines).toContain('new, 3×3: not compared, fails there: no case');
  expect(lines.at(-1)).toBe(
    '2 works: 1 slower, 0 faster, 1 without a difference, 1 not compared; geometric mean of the ratios 1.118',
  );
  expect(isWorse(report)).toBe(true);
  expect(isWorse({ ...report, rows: report.rows.slice(1) })).toBe(false);
  expect(isWorse({ ...report, rows: [], failures: [{ ...report.failures[0]!, where: 'here' }] })).toBe(true);
});

/** The command in this process; what it measures runs in others. */
async function run(...argv: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await main(argv, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

test.each([
  [['--against', '/nowhere'], '--against /nowhere: there is no such folder'],
  [
    ['--against', tmpdir()],
    `--against ${tmpdir()}: wants a checkout of limbeck, which has a bench/works/ours.ts`,
  ],
  [['--against', root, '--only', 'xyz'], "--only xyz: no work of 'kernels' is called so"],
  [['--against', root, '--pairs', '5'], "--pairs: wants a whole number of 6 or more, got '5'"],
  [['--against', root, '--limit', '0.9'], "--limit: wants a ratio of 1 or more, such as 1.05, got '0.9'"],
  [['--against', root, '--save'], '--save goes not together with --against'],
  [['--pairs', '20'], '--pairs goes only with --against'],
])('a wrong command line is one line and code 2: %j', async (argv, message) => {
  const { code, stderr } = await run('kernels', ...argv);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `bench: ${message}\n` });
});

test('a checkout without its packages is told how to get them', async () => {
  mkdirSync(join(folder, 'bare/bench'), { recursive: true });
  writeFileSync(join(folder, 'bare/bench/ours.ts'), '');
  const { code, stderr } = await run('kernels', '--against', join(folder, 'bare'));
  expect(code).toBe(2);
  expect(stderr).toContain(`ln -s ${join(root, 'node_modules')} ${join(folder, 'bare/node_modules')}`);
});

/** A checkout whose own sources decide what its works do. */
function checkout(name: string, source: string): string {
  const at = join(folder, name);
  mkdirSync(join(at, 'bench'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'));
  writeFileSync(join(at, 'bench/ours.ts'), source);
  return at;
}

const words = ['kernels', '--quick', '--json', '--pairs', '6', '--only', 'softmax'];

test('beside these very sources: the same numbers, and a ratio that no busy machine makes a hundred', async () => {
  const { code, stdout } = await run(...words, '--limit', '100', '--against', root);
  const report = JSON.parse(stdout) as AgainstReport;
  expect(report).toMatchObject({ limit: 100, failures: [] });
  expect(report.rows).toHaveLength(1);
  const [row] = report.rows;
  expect(row).toMatchObject({ name: 'softmax', pairs: 6, processes: 1, verdict: 'no difference shown' });
  expect(row).not.toHaveProperty('difference');
  expect(row!.here).toBeGreaterThan(0);
  expect(row!.low).toBeLessThanOrEqual(row!.ratio);
  expect(row!.high).toBeGreaterThanOrEqual(row!.ratio);
  expect(code).toBe(0);
});

test('beside one that does nothing at all it is slower in six pairs of processes: code 1', async () => {
  // The other's sources are asked, not these: it says that it has the same adapter, and has no numbers.
  const { adapter } = JSON.parse(
    (await run(...words, '--limit', '100', '--against', root)).stdout,
  ) as AgainstReport;
  const other = checkout(
    'idle',
    `export const open = async () => ({ name: 'idle', adapter: ${JSON.stringify(adapter)}, prepare: async () => ({
       run() {}, wait: async () => {}, result: async () => new Float32Array(1), gpuTime: async (runs) => 1e-6 * runs + 1e-9, close() {},
     }) });`,
  );
  const { code, stdout, stderr } = await run(...words, '--against', other);
  const report = JSON.parse(stdout) as AgainstReport;
  expect(report.rows[0], stderr).toMatchObject({ verdict: 'slower', processes: 6 });
  expect(report.rows[0]!.difference).toMatch(/numbers instead of/);
  expect(code).toBe(1);
});

test('a work that the other does not know is left out and said, and is no loss', async () => {
  const other = checkout(
    'older',
    `export const open = async () => ({ name: 'older', prepare: async () => { throw new Error('no such case'); } });`,
  );
  const { code, stdout, stderr } = await run(...words, '--against', other);
  expect((JSON.parse(stdout) as AgainstReport).failures).toEqual([
    { work: expect.stringMatching(/^softmax, /) as string, where: 'there', reason: 'no such case' },
  ]);
  expect(stderr).toContain('left out: there: no such case');
  expect(code).toBe(0);
});
