/**
 * Runs that are stopped or killed and started again by the same command, each time in a new process: what comes out is what an
 * uninterrupted one leaves, bit for bit.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { isWhole } from '../../study/run/continuation.ts';
import { differences } from '../../tools/same/folders.ts';

const root = join(import.meta.dirname, '../..');
const base = mkdtempSync(join(tmpdir(), 'limbeck-go-on-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A loss, two players, two stages, a module, peers; seen at every step. */
const all = ['--methods', 'imitation,imitation+abm,impressions,hint,dml', '--abm', 'generator'];
const few = ['--methods', 'imitation+abm,impressions', '--abm', 'generator'];
const small = [
  ...['--generator-every', '3', '--impression-steps', '8', '--steps', '8', '--teacher-steps', '8'],
  ...[
    '--student',
    'mlp:4,4',
    '--teacher',
    'mlp:6,6',
    '--train-rows',
    '20',
    '--test-rows',
    '20',
    '--batch-size',
    '8',
  ],
  ...['--save-every', '0'],
];

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** @param kill At which change to a folder the process is killed, in the middle of it. */
function limbeck(
  words: readonly string[],
  kill?: { folder: string; call: number },
  signalAfter?: string,
): Promise<Ended> {
  const preload = pathToFileURL(join(root, 'tools/runs/crash-preload.ts')).href;
  const loaders = ['--import', 'tsx', ...(kill ? ['--import', preload] : [])];
  const env = kill && { CRASH_FOLDER: kill.folder, CRASH_CALL: String(kill.call), CRASH_HALF: '1' };
  const child = spawn(process.execPath, [...loaders, 'bin/limbeck.ts', ...words], {
    ...{ cwd: root, env: { ...process.env, ...env } },
  });
  let text = '';
  let hasSignalled = false;
  const hear = (piece: string) => {
    text += piece;
    if (signalAfter === undefined || hasSignalled || !text.includes(signalAfter)) return;
    hasSignalled = true;
    child.kill('SIGTERM');
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

/** Kills and starts again until it is done; how often it was killed. */
async function killed(words: readonly string[], folder: string, everyCall: number): Promise<number> {
  for (let kills = 0; ; kills++) {
    // Not always at the same place of a save, and further on each time, as if nothing ever were saved.
    const { code, text } = await limbeck(words, { folder, call: everyCall + 7 * kills });
    if (code === 0) return kills;
    // Killed at the very end, when only its locks were left: it is whole, and another run wants another folder.
    if (code === 2 && isWhole(folder) && !existsSync(join(folder, 'state'))) return kills;
    expect(code, text).toBe(null);
    if (kills > 0 && existsSync(join(folder, 'state'))) expect(text).toContain('unfinished: it goes on');
    expect(kills, text).toBeLessThan(12);
  }
}

test.each([
  ['side by side, on the GPU', [...all, '--seeds', '2'], 160],
  ['alone, on the CPU', [...few, '--seeds', '2', '--batch-seeds', '1', '--device', 'cpu'], 90],
  [
    'with a teacher of five networks',
    [
      '--methods',
      'ensemble',
      '--validation-share',
      '0.2',
      '--teacher-mode',
      'ensemble',
      '--seeds',
      '1',
      '--device',
      'cpu',
    ],
    130,
  ],
])('killed again and again: seeds %s', async (name, words, everyCall) => {
  const at = (which: string) => join(base, `${which} ${name}`);
  const command = (which: string) => ['distill', ...words, ...small, '--out', at(which)];
  const whole = await limbeck(command('whole'));
  expect(whole.code, whole.text).toBe(0);
  expect(await killed(command('killed'), at('killed'), everyCall)).toBeGreaterThan(2);
  expect(differences(at('whole'), at('killed'))).toEqual([]);
  expect(readFileSync(join(at('killed'), 'metrics.jsonl'))).toEqual(
    readFileSync(join(at('whole'), 'metrics.jsonl')),
  );
  expect(readdirSync(at('killed')).toSorted()).toEqual(readdirSync(at('whole')).toSorted());
});

test('SIGTERM: what is finished is a run, and the same command goes on; another, or a finished one, is refused', async () => {
  const [whole, stopped] = [join(base, 'whole'), join(base, 'stopped')];
  const words = (out: string, ...more: string[]) => [
    ...[
      'distill',
      '--methods',
      'scratch,scratch-huber',
      '--seeds',
      '1',
      '--device',
      'cpu',
      '--train-rows',
      '20',
    ],
    ...[
      '--test-rows',
      '20',
      '--batch-size',
      '8',
      '--steps',
      '600',
      '--save-every',
      '0',
      '--out',
      out,
      ...more,
    ],
  ];
  expect((await limbeck(words(whole))).code).toBe(0);
  const ended = await limbeck(words(stopped), undefined, '1/2  seed 0');
  expect(ended.code, ended.text).toBe(143);
  expect(ended.text).toContain(`the same command with --out ${stopped} goes on from here`);
  const summary = () => JSON.parse(readFileSync(join(stopped, 'summary.json'), 'utf8')) as { partial?: true };
  expect(summary().partial).toBe(true);
  const other = await limbeck(words(stopped, '--student', 'mlp:9'));
  expect([other.code, other.text]).toEqual([
    2,
    expect.stringContaining('its --student is mlp:16,16, not mlp:9'),
  ]);
  expect(summary().partial).toBe(true);
  const again = await limbeck(words(stopped));
  expect(again.code, again.text).toBe(0);
  expect(differences(whole, stopped)).toEqual([]);
  const third = await limbeck(words(stopped));
  expect([third.code, third.text]).toEqual([2, expect.stringContaining('holds an earlier run')]);
});

test('a run of a study that was killed goes on', async () => {
  const file = join(base, 'study.json');
  const options = {
    methods: 'imitation',
    device: 'cpu',
    seeds: 1,
    steps: 8,
    'teacher-steps': 8,
    'train-rows': 20,
    'test-rows': 20,
  };
  writeFileSync(file, JSON.stringify({ name: 'cut', base: options }));
  const results: unknown[] = [];
  for (const name of ['whole plan', 'cut plan']) {
    const folder = join(base, name);
    expect((await limbeck(['study', 'plan', file, '--out', folder])).code).toBe(0);
    const run = ['study', 'run', folder, '--index', '0', '--save-every', '0'];
    const [state] = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')).runs as { id: string }[];
    if (name === 'cut plan') {
      expect(await killed(run, join(folder, 'states'), 40)).toBeGreaterThan(0);
      expect(existsSync(join(folder, 'states', state!.id))).toBe(false);
    } else expect((await limbeck(run)).code).toBe(0);
    const { seeds } = JSON.parse(readFileSync(join(folder, 'results', `${state!.id}.json`), 'utf8')) as {
      seeds: { scores: { weightsSha256: string }[] }[];
    };
    results.push(seeds[0]!.scores.map(({ weightsSha256 }) => weightsSha256));
  }
  expect(results[0]).toEqual(results[1]);
});
