/** `npm run loss`: a stranger's file, outside the repository, is checked and timed; what is wrong is said with its line. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { placeOf } from '../../tools/loss-file.ts';

const script = fileURLToPath(new URL('../../scripts/limbeck.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limbeck-loss-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function loss(...argv: string[]) {
  return spawnSync(process.execPath, [script, 'loss', ...argv], { cwd: folder, encoding: 'utf8' });
}

/** A squared error called `name` with this WGSL. */
const squared = (name: string, fused: string) => `
export const ${name} = defineLoss({
  name: '${name}',
  inputs: ['pred', 'label'],
  composed: ({ pred, label }) => square(sub(pred, label)),
  fused: wgsl\`${fused}\`,
});
`;

test('losses of rows: two dispatches; derivatives that are said to be centred and are not', () => {
  const body = (name: string, more: string) => `
export const ${name} = defineRowLoss({
  name: '${name}',
  inputs: ['logits', 'label'],
  logs: { s: 'logits' },
  composed: ({ s, isLabel, weight }) => mul(mul(weight, isLabel), mul(neg(s), sub(1, exp(s)))),
  fused: wgsl\`
    let q = select(0.0, weight, isLabel);
    let p = exp_(s);
    return Element(-(q * s) * (1.0 - p), q * (s * p - (1.0 - p)));
  \`,
  ${more}
});
`;
  const path = write(
    'focal.ts',
    `import { defineRowLoss, exp, mul, neg, sub, wgsl } from 'limbeck';\n${body('focal', '')}${body('wrong', 'isCentred: true,')}`,
  );
  const { status, stdout } = loss(path, '--shape', '4x5', '--json');
  expect(status).toBe(1);
  const report = JSON.parse(stdout) as { losses: unknown[] };
  expect(report.losses).toMatchObject([
    { name: 'focal', failures: [], rows: [{ shape: [4, 5], fusedDispatches: 2 }] },
    { name: 'wrong', failures: [expect.stringContaining('fused gradient by logits')], rows: [] },
  ]);
});

test('a right loss: checked, timed, exit code 0', () => {
  write('constants.ts', 'export const eps: number = 0.1;\n');
  // No package.json here, an import without extension, and a default export: as users write.
  const path = write(
    'charbonnier.ts',
    `import { add, defineLoss, sqrt, square, sub, wgsl } from 'limbeck';
import { eps as epsDefault } from './constants';

export default defineLoss({
  name: 'charbonnier',
  inputs: ['pred', 'label'],
  params: { eps: epsDefault },
  composed: ({ pred, label }, { eps }) => sub(sqrt(add(square(sub(pred, label)), square(eps))), eps),
  fused: wgsl\`
    let d = pred - label;
    let root = sqrt(d * d + uniforms.eps * uniforms.eps);
    return Element(root - uniforms.eps, d / root);
  \`,
});
`,
  );
  const { status, stdout, stderr } = loss(
    path,
    '--params',
    'eps=0.5',
    '--shape',
    '64',
    '--shape',
    '8x3',
    '--json',
  );
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout) as { adapter: string; losses: { rows: Record<string, number>[] }[] };
  expect(report.adapter).not.toBe('');
  expect(report.losses).toMatchObject([
    { name: 'charbonnier', params: { eps: 0.5 }, failures: [], rows: [{ shape: [64] }, { shape: [8, 3] }] },
  ]);
  for (const row of report.losses[0]!.rows) {
    expect(row).toMatchObject({ fusedDispatches: 1 });
    expect(row.composedDispatches).toBeGreaterThan(8);
    expect(row.fusedMs).toBeGreaterThan(0);
    expect(row.ratio).toBeCloseTo(row.composedMs! / row.fusedMs!, 9);
  }
  expect(stderr).toContain('charbonnier (eps 0.5): right.');
});

test('wrong gradients and WGSL: each said, with the line of the file, and exit code 1', () => {
  const text = `import { defineLoss, square, sub, wgsl } from 'limbeck';
${squared('wrong', 'let d = pred - label; return Element(d * d, d);')}
${squared('invalid', '\n    let d = pred - label;\n    return Element(d * d, 2.0 * e);\n  ')}
`;
  const path = write('bad.ts', text);
  const { status, stdout, stderr } = loss(path);
  expect(status, stderr).toBe(1);
  expect(stdout).toContain('wrong: WRONG\nfused gradient by pred: element 0 is');
  const line = text.split('\n').findIndex((words) => words.includes('2.0 * e')) + 1;
  expect(stdout).toContain(
    [
      'invalid: WRONG',
      'its WGSL does not compile',
      `${path}:${line}: unresolved value 'e'`,
      '        return Element(d * d, 2.0 * e);',
      '                                    ^',
    ].join('\n'),
  );
});

test('lines of WGSL that does not stand in the file as it is', () => {
  const source = 'struct Element {}\nfn f() {\n  let a = 1;\nlet b = 2;\n}';
  const texts = { path: '/x/loss.ts', source };
  const fused = 'let a = 1;\nlet b = 2;';
  const inFile = placeOf(fused, { ...texts, file: `one\ntwo\n  wgsl\`${fused}\`` });
  expect([3, 4].map(inFile)).toEqual(['/x/loss.ts:3', '/x/loss.ts:4']);
  const computed = placeOf(fused, { ...texts, file: 'let made = of + parts;' });
  expect(computed(4)).toBe('loss.ts, line 2 of fused');
  expect(computed(5)).toBe('loss.ts, line 5 of the WGSL generated around fused');
});

test.each([
  [
    'none.ts',
    'export const x = 1, y = () => 2;',
    2,
    'none.ts exports no loss: wants a result of defineLoss or defineRowLoss, it exports x, y',
  ],
  ['empty.ts', '', 2, 'exports no loss: wants a result of defineLoss or defineRowLoss, it exports nothing'],
  ['syntax.ts', 'export const x = ;', 1, 'syntax.ts cannot be imported: '],
  [
    'throws.ts',
    `import { defineLoss } from 'limbeck';\ndefineLoss({ name: 'lame', inputs: ['pred'] });`,
    1,
    'lame: composed is missing',
  ],
  ['missing.ts', undefined, 2, 'missing.ts'],
])('%s: one line, and an exit code', (name, text, code, message) => {
  const path = text === undefined ? join(folder, name) : write(name, text);
  const { status, stdout, stderr } = loss(path);
  expect({ status, stdout }).toEqual({ status: code, stdout: '' });
  expect(stderr).toMatch(/^loss: .*\n$/);
  expect(stderr).toContain(message);
});

test.each([
  [[], 'no file named'],
  [['a.ts', 'b.ts'], "one file at a time, got also 'b.ts'"],
  [['a.ts', '--shape', '0'], '--shape 0: wants sizes'],
  [['a.ts', '--params', 'eps'], '--params eps: wants NAME=NUMBER'],
  [['a.ts', '--fast'], "Unknown option '--fast'"],
])('a wrong command line is one line and code 2: %j', (argv, message) => {
  const { status, stderr } = loss(...argv);
  expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 });
  expect(stderr).toContain(message);
});
