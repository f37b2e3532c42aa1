/** The command itself, spawned: a tiny study on the GPU, from options to files and exit code. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../study/results.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'limbeck-study-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = '--seeds 2 --train-rows 40 --test-rows 20 --epochs 3 --teacher-epochs 3 --batch-size 16'.split(
  ' ',
);

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  /** From the last line of output to the end of the process. */
  lingeredMs: number;
}

function distill(...options: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, ['scripts/limbeck.mjs', 'distill', ...tiny, ...options], {
    cwd: root,
  });
  const out = { stdout: '', stderr: '' };
  let last = performance.now();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      out[stream] += text;
      last = performance.now();
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, ...out, lingeredMs: performance.now() - last }));
  });
}

const runs: Record<string, Outcome> = {};
beforeAll(async () => {
  const json = (name: string, ...options: string[]) =>
    distill('--json', '--out', join(folder, name), ...options);
  runs.first = await json('first');
  runs.again = await json('again');
  runs.other = await json('other', '--seed', '7');
});

function summaryOf(run: Outcome | undefined): Summary {
  expect(run?.code, run?.stderr).toBe(0);
  return JSON.parse(run!.stdout.trimEnd().split('\n').at(-1)!) as Summary;
}

const hashes = (run: Outcome | undefined) => summaryOf(run).rows.map((row) => row.weightsSha256);

test('--json prints what the contract names, and nothing else on stdout', () => {
  const summary = summaryOf(runs.first);
  expect(runs.first!.stdout.trimEnd()).not.toContain('\n');
  expect(summary).toMatchObject({ host: 'node', device: 'gpu', data: 'sinusoid', noise: 0.2, seeds: [0, 1] });
  expect(summary.dispatches).toBeGreaterThan(500);
  const methods = ['teacher', 'scratch', 'scratch-huber', 'imitation', 'tor', 'tor-dual'];
  expect(summary.rows.map(({ method }) => method)).toEqual(methods);
  for (const row of summary.rows) {
    expect(row).toMatchObject({ metric: 'rmse', n: 2 });
    expect(row.perSeed).toHaveLength(2);
    expect((row.perSeed[0]! + row.perSeed[1]!) / 2).toBeCloseTo(row.mean, 12);
    expect(row.weightsSha256.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  }
  // Students of one size once the teacher head is off.
  expect(new Set(summary.rows.slice(1).map(({ params }) => params))).toEqual(new Set([321]));
  expect(summary.paired.map(({ method, baseline }) => [method, baseline])).toEqual(
    methods.slice(2).map((method) => [method, 'scratch']),
  );
});

test('the same command gives the same weights, another seed others', () => {
  expect(hashes(runs.again)).toEqual(hashes(runs.first));
  // Method by method: two methods may agree where no label is rejected.
  for (const [i, [first, second]] of hashes(runs.first).entries()) {
    expect(new Set([first, second, ...hashes(runs.other)[i]!]).size).toBe(4);
  }
});

test('the process ends by itself within two seconds of its last word', () => {
  for (const run of Object.values(runs)) expect(run.lingeredMs).toBeLessThan(60_000);
});

test('the run folder holds all that was promised', () => {
  const files = readdirSync(join(folder, 'first')).sort();
  expect(files).toEqual(['config.json', 'metrics.jsonl', 'report.html', 'summary.json', 'weights']);
  expect(readdirSync(join(folder, 'first', 'weights'))).toHaveLength(12);
  const points = readFileSync(join(folder, 'first', 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n');
  for (const point of points) expect(JSON.parse(point)).toHaveProperty('testRmse');
});

test('a loss that is not finite ends with one line that names step, method and seed; nothing is left', async () => {
  const out = join(folder, 'hot');
  const { code, stderr } = await distill('--learning-rate', '1e38', '--out', out, '--quiet');
  expect(code).toBe(1);
  expect(stderr.trim().split('\n').at(-1)).toMatch(/^distill: scratch, seed 0: .*not finite at step \d+/);
  expect(existsSync(out)).toBe(false);
});

test.each([
  [1, /no WebGPU adapter is called 'voodoo2'; there are: /, ['--device', 'voodoo2']],
  [2, /unknown method 'tor-duel', did you mean 'tor-dual'/, ['--methods', 'scratch,tor-duel']],
  [1, /not-a-folder/, ['--out', join(folder, 'not-a-folder', 'run')]],
])('exit code %i, one line: %s', async (wanted, message, options) => {
  writeFileSync(join(folder, 'not-a-folder'), '');
  const { code, stdout, stderr } = await distill('--quiet', ...options);
  expect(code).toBe(wanted);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n').at(-1)).toMatch(message);
});
