/** How runs of the commands end when what is around them fails: no reader, no room, no folder; and what is in a file of predictions. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main as distillMain } from '../../cli/distill.ts';
import { main as studyMain } from '../../cli/study/study.ts';
import { predictionColumns, predictionCsv } from '../../deploy/prediction-text.ts';
import { readCsv } from '../../datasets/csv/csv.ts';
import { fakeMethods, fakeStudy } from '../fake-study.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-ends-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function heard(
  work: (streams: {
    stdout: { write(text: string): void };
    stderr: { write(text: string): void };
  }) => Promise<number>,
) {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (said[name] += text) });
  const code = await work({ stdout: stream('stdout'), stderr: stream('stderr') });
  return { code, ...said };
}

function distill(during: () => void) {
  return heard((streams) =>
    distillMain(['--out', join(base, 'run'), '--train-rows', '50', '--seeds', '1'], {
      ...streams,
      methodNames: fakeMethods,
      planStudy: () => ({ networks: 6, steps: 10 }),
      runStudy: fakeStudy({ during }),
    }),
  );
}

test('where the report cannot be written the numbers are printed all the same, and the code is 1', async () => {
  const { code, stdout, stderr } = await distill(() =>
    mkdirSync(join(base, 'run', 'report.html'), { recursive: true }),
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^method .*test RMSE/m);
  expect(stdout).toMatch(/^tor-dual /m);
  expect(stderr).toMatch(/^distill: cannot write to run folder/m);
});

test('a folder that is removed during a run ends it with 1', async () => {
  let count = 0;
  const { code, stderr } = await distill(() => {
    if (++count === 3) rmSync(join(base, 'run'), { recursive: true });
  });
  expect(code).toBe(1);
  expect(stderr).toContain('was removed or taken over');
  expect(existsSync(join(base, 'run'))).toBe(false);
});

test('a reader of everything that has seen enough ends no training', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const words =
    '--device cpu --seeds 1 --methods scratch --teacher mlp:2 --student mlp:2 --train-rows 20 --test-rows 10';
  const command = `set -o pipefail; node scripts/limbeck.mjs distill ${words} --epochs 2 --teacher-epochs 2 --out '${base}/run' 2>&1 | head -1`;
  execFileSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' });
  expect(existsSync(join(base, 'run', 'summary.json'))).toBe(true);
});

test('a file of predictions holds what the scores are computed of, to the last digit', () => {
  const predicted = Float64Array.of(2459000.632887127, 1e9 + 0.123456789, -1 / 3, 5e-324);
  const { values } = readCsv(predictionCsv(['y'], predicted, { rows: 4 }), { header: true });
  expect([...values]).toEqual([...predicted]);
  expect(predictionColumns(['a', 'b'], predicted)).toEqual({
    a: [predicted[0], predicted[2]],
    b: [predicted[1], predicted[3]],
  });
});

test('a study’s JSON may begin with a byte order mark', async () => {
  const file = join(base, 'study.json');
  writeFileSync(
    file,
    `\ufeff${JSON.stringify({ name: 'marked', base: { 'train-rows': 30, 'test-rows': 10 } })}`,
  );
  const { code, stderr } = await heard((streams) =>
    studyMain(['plan', file, '--out', join(base, 'plan'), '--quiet'], streams),
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(readFileSync(join(base, 'plan', 'plan.json'), 'utf8'))).toMatchObject({ name: 'marked' });
});
