/** Networks that train together, from the command line to their files: a row, a best step, a file each. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../../cli/distill.ts';
import { openWeights } from '../../../deploy/find-weights.ts';
import { checkMaps } from '../../../methods/peers/maps.ts';
import { renderReport } from '../../../report/report.ts';
import { summaryTable } from '../../../report/table.ts';
import { parseOptions } from '../../../study/options/options.ts';
import type { CurvePoint, Summary } from '../../../study/results.ts';
import { methodNames } from '../../../study/study.ts';
import { summarise } from '../../../study/summary.ts';
import { fakeConfig, fakeOutcome, fakeSeed } from '../../fake-study.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-peers-'));
const run = join(folder, 'run');
const quiet = { write: () => true };
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const words =
    '--methods scratch,dml,afd --student mlp:4 --peers mlp:4,3,mlp:5 --peer-pairs all --device cpu --seeds 2 --steps 12';
  const small = '--train-rows 40 --test-rows 30 --validation-share 0.2 --probe-steps 5 --quiet';
  const streams = { stdout: quiet, stderr: quiet };
  expect(await main([...words.split(' '), ...small.split(' '), '--out', run], streams as never)).toBe(0);
});

test('each has a row, a best step and a file', () => {
  const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary;
  const rows = ['scratch', 'dml/1', 'dml/2', 'dml/3', 'afd/1', 'afd/2', 'afd/3'];
  expect(summary.rows.map(({ method }) => method)).toEqual(rows);
  for (const { bestSteps } of summary.rows) expect(bestSteps).toHaveLength(2);
  // Other networks than the baseline's are not compared with it.
  expect(summary.paired.map(({ method }) => method)).toEqual(['dml/1', 'afd/1']);
  const files = rows.flatMap((row) =>
    [0, 1].map((seed) => `${row.replace('/', '.')}-seed${seed}.safetensors`),
  );
  expect(readdirSync(join(run, 'weights')).toSorted()).toEqual(files.toSorted());
  const found = summary.rows.find(({ method }) => method === 'afd/2')!.findings!;
  expect(Object.keys(found.after)).toEqual(['l1', 'l2', 'cosine', 'told']);
  for (const told of found.after.told!) expect(told >= 0 && told <= 1).toBe(true);
});

test('any of them is opened by its row, the last method’s first one without', () => {
  expect(openWeights({ model: run, method: 'afd/2' }).description).toMatchObject({
    method: 'afd/2',
    network: 'mlp:4,3:tanh',
  });
  expect(openWeights({ model: run, method: 'afd/3' }).description.network).toBe('mlp:5:tanh');
  expect(openWeights({ model: run }).description.method).toBe('afd/1');
  expect(() => openWeights({ model: run, method: 'afd/4' })).toThrow("has no 'afd/4'");
});

test('what discriminators say is in the curves and in the report', () => {
  const points = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const own = points.map((line) => JSON.parse(line) as CurvePoint & { method: string });
  for (const { method, signals } of own)
    expect(Object.keys(signals ?? {})).toEqual(method.startsWith('afd') ? ['own', 'peer'] : []);
  const report = readFileSync(join(run, 'report.html'), 'utf8');
  for (const text of ['D(own) by step', 'D(peer) by step', 'told apart after'])
    expect(report).toContain(text);
});

test('notes are in the table, and in the report as text', () => {
  const seed = fakeSeed(fakeConfig, 7);
  const results = seed.results.map((result) =>
    result.method === 'tor' ? { ...result, note: 'one side <b>has won' } : result,
  );
  const summary = summarise(fakeConfig, fakeOutcome, [{ ...seed, results }]);
  expect(summary.notes).toEqual(['tor, seed 7: one side <b>has won']);
  expect(summaryTable(summary)).toContain('tor, seed 7: one side <b>has won');
  expect(renderReport(fakeConfig, summary, [seed])).toContain('tor, seed 7: one side &lt;b&gt;has won');
});

test('networks that do not fit are refused', () => {
  const given = (peers: string) => parseOptions(['--methods', 'dml', '--peers', peers], methodNames);
  expect(given('mlp:16,16,mlp:8:relu').config.peers).toEqual(['mlp:16,16', 'mlp:8:relu']);
  expect(() => given('mlp:8,lenet')).toThrow('--peers: lenet is for images');
  expect(() => given('mlp:8,mpl:3')).toThrow("--peers: unknown network 'mpl'");
  const student = { stem: [4, 8, 8], pool: [4] };
  expect(() => checkMaps('afd', { student, peers: [{ a: [6, 8, 8], b: [6] }] })).not.toThrow();
  expect(() => checkMaps('afd', { student, peers: [{ a: [6, 4, 4], b: [6] }] })).toThrow(
    'wants maps of one height and width',
  );
});
