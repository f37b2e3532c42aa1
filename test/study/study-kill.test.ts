/**
 * `study run --all` killed with SIGKILL at random moments, two processes at a time: what was done stays, nothing is done
 * twice, and the tables are those of a plan that nobody disturbed. STUDY_KILLS=200 kills more often.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createProgressLine } from '../../cli/progress-line.ts';
import { mergeFolder } from '../../cli/study/merge-folder.ts';
import { makePlan } from '../../study/plan/plan.ts';
import { createPlanFolder, type PlanFolder, type RunResult } from '../../study/plan/plan-folder.ts';
import { readOnce } from '../../study/plan/read-once.ts';
import { runAll } from '../../cli/study/run-all.ts';
import { parseStudy } from '../../study/plan/study-file.ts';
import { methodNames, planStudy, runStudy } from '../../study/study.ts';
import { packageVersion } from '../../base/package-version.ts';
import { PATIENCE_MS } from '../../scripts/patience.mjs';

const kills = Number(process.env.STUDY_KILLS ?? 20);
const root = new URL('../..', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'limbeck-kill-'));
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

// Long enough that most kills come in the middle of it.
const noises = Array.from({ length: Math.ceil(kills / 3) }, (_, i) => i / (2 * kills));
const study = JSON.stringify({
  name: 'killed',
  base: { 'train-rows': 30, 'test-rows': 10, epochs: 20, 'teacher-epochs': 20, 'batch-size': 16, seeds: 2 },
  grid: { noise: noises, methods: ['scratch', 'imitation'] },
});

const signal = new AbortController().signal;
const version = packageVersion;
const read = readOnce({ signal, onProgress() {}, onSkip() {} });

async function planned(name: string): Promise<PlanFolder> {
  const folder = createPlanFolder(join(home, name), version);
  const file = parseStudy(study, 'study.json', methodNames);
  folder.writePlan(await makePlan(file, { methodNames, version, planStudy, read }));
  return folder;
}

interface Started {
  child: ChildProcess;
  /** Its first training. */
  begun: Promise<void>;
  ended: Promise<number | null>;
  said: () => string;
}

function start(folder: PlanFolder): Started {
  const words = ['scripts/limbeck.mjs', 'study', 'run', folder.path, '--all'];
  const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let text = '';
  const begun = new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes('adapter:')) resolve();
      });
    }
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  return { child, begun, ended, said: () => text };
}

/** Every result there is, by name: a file that is there is whole. */
function resultsOf({ path }: PlanFolder): Map<string, RunResult> {
  const names = readdirSync(join(path, 'results')).filter((name) => name.endsWith('.json'));
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(path, 'results', name), 'utf8')) as RunResult]),
  );
}

/** What `merge` writes. */
function merged(folder: PlanFolder): Record<string, string> {
  mergeFolder(folder);
  const names = ['results.md', 'results.csv', 'seeds.csv', 'report.html'];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder.path, name), 'utf8')]));
}

/** Until there are more results, as long as one of the processes lives. */
async function moreThan(
  count: number,
  now: () => number,
  pair: readonly { readonly child: ChildProcess }[],
): Promise<void> {
  while (now() <= count && pair.some(({ child }) => child.exitCode === null && child.signalCode === null))
    await sleep(20);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`${kills} kills, then the same tables, byte for byte`, {
  timeout: PATIENCE_MS + kills * 60_000,
}, async () => {
  const calm = await planned('calm');
  const progress = createProgressLine(process.stderr, { isQuiet: true });
  const around = { plan: calm.readPlan(), folder: calm, methodNames, runStudy, read, signal, onDevice() {} };
  const undisturbed = await runAll(around, { progress, retryFailed: false });
  expect(undisturbed).toMatchObject({ trained: 2 * noises.length, failed: [], isStopped: false });

  const folder = await planned('killed');
  let seen = new Map<string, RunResult>();
  let died = 0;
  let midway = 0;
  while (died < kills) {
    const pair = [start(folder), start(folder)];
    // One in five is killed while it starts, the others in the middle of their first runs, or, however slow the machine
    // is, just after one of them has ended.
    const chance = Math.random();
    const { begun } = pair[0]!;
    const now = () => resultsOf(folder).size;
    const doomed =
      chance < 0.2
        ? sleep(chance * 5000)
        : chance < 0.6
          ? begun.then(() => sleep(Math.random() * 1500))
          : begun.then(() => moreThan(seen.size, now, pair));
    await Promise.race([...pair.map(({ ended }) => ended), doomed]);
    for (const { child, ended } of pair) {
      await sleep(Math.random() * 200);
      const isRunning = child.exitCode === null;
      child.kill('SIGKILL');
      await ended;
      if (isRunning) died++;
    }
    const left = resultsOf(folder);
    for (const [name, result] of seen) expect(left.get(name), 'done once').toEqual(result);
    if (left.size > 0 && left.size < 2 * noises.length) midway++;
    seen = left;
    if (left.size === 2 * noises.length) break;
  }
  mergeFolder(folder); // incomplete, perhaps: it merges too
  const [first, second] = [start(folder), start(folder)];
  expect(await first.ended, first.said()).toBe(0);
  expect(await second.ended, second.said()).toBe(0);

  expect(merged(folder)).toEqual(merged(calm));
  const done = resultsOf(folder);
  for (const [name, result] of seen) expect(done.get(name), 'done once').toEqual(result);
  expect(done.size).toBe(2 * noises.length);
  expect(readdirSync(join(folder.path, 'locks'))).toEqual([]);
  // What two processes have said that they trained is what was left, each run once.
  const trained = [first, second].flatMap(({ said }) =>
    [...said().matchAll(/ {2}run (\d+) {2}/g)].map(([, i]) => i),
  );
  expect(trained).toHaveLength(done.size - seen.size);
  expect(new Set(trained).size).toBe(trained.length);
  process.stderr.write(
    `${died} processes killed, ${midway} times midway; ${seen.size} of ${done.size} runs were done\n`,
  );
  expect(midway).toBeGreaterThan(0);
});
