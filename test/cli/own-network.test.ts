/** A network of the user's own in studies: trained, saved, predicted with; alone as side by side; and what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { main as distill } from '../../cli/distill.ts';
import { main as exportMain } from '../../cli/export.ts';
import { main as predict } from '../../cli/predict.ts';
import { ownNetworkPath } from '../../study/options/own.ts';

const base = mkdtempSync(join(tmpdir(), 'limbeck-network-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const file = join(import.meta.dirname, '../../examples/gated-network.ts');

async function said(command: typeof predict, ...argv: string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const code = await command(argv, {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

const small = [
  ...['--steps', '6', '--teacher-steps', '6', '--train-rows', '20', '--test-rows', '20', '--batch-size', '8'],
  ...['--device', 'cpu', '--json', '--quiet'],
];
const hashesOf = (stdout: string) =>
  (JSON.parse(stdout) as { rows: { weightsSha256: string[] }[] }).rows.map((row) => row.weightsSha256);

test('as student and teacher, with features; a seed has the bits of one alone; predict takes the file', async () => {
  const words = [
    '--methods',
    'scratch,hint,tor-dual',
    '--student',
    `${file}:5`,
    '--teacher',
    `${file}:7`,
    ...small,
  ];
  const out = join(base, 'run');
  const both = await said(distill, ...words, '--seeds', '2', '--out', out);
  expect(both.code, both.stderr).toBe(0);
  const alone = await said(distill, ...words, '--seeds', '1', '--seed', '1', '--out', join(base, 'alone'));
  expect(alone.code, alone.stderr).toBe(0);
  const seedOne = hashesOf(both.stdout).map(([, one]) => [one]);
  expect(hashesOf(alone.stdout)).toEqual(seedOne);
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(config).toMatchObject({
    networks: { student: 'gated:5', teacher: 'gated:7' },
    ownFiles: [{ path: file }],
  });
  const data = join(base, 'some.csv');
  writeFileSync(data, 'x\n0.5\n-1\n');
  const predicted = await said(
    ...([predict, '--model', out, '--data', data, '--device', 'cpu', '--network', file] as const),
  );
  expect(predicted.code, predicted.stderr).toBe(0);
  expect(predicted.stdout).toMatch(/^y\n-?[\d.e-]+\n-?[\d.e-]+\n$/);
  const exported = await said(exportMain, '--model', out, '--out', join(base, 'exported'));
  expect([exported.code, exported.stderr]).toEqual([
    2,
    expect.stringContaining("'gated' is a network of your own"),
  ]);
});

test.each([
  [
    'a size that it does not take',
    [`${file}:wide`],
    /--student gated:wide: .*whole number above 0, not 'wide'/,
  ],
  [
    'a file without one',
    ['none.mjs', 'export const a = { name: "a", build() {} };'],
    /none\.mjs exports no network/,
  ],
  [
    'a name that is taken',
    ['mlp.mjs', 'export const a = { name: "mlp", trunk() {} };'],
    /there is a network 'mlp' already/,
  ],
])('%s is refused in one line', async (_, [name, source], message) => {
  const path = source === undefined ? name! : join(base, name!);
  if (source !== undefined) writeFileSync(path, source);
  const { code, stderr } = await said(distill, '--student', path, ...small, '--out', join(base, 'none'));
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('paths of networks are no sizes of others', () => {
  expect(ownNetworkPath('./gated.ts:32')).toEqual({ path: './gated.ts', size: ':32' });
  expect(ownNetworkPath('C:\\my\\net.js')).toEqual({ path: 'C:\\my\\net.js', size: '' });
  for (const text of ['lenet:0.5', 'mlp:16,16', 'a/b.safetensors', 'resnet8:0.25'])
    expect(ownNetworkPath(text)).toBe(undefined);
});
