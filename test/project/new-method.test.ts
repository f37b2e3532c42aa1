/** A method with an option of its own is one file and one line in methods/all.ts: shown in a copy of the sources. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = [
  'base',
  'kernels',
  'engine',
  'losses',
  'models',
  'datasets',
  'tasks',
  'train',
  'methods',
  'study',
  'report',
  'cli',
];
const copy = mkdtempSync(join(tmpdir(), 'limbeck-method-'));

/** Squared error to the labels, put off. */
const method = `/** For a test. */
import { number } from '../base/option.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { lossMethod } from './loss-method.ts';

const options = {
  shiftedBy: number({ name: 'shifted-by', group: 'training', min: 0, default: 0, help: 'how far labels are put up' }),
};

export const shifted = lossMethod({
  name: 'shifted',
  summary: 'squared error to labels that are put up',
  options,
  loss: ({ heads, batch, keeping }, { shiftedBy }) =>
    mse({ pred: heads.label, label: add(batch.label, shiftedBy) }, {}, keeping),
});
`;

/** Everything that is made of declarations, asked for the new one. */
const probe = `
import { helpText } from './cli/help.ts';
import { parseOptions } from './study/options/options.ts';
import { defaults } from './study/options/study-defaults.ts';
import { studySchema } from './study/plan/study-schema.ts';
import type { StudyConfig } from './study/results.ts';
import { methodNames, runStudy } from './study/study.ts';

const typed: StudyConfig['shiftedBy'] = defaults.shiftedBy;
const parse = (...words: string[]) => parseOptions(words, methodNames);
const tried = (...words: string[]) => {
  try {
    return parse(...words).config.shiftedBy;
  } catch (error) {
    return (error as Error).message;
  }
};
const weights: Record<string, string> = {};
for (const shiftedBy of [0, 2]) {
  const tiny = { device: 'cpu', seeds: 1, trainRows: 20, testRows: 10, steps: 3, teacherSteps: 1 } as const;
  await runStudy({ ...defaults, ...tiny, methods: ['scratch', 'shifted'], shiftedBy }, {
    signal: new AbortController().signal,
    onDevice() {},
    onPlan() {},
    onProgress() {},
    onPoint() {},
    async onSeed() {},
    async onNetwork({ method, rmse }) {
      weights[method + ' ' + shiftedBy] = String(rmse);
    },
  });
}
process.stdout.write(
  JSON.stringify({
    typed,
    set: tried('--methods', 'shifted', '--shifted-by=2'),
    refused: tried('--shifted-by=-1'),
    idle: parse('--shifted-by', '1').idle,
    help: helpText(methodNames),
    schema: JSON.stringify(studySchema(methodNames)),
    weights,
  }),
);
`;

beforeAll(() => {
  for (const folder of folders) cpSync(join(root, folder), join(copy, folder), { recursive: true });
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'methods/shifted.ts'), method);
  const all = readFileSync(join(copy, 'methods/all.ts'), 'utf8');
  // The line that lists it, and the one that every file needs: its import.
  const listed = all
    .replace('\n] as const;', '\n  shifted,\n] as const;')
    .replace(/^import /m, "import { shifted } from './shifted.ts';\nimport ");
  expect(listed.split('\n').length).toBe(all.split('\n').length + 2);
  writeFileSync(join(copy, 'methods/all.ts'), listed);
  writeFileSync(join(copy, 'probe.ts'), probe);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('it is set, checked, told of, described, typed, and trained', () => {
  const out = execFileSync(process.execPath, ['--import', 'tsx', 'probe.ts'], {
    cwd: copy,
    encoding: 'utf8',
  });
  const found = JSON.parse(out) as Record<string, unknown> & { weights: Record<string, string> };
  expect(found.typed).toBe(0);
  expect(found.set).toBe(2);
  expect(found.refused).toBe("--shifted-by must be a number of at least 0, not '-1'");
  expect(found.idle).toEqual(['--shifted-by has no effect here: it is about the method shifted']);
  expect(found.help).toMatch(/^ {2}--shifted-by X +how far labels are put up \[0\]$/m);
  expect(found.schema).toContain(
    '"shifted-by":{"type":"number","description":"how far labels are put up","minimum":0}',
  );
  expect(found.weights['shifted 0']).toBe(found.weights['scratch 0']);
  expect(found.weights['shifted 2']).not.toBe(found.weights['scratch 2']);
});

test('the compiler knows its value', () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  writeFileSync(
    join(copy, 'tsconfig.probe.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      files: ['probe.ts', 'kernels/wgsl-preprocessor.d.ts'],
      include: [],
    }),
  );
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.probe.json'], { cwd: copy, encoding: 'utf8' });
  writeFileSync(
    join(copy, 'probe.ts'),
    probe.replace("StudyConfig['shiftedBy']", "StudyConfig['shiftedby']"),
  );
  expect(() =>
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.probe.json'], { cwd: copy, encoding: 'utf8' }),
  ).toThrow();
});
