/** The command from argv to exit code, with a study that trains nothing. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../cli/distill.ts';
import { RunError } from '../../base/errors.ts';
import { createProgress } from '../../cli/progress.ts';
import type { RunStudy } from '../../study/study-types.ts';
import { fakeMethods, fakeStudy } from '../fake-study.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-test-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function recorder() {
  const parts: string[] = [];
  return { write: (text: string) => parts.push(text), text: () => parts.join('') };
}

async function distill(argv: string[], runStudy: RunStudy = fakeStudy()) {
  const stdout = recorder();
  const stderr = recorder();
  const code = await main(argv, {
    runStudy,
    methodNames: fakeMethods,
    planStudy: () => ({ networks: 12, steps: 34_567 }),
    stdout,
    stderr,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

const small = (...more: string[]) => [
  '--out',
  join(base, 'run'),
  '--train-rows',
  '50',
  '--seeds',
  '2',
  ...more,
];
const summaryOf = () => JSON.parse(readFileSync(join(base, 'run', 'summary.json'), 'utf8'));

test('a run fills its folder, prints the table, and ends with 0', async () => {
  const { code, stdout, stderr } = await distill(small());
  expect(code).toBe(0);
  expect(readdirSync(join(base, 'run')).sort()).toEqual([
    'config.json',
    'metrics.jsonl',
    'report.html',
    'summary.json',
    'weights',
  ]);
  expect(readdirSync(join(base, 'run', 'weights'))).toHaveLength(12);
  expect(JSON.parse(readFileSync(join(base, 'run', 'config.json'), 'utf8'))).toMatchObject({
    version: 2,
    data: { data: 'sinusoid', trainRows: 50 },
    run: { seeds: 2 },
    adapter: { adapter: 'fake adapter' },
    versions: { node: process.versions.node },
  });
  expect(stdout).toMatch(/tor-dual − scratch: .*\n/);
  expect(stdout).toContain('report.html');
  expect(stdout).toMatch(/1.234 dispatches/);
  expect(stderr).toContain('adapter: fake adapter (gpu, node)');
  expect(stderr).toContain('12/12  seed 1  tor-dual  test RMSE');
});

test('--json: stdout is one line, the contract; people read stderr', async () => {
  const { code, stdout, stderr } = await distill(small('--json'));
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const summary = JSON.parse(stdout);
  expect(Object.keys(summary)).toEqual(
    expect.arrayContaining(['adapter', 'host', 'device', 'data', 'noise', 'seeds', 'rows', 'paired', 'mask']),
  );
  expect(summary.rows[0]).toMatchObject({ method: 'teacher', metric: 'rmse', n: 2 });
  expect(Object.keys(summary.rows[0]).sort()).toEqual([
    'ci95',
    'mean',
    'method',
    'metric',
    'n',
    'params',
    'perSeed',
    'seconds',
    'weightsSha256',
  ]);
  expect(summary).toEqual(summaryOf());
  expect(stderr).toContain('test RMSE');
});

test('a wrong option is one line, code 2, and no folder', async () => {
  const { code, stdout, stderr } = await distill(small('--nosie', '0.1'));
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe("distill: unknown option '--nosie', did you mean '--noise'?\n");
  expect(existsSync(join(base, 'run'))).toBe(false);
});

const csv = (text: string | Uint8Array) => {
  const path = join(base, 'some table.csv');
  writeFileSync(path, text);
  return path;
};
const rows = Array.from({ length: 50 }, (_, i) => `${i},${i % 7},${i / 2}`).join('\n');

test('a CSV file: what was read is said and kept, and the study gets the table', async () => {
  let given: unknown;
  const study: RunStudy = (config, hooks, input) => {
    given = input?.table;
    expect(config).toMatchObject({ data: 'table', target: ['b'], trainRows: 40, testRows: 10, noise: 0 });
    return fakeStudy()(config, hooks);
  };
  const path = csv(`a,b,c\n${rows}\n`);
  const { code, stderr } = await distill(
    ['--data', path, '--target', 'b', '--out', join(base, 'run')],
    study,
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`${path}: 50 rows, 3 columns (commas between cells, a header)`);
  expect(given).toMatchObject({ columns: ['a', 'b', 'c'], rows: 50 });
  const config = JSON.parse(readFileSync(join(base, 'run', 'config.json'), 'utf8'));
  const table = { rows: 50, delimiter: ',', header: true };
  expect(config).toMatchObject({ data: { file: path }, read: { table } });
  expect(config.read.table.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(summaryOf()).toMatchObject({ data: 'some table.csv', target: ['b'], reference: 'held-out labels' });
  const dry = await distill(['--data', path, '--dry-run']);
  expect(dry.stdout).toMatch(/50 rows, 3 columns.*\n12 networks/);
  expect(dry.stdout).toMatch(/target +c\n/);
});

test.each([
  ['no file', undefined, [], /^distill: cannot read .*missing\.csv: no such file or directory\n$/],
  [
    'a bad cell',
    'a,b\n1,2\n3,x\n',
    [],
    /^distill: .*table\.csv: line 3, column 2 \('b'\): 'x' is no number.*\n$/,
  ],
  ['bad cells', 'a,b\n1,\n3,x\n5,6', [], /: 2 complaints\n {2}line 2, column 2.*\n {2}line 3, column 2.*\n$/],
  [
    'no UTF-8',
    new Uint8Array([0x61, 0xe9, 0x0a]),
    [],
    /is not UTF-8 text; save it as UTF-8, or say in which encoding it is \(--encoding windows-1252\)\n$/,
  ],
  [
    'no such target',
    `a,b,c\n${rows}`,
    ['--target', 'd'],
    /target: there is no column 'd'; there are 'a', 'b', 'c'\n$/,
  ],
  ['too few rows', 'a,b\n1,2\n3,4', [], /1 of its 2 rows are left to train on; a study needs 10/],
])('%s: a complaint, code 2, no folder', async (_, text, more, message) => {
  const path = text === undefined ? join(base, 'missing.csv') : csv(text);
  const { code, stdout, stderr } = await distill(['--data', path, '--out', join(base, 'run'), ...more]);
  expect(stderr).toMatch(message);
  expect([code, stdout, existsSync(join(base, 'run'))]).toEqual([2, '', false]);
});

test('an unwritable folder is one line, code 1, before any training', async () => {
  writeFileSync(join(base, 'run'), '');
  let isCalled = false;
  const study: RunStudy = (config, hooks) => {
    isCalled = true;
    return fakeStudy()(config, hooks);
  };
  const { code, stderr } = await distill(['--out', join(base, 'run', 'below')], study);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^distill: cannot write to run folder '.*': not a directory\n$/);
  expect(isCalled).toBe(false);
});

test('a failure before the first finished seed leaves nothing', async () => {
  const study = fakeStudy({
    during: (_, method) => {
      if (method === 'tor') throw new RunError('tor, seed 0, step 17: the loss is not finite');
    },
  });
  const { code, stderr } = await distill(small('--quiet'), study);
  expect(code).toBe(1);
  expect(stderr).toBe('distill: tor, seed 0, step 17: the loss is not finite\n');
  expect(readdirSync(base)).toEqual([]);
});

test('a later failure keeps the finished seeds and says so', async () => {
  const study = fakeStudy({
    during: (seed) => {
      if (seed === 1) throw new RunError('the device was lost');
    },
  });
  const { code, stderr } = await distill(small('--quiet'), study);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^distill: the device was lost \(1 finished seed is kept in .*\)\n$/);
  expect(summaryOf()).toMatchObject({ partial: true, seeds: [0] });
});

test('an error of ours comes with its stack and says that it is a bug', async () => {
  const { code, stderr } = await distill(small(), async () => {
    throw new TypeError('x is undefined');
  });
  expect(code).toBe(1);
  expect(stderr).toContain('this is a bug in limbeck');
  expect(stderr).toContain('cli.test.ts');
  expect(readdirSync(base)).toEqual([]);
});

test('Ctrl-C keeps what is finished: code 130, a partial summary', async () => {
  const study = fakeStudy({
    during: (seed, method) => {
      if (seed === 1 && method === 'imitation') process.emit('SIGINT', 'SIGINT');
    },
  });
  const listeners = process.listenerCount('SIGINT');
  const { code, stdout, stderr } = await distill(small(), study);
  expect(code).toBe(130);
  expect(stderr).toContain('once more ends at once');
  expect(stdout).toContain('finished networks are saved');
  expect(summaryOf()).toMatchObject({ partial: true, seeds: [0, 1] });
  expect(readFileSync(join(base, 'run', 'report.html'), 'utf8')).toContain('was stopped before its end');
  expect(process.listenerCount('SIGINT')).toBe(listeners);
});

test('SIGTERM before anything is finished leaves nothing', async () => {
  const study = fakeStudy({ during: () => void process.emit('SIGTERM', 'SIGTERM') });
  const { code, stderr } = await distill(small(), study);
  expect(code).toBe(143);
  expect(stderr).toContain('SIGTERM: stopping after this step');
  expect(stderr).toContain('nothing is saved');
  expect(readdirSync(base)).toEqual([]);
});

test('a teacher that was given is nothing to keep', async () => {
  const { code, stderr } = await distill(small(), async (config, hooks) => {
    const { seeds, ...rest } = await fakeStudy({})(config, hooks);
    const given = seeds.slice(0, 1).map((seed) => ({
      ...seed,
      results: seed.results.slice(0, 1).map((result) => ({ ...result, seconds: null })),
    }));
    return { ...rest, seeds: given, interrupted: true };
  });
  expect(code).toBe(130);
  expect(stderr).toContain('nothing is saved');
  expect(readdirSync(base)).toEqual([]);
});

test('a GPU run without a dispatch is a failure', async () => {
  const { code, stderr } = await distill(small('--quiet'), fakeStudy({ dispatches: 0 }));
  expect(code).toBe(1);
  expect(stderr).toContain('ran no dispatch');
});

test('help, version and dry run touch nothing', async () => {
  expect((await distill(small('--help'))).stdout).toContain('--outlier-branch');
  expect((await distill(['-h'])).code).toBe(0);
  expect((await distill(['--version'])).stdout).toMatch(/^limbeck \d+\.\d+\.\d+/);
  const dry = await distill(small('--dry-run'));
  expect(dry.stdout).toMatch(/^12 networks, 34.567 training steps\n/);
  expect(readdirSync(base)).toEqual([]);
});

test('on a terminal progress is one rewritten line that fits', () => {
  let time = 0;
  const stream = { ...recorder(), isTTY: true, columns: 60 };
  const progress = createProgress(stream, { now: () => time });
  progress.plan({ networks: 2, steps: 200 });
  for (let step = 1; step <= 100; step++) {
    time += 50;
    progress.step({ seed: 0, method: 'tor', step, steps: 100, loss: 0.25, doneSteps: step });
  }
  progress.close();
  const text = stream.text();
  expect(text).not.toContain('\n');
  // Every 100 ms at most, so every second of the hundred steps.
  const lines = text.split('\r\u001b[K').filter((line) => line !== '');
  expect(lines).toHaveLength(50);
  for (const line of lines) expect(line.length).toBeLessThan(60);
  expect(lines.at(-1)).toContain('49 %  seed 0 tor 99/100  loss 0.2500  50 ms/step');
});

test('an option in vain is told, and the study runs', async () => {
  const { code, stderr } = await distill(small('--quantile', '0.8'));
  expect(code).toBe(0);
  expect(stderr).toContain('note: --quantile has no effect here: it is about --rule quantile\n');
});
