/** Folders that earlier versions have written: read as they are. test/fixtures/earlier/ holds one run and one plan of version 1. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { main as exportMain } from '../../cli/export.ts';
import { main as predict } from '../../cli/predict.ts';
import { main as study } from '../../cli/study/study.ts';
import { defaults } from '../../study/options/study-defaults.ts';
import { configIn, factsIn } from '../../study/run/config-file.ts';
import { configFile } from '../../study/run/written-config.ts';

const base = mkdtempSync(join(tmpdir(), 'limbeck-earlier-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const fixture = (...names: string[]) => join(import.meta.dirname, '../fixtures/earlier', ...names);

async function said(command: typeof predict, argv: string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const code = await command(argv, {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

test('a run of the flat form is predicted with and exported, by the method that was asked for last', async () => {
  const data = join(base, 'some.csv');
  writeFileSync(data, 'x\n0.5\n-1\n');
  const model = fixture('run');
  const predicted = await said(predict, ['--model', model, '--data', data, '--device', 'cpu']);
  expect(predicted.code, predicted.stderr).toBe(0);
  expect(predicted.stderr).toContain('tor-seed0.safetensors: tor, seed 0');
  const out = join(base, 'exported');
  const exported = await said(exportMain, ['--model', model, '--out', out]);
  expect(exported.code, exported.stderr).toBe(0);
  // What the exported file computes is what is predicted.
  const { predict: run } = (await import(join(out, 'student.js'))) as {
    predict(rows: number[][]): number[][];
  };
  const lines = predicted.stdout.trimEnd().split('\n').slice(1).map(Number);
  const [one, other] = run([[0.5], [-1]]);
  expect(lines).toEqual([expect.closeTo(one![0]!, 5), expect.closeTo(other![0]!, 5)]);
});

test('its options are the same in both forms, and those of a later version are refused in one line', () => {
  const text = readFileSync(fixture('run/config.json'), 'utf8');
  const flat = configIn(text, 'a');
  expect(flat).toMatchObject({ methods: ['scratch', 'tor'], steps: 40, student: 'mlp:4', data: 'sinusoid' });
  expect(factsIn(text, 'a')).toMatchObject({ adapter: { device: 'cpu' }, versions: { limbeck: '0.1.0' } });
  const facts = { adapter: { adapter: 'b', host: 'node', device: 'gpu' }, versions: {} } as const;
  const written = configFile(defaults, { ...facts, read: { table: 1 } });
  expect(Object.keys(written)).toEqual([
    'version',
    'data',
    'networks',
    'training',
    'run',
    'adapter',
    'versions',
    'read',
  ]);
  expect(written.networks).toEqual({
    methods: defaults.methods,
    peers: [],
    teacher: defaults.teacher,
    student: defaults.student,
  });
  expect(configIn(JSON.stringify(written), 'b')).toEqual(defaults);
  expect(factsIn(JSON.stringify(written), 'b')).toMatchObject({ ...facts, read: { table: 1 } });
  expect(() => configIn('{"version": 3}', 'DIR')).toThrow(
    'DIR has version 3, and this limbeck knows versions 1 and 2',
  );
  expect(() => configIn('[]', 'DIR')).toThrow('DIR is no config.json');
});

test('a plan of the flat form is merged', async () => {
  const folder = join(base, 'plan');
  cpSync(fixture('plan'), folder, { recursive: true });
  const merged = await said(study, ['merge', folder]);
  expect(merged.code, merged.stderr).toBe(0);
  const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as { runs: { id: string }[] };
  const scores = plan.runs.flatMap(({ id }) => {
    const result = JSON.parse(readFileSync(join(folder, 'results', `${id}.json`), 'utf8')) as {
      seeds: { scores: { rmse: number }[] }[];
    };
    return result.seeds[0]!.scores.map(({ rmse }) => rmse);
  });
  expect(scores).toHaveLength(6);
  const csv = readFileSync(join(folder, 'seeds.csv'), 'utf8');
  for (const score of scores) expect(csv).toContain(String(score));
});
