/** The command `study`: plans made, run and merged; exit codes; and the locks that keep processes apart. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AdapterError } from '../../engine/device/device-errors.ts';
import { main } from '../../cli/study/study.ts';
import type { Plan } from '../../study/plan/plan.ts';
import type { RunResult } from '../../study/plan/plan-folder.ts';
import { isWorthRetry } from '../../study/run/worth-retry.ts';
import { takeLock } from '../../base/process-lock.ts';

const home = mkdtempSync(join(tmpdir(), 'limbeck-plan-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const tiny = {
  'train-rows': 30,
  'test-rows': 10,
  epochs: 2,
  'teacher-epochs': 2,
  'batch-size': 16,
  seeds: 2,
};

async function study(...words: string[]) {
  const heard = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (heard[name] += text) });
  const code = await main(words, { stdout: stream('stdout'), stderr: stream('stderr') });
  return { code, ...heard };
}

async function planned(name: string, given: object): Promise<{ folder: string; plan: Plan; said: string }> {
  const file = join(home, `${name}.json`);
  writeFileSync(file, JSON.stringify({ name, ...given }));
  const folder = join(home, name);
  const { code, stdout, stderr } = await study('plan', file, '--out', folder);
  expect(code, stderr).toBe(0);
  return { folder, said: stdout, plan: JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as Plan };
}

const resultOf = (folder: string, id: string) =>
  JSON.parse(readFileSync(join(folder, 'results', `${id}.json`), 'utf8')) as RunResult;

test('a plan is run once, extended, and only what is new is trained; teachers are shared', async () => {
  const grid = { noise: [0, 0.2], methods: ['tor', 'imitation'] };
  const { folder, plan, said } = await planned('small', { base: tiny, grid });
  expect(said).toContain('4 runs in ');
  expect((await study('run', folder, '--index', '2')).stdout).toMatch(
    /^run 2 \(noise 0.2, methods tor\) is done: /,
  );
  expect((await study('run', folder, '--index', '2')).stdout).toBe(
    'run 2 (noise 0.2, methods tor) was done before\n',
  );
  const first = resultOf(folder, plan.runs[2]!.id);
  expect(first.seeds.map(({ seed, scores }) => [seed, scores.map(({ method }) => method)])).toEqual([
    [0, ['teacher', 'tor']],
    [1, ['teacher', 'tor']],
  ]);
  expect(first.command).toContain('distill --train-rows=30 ');
  const all = await study('run', folder, '--all');
  expect(all).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('4 of 4 runs are done, 3 of them now'),
  });
  expect(resultOf(folder, plan.runs[2]!.id)).toEqual(first);
  // Two noises, two seeds.
  expect(readdirSync(join(folder, 'teachers', readdirSync(join(folder, 'teachers'))[0]!))).toHaveLength(4);

  const longer = await planned('small', {
    base: tiny,
    grid: { noise: [0, 0.1, 0.2], methods: ['tor', 'imitation'] },
  });
  expect(longer.said).toContain('6 runs in ');
  expect(longer.said).toContain(', 4 of them done');
  expect((await study('run', folder, '--all')).stdout).toContain('6 of 6 runs are done, 2 of them now');
  const merged = await study('merge', folder);
  expect(merged.stdout).toContain('6 of 6 runs are done');
  expect(readFileSync(join(folder, 'results.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(1 + 3 * 3);
});

test('one run fails for good, the others are done; it is not tried again unless asked', async () => {
  const { folder, plan } = await planned('failing', {
    base: { ...tiny, methods: 'scratch', seeds: 1 },
    grid: { 'learning-rate': [0.01, 1e38, 0.02] },
  });
  const all = await study('run', folder, '--all', '--quiet');
  expect(all.code).toBe(1);
  expect(all.stderr).toMatch(/^study: run 1 \(learning-rate 1e\+38\) failed: scratch, seed 0: .*not finite/);
  expect(all.stdout).toContain('2 of 3 runs are done, 2 of them now');
  const failed = resultOf(folder, plan.runs[1]!.id);
  expect(failed.error).toMatchObject({ isWorthRetry: false });
  const again = await study('run', folder, '--all', '--quiet');
  expect(again.stderr).toContain('(before; --retry-failed tries again)');
  expect(again.code).toBe(1);
  expect(resultOf(folder, plan.runs[1]!.id)).toEqual(failed);
  await study('run', folder, '--all', '--quiet', '--retry-failed');
  expect(resultOf(folder, plan.runs[1]!.id).started).not.toBe(failed.started);
  expect((await study('run', folder, '--index', '1')).code).toBe(1);
  expect((await study('merge', folder)).stdout).toContain('failed: run 1 (learning-rate 1e+38): ');
});

test('what may pass is worth a retry: 75', async () => {
  const { folder } = await planned('elsewhere', { base: { ...tiny, device: 'voodoo2' } });
  const one = await study('run', folder, '--index', '0');
  expect(one).toMatchObject({
    code: 75,
    stderr: expect.stringContaining("no WebGPU adapter is called 'voodoo2'"),
  });
  expect((await study('run', folder, '--all')).code).toBe(75);
  expect(isWorthRetry(new AdapterError('none'))).toBe(true);
  expect(isWorthRetry(new Error('WebGPU: Out of memory'))).toBe(true);
  expect(isWorthRetry(new RangeError('Array buffer allocation failed'))).toBe(true);
  expect(isWorthRetry(Object.assign(new Error('ENOSPC'), { syscall: 'write', code: 'ENOSPC' }))).toBe(true);
  expect(isWorthRetry(new TypeError('x is not a function'))).toBe(false);
});

test('data that have changed since the plan was made are refused', async () => {
  const data = join(home, 'table.csv');
  const rows = (offset: number) =>
    Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * i) % 11},${i + offset}`);
  writeFileSync(data, `a,b,y\n${rows(0).join('\n')}\n`);
  const base = { epochs: 2, 'teacher-epochs': 2, seeds: 1, methods: 'scratch', data };
  const { folder } = await planned('changed', { base, grid: { noise: [0, 0.1] } });
  expect((await study('run', folder, '--index', '0')).code).toBe(0);
  writeFileSync(data, `a,b,y\n${rows(1).join('\n')}\n`);
  const late = await study('run', folder, '--index', '1');
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the data are not those of the plan any more'),
  });
});

test.each<[string[], string]>([
  [['plam'], "unknown action 'plam'"],
  [['plan'], 'plan wants STUDY.json'],
  [['plan', 'nowhere.json'], 'cannot read nowhere.json: no such file'],
  [['run', home, '--all'], 'plan.json is missing; make one with: study plan STUDY.json'],
  [['run', home], 'run wants either --index N or --all'],
  [['run', home, '--al'], "Unknown option '--al'"],
])('%j is refused with one line and code 2', async (words, message) => {
  const { code, stderr } = await study(...words);
  expect(stderr).toContain(message);
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
});

test('a folder with other things is left alone; an index out of range is refused', async () => {
  mkdirSync(join(home, 'mine'));
  writeFileSync(join(home, 'mine', 'thesis.txt'), '');
  writeFileSync(join(home, 'one.json'), JSON.stringify({ name: 'one', base: tiny }));
  const refused = await study('plan', join(home, 'one.json'), '--out', join(home, 'mine'));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('holds other files') });
  expect(readdirSync(join(home, 'mine'))).toEqual(['thesis.txt']);
  const { folder } = await planned('one', { base: tiny });
  expect((await study('run', folder, '--index', '1')).stderr).toContain("from 0 to 0, not '1'");
});

test('SIGTERM ends with 75, and the run is free for the next', async () => {
  const { folder } = await planned('long', { base: { ...tiny, epochs: 1e6, methods: 'scratch' } });
  const root = new URL('../..', import.meta.url).pathname;
  const child = spawn(process.execPath, ['scripts/limbeck.mjs', 'study', 'run', folder, '--all'], {
    cwd: root,
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => text.includes('adapter:') && resolve());
  });
  const [id] = readdirSync(join(folder, 'locks')).map((name) => name.split('.')[0]!);
  expect(takeLock(join(folder, 'locks'), id!)).toEqual({ owner: `process ${child.pid} on ${hostname()}` });
  expect((await study('run', folder, '--index', '0')).code).toBe(75);
  child.kill('SIGTERM');
  expect(await ended).toBe(75);
  expect(existsSync(join(folder, 'results', `${id}.json`))).toBe(false);
  expect('release' in takeLock(join(folder, 'locks'), id!)).toBe(true);
});

test('locks: one holder; the dead, the silent and those who let go are succeeded', () => {
  const folder = mkdtempSync(join(home, 'locks-'));
  const take = () => takeLock(folder, 'a');
  const lock = take();
  if (!('release' in lock)) throw new Error('a free run is locked');
  expect(take()).toEqual({ owner: `process ${process.pid} on ${hostname()}` });
  expect('release' in takeLock(folder, 'b')).toBe(true);
  const own = JSON.parse(readFileSync(join(folder, 'a.1'), 'utf8')) as Record<string, unknown>;
  const pretend = (change: object, secondsAgo = 0) => {
    const highest = Math.max(
      ...readdirSync(folder).flatMap((name) => (name.startsWith('a.') ? Number(name.slice(2)) : [])),
    );
    const path = join(folder, `a.${highest}`);
    writeFileSync(path, JSON.stringify({ ...own, ...change }));
    const then = new Date(Date.now() - secondsAgo * 1000);
    utimesSync(path, then, then);
    return take();
  };
  const isTaken = (result: ReturnType<typeof take>) => 'release' in result;
  // However silent: a process of this machine is asked.
  expect(isTaken(pretend({}, 1e6))).toBe(false);
  // No such process; another one with its number.
  expect(isTaken(pretend({ pid: 2 ** 22 + 1 }))).toBe(true);
  expect(isTaken(pretend({ started: '1' }))).toBe(process.platform === 'linux');
  expect(isTaken(pretend({ machine: 'elsewhere/' }, 5))).toBe(false);
  expect(isTaken(pretend({ machine: 'elsewhere/' }, 120))).toBe(true);
  // Its clock is ahead, or ours was set back: nobody waits for that moment to come.
  expect(isTaken(pretend({ machine: 'elsewhere/' }, -86_400))).toBe(true);
  expect(isTaken(pretend({ released: true }))).toBe(true);
  const last = take();
  expect(isTaken(last)).toBe(false);
  lock.remove();
  expect(readdirSync(folder)).toEqual(['b.1']);

  // Created, and killed before it was written.
  writeFileSync(join(folder, 'c.1'), '');
  expect(takeLock(folder, 'c')).toEqual({ owner: 'a process that is just beginning' });
  const before = new Date(Date.now() - 3000);
  utimesSync(join(folder, 'c.1'), before, before);
  expect('release' in takeLock(folder, 'c')).toBe(true);
  writeFileSync(join(folder, 'd.1'), '');
  const later = new Date(Date.now() + 1e8);
  utimesSync(join(folder, 'd.1'), later, later);
  expect('release' in takeLock(folder, 'd')).toBe(true);
});
