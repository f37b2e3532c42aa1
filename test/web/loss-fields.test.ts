/** The form of the page's losses: what it complains about, its templates, and the TypeScript that runs under `npm run loss`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { tensorsOf } from '../../engine/check/check.ts';
import { lossInputs, named } from '../../losses/check-loss.ts';
import * as limbeck from '../../index.ts';
import { lossOf } from '../../web/loss/loss-of.ts';
import { readFields } from '../../web/loss/read-fields.ts';
import type { FieldName, Fields, LossSource } from '../../web/loss/source.ts';
import { templates } from '../../web/loss/templates.ts';
import { lossAsTypeScript } from '../../web/loss/typescript.ts';

const script = fileURLToPath(new URL('../../scripts/limbeck.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limbeck-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fields = (key: string): Fields => templates.find((template) => template.key === key)!.fields;

function sourceOf(given: Fields): LossSource {
  const { source, problems } = readFields(given);
  expect(problems).toEqual([]);
  return source!;
}

test.each(templates)('$title is a loss without problems', ({ fields: given }) => {
  sourceOf(given);
});

test.each<limbeck.Loss>([limbeck.tor, limbeck.mse, limbeck.huber])(
  'a template means what the library does: $definition.name',
  async (loss) => {
    const { name, inputs, params, wrt = ['pred'] } = loss.definition;
    const source = sourceOf(fields(name));
    expect(source).toMatchObject({ name, inputs, wrt, params: params ?? {} });
    const cpu = limbeck.openCpu();
    const xs = named(loss, tensorsOf(lossInputs(loss, [50]), cpu));
    const wanted = loss(xs, {}, { leadingAxes: 1 });
    const got = lossOf(source)(xs, {}, { leadingAxes: 1 });
    expect([...(await got.data())]).toEqual([...(await wanted.data())]);
  },
);

test.each<
  [
    Partial<Fields>,
    Partial<Record<'field' | 'message' | 'severity', string>> & { from?: number; to?: number },
  ]
>([
  [{ name: '' }, { field: 'name', message: 'the loss needs a name' }],
  [{ name: 'my loss' }, { field: 'name' }],
  [{ name: 'default' }, { field: 'name' }],
  [{ inputs: '' }, { field: 'inputs' }],
  [
    { inputs: 'pred, target' },
    { field: 'inputs', from: 6, to: 12, message: "toMatch: 'target' is a reserved word of WGSL" },
  ],
  [{ inputs: 'pred, label, label' }, { field: 'inputs', message: "toMatch: the name 'label' is used twice" }],
  [{ inputs: 'pred, la-bel' }, { field: 'inputs', from: 6, to: 12 }],
  [{ inputs: 'pred, label, sqrt' }, { field: 'inputs', from: 13, message: "toMatch: 'sqrt' is a function" }],
  [{ wrt: 'prde' }, { field: 'wrt', message: "'prde' is not among the inputs, did you mean 'pred'?" }],
  [{ wrt: '' }, { field: 'wrt' }],
  [{ params: 'eps' }, { field: 'params', message: "'eps': wants name = number, as in eps = 0.001" }],
  [{ params: 'eps = 1, size = 2' }, { field: 'params', from: 9, to: 13, message: 'toMatch: the name' }],
  [{ params: 'eps = 1' }, { field: 'params', severity: 'warning', message: 'the formula does not use eps' }],
  [{ inputs: 'pred, label, teacher' }, { field: 'inputs', severity: 'warning', from: 13, to: 20 }],
  [
    { composed: 'label ** 2' },
    { field: 'composed', message: 'toMatch: no gradient: the formula does not use pred' },
  ],
  [{ composed: 'pred - lable' }, { field: 'composed', from: 7, to: 12 }],
  [{ fused: ' ' }, { field: 'fused' }],
])('complains: %j', (change, { message, ...wanted }) => {
  const { problems, source } = readFields({ ...fields('mse'), ...change });
  expect(problems[0]).toMatchObject({ severity: 'error', ...wanted });
  if (message?.startsWith('toMatch: ')) expect(problems[0]!.message).toContain(message.slice(9));
  else if (message) expect(problems[0]!.message).toBe(message);
  expect(source === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
});

test('the TypeScript of all templates, and of two gradients and odd characters, runs under npm run loss', () => {
  const twoGradients: Fields = {
    name: 'pair',
    inputs: 'pred, other, label',
    wrt: 'pred, other',
    params: 'tau = 0.5',
    composed: 'u = pred - other;\nsoftplus(u / tau) + max(u, label) * 0 + (other - label) ^ 2',
    fused: `// with \`back ticks\`, \${dollars} and a \\ backslash
let u = pred - other;
let slope = 1.0 / (1.0 + exp_(-u / uniforms.tau)) / uniforms.tau;
return Element(log1p_(exp_(u / uniforms.tau)) + (other - label) * (other - label), slope, 2.0 * (other - label) - slope);`,
  };
  const all = [...templates.map((template) => template.fields), twoGradients].map(sourceOf);
  expect(
    lossAsTypeScript(all[0]!),
  ).toBe(`/** mean( outlier > 0.5 ? sqrt(abs(pred - teacher) + eps) : (pred - label) ** 2 ) */
import { abs, add, defineLoss, greater, sqrt, square, sub, wgsl, where } from 'limbeck';

export const tor = defineLoss({
  name: 'tor',
  inputs: ['pred', 'label', 'teacher', 'outlier'],
  params: { eps: 0.001 },
  composed({ pred, label, teacher, outlier }, { eps }) {
    return where(greater(outlier, 0.5), sqrt(add(abs(sub(pred, teacher)), eps)), square(sub(pred, label)));
  },
  fused: wgsl\`
    let isRejected = chosen_(outlier);
    let u = pred - select(label, teacher, isRejected);
    let tail = sqrt(abs(u) + uniforms.eps);
    return Element(
      select(u * u, tail, isRejected),
      select(2.0 * u, 0.5 * sign_(u) / tail, isRejected));
  \`,
});
`);
  const text = all.map(lossAsTypeScript).join('\n');
  const path = join(folder, 'my-loss.ts');
  // One file, so that the command starts once: its imports are put together.
  const imports = [...text.matchAll(/^import \{ (.*) \} from 'limbeck';$/gm)].flatMap(([, names]) =>
    names!.split(', '),
  );
  const rest = text.replaceAll(/^import .*$/gm, '');
  writeFileSync(path, `import { ${[...new Set(imports)].join(', ')} } from 'limbeck';\n${rest}`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, 'loss', path, '--json', '--shape', '64'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  expect(status, stderr).toBe(0);
  const { losses } = JSON.parse(stdout) as { losses: { name: string; failures: string[] }[] };
  expect(Object.fromEntries(losses.map(({ name, failures }) => [name, failures]))).toEqual({
    ...{ tor: [], mse: [], huber: [], myLoss: [], pair: [] },
  });
});

test.each<[string, Partial<Fields>, FieldName, RegExp]>([
  ['a word that is a pattern', { inputs: `pred,label,${'a'.repeat(40)},(a|a)*!` }, 'inputs', /is not a name/],
  [
    'a parameter that is one',
    { params: `eps = 1, ${'a'.repeat(40)} = 1, (a|a)*! = 2` },
    'params',
    /is not a name/,
  ],
  [
    'as many definitions as fit a link',
    { composed: `${Array.from({ length: 20_000 }, (_, i) => `u${i}=pred;`).join('')}pred` },
    'composed',
    /characters are too many/,
  ],
  [
    'too many definitions',
    { composed: `${Array.from({ length: 200 }, (_, i) => `u${i}=pred;`).join('')}pred` },
    'composed',
    /201 parts are too many: at most 100/,
  ],
  [
    'calls in calls',
    { composed: `${'abs('.repeat(2000)}pred${')'.repeat(2000)}` },
    'composed',
    /parentheses lie in/,
  ],
  [
    'a long sum',
    { composed: Array.from({ length: 2000 }, () => 'pred').join('+') },
    'composed',
    /operators in one part/,
  ],
  ['signs before signs', { composed: `${'-'.repeat(2000)}pred` }, 'composed', /operators in one part/],
  [
    'conditions in conditions',
    { composed: `${'pred?'.repeat(900)}1${':1'.repeat(900)}` },
    'composed',
    /operators in/,
  ],
  ['a long name', { name: 'a'.repeat(1e6) }, 'name', /characters are too many/],
  ['many inputs', { inputs: 'a,'.repeat(1e5) }, 'inputs', /characters are too many/],
])('a link with %s has a complaint at the field', (_, change, field, message) => {
  const { problems, source } = readFields({ ...fields('tor'), ...change });
  expect(source).toBeUndefined();
  expect(
    problems.filter((problem) => problem.field === field).map((problem) => problem.message),
  ).toContainEqual(expect.stringMatching(message));
});

test('what is within the limits is a loss, at their edge too', () => {
  const deep = `${'abs('.repeat(99)}pred - label${')'.repeat(99)}`;
  const wide = Array.from({ length: 400 }, () => 'abs(pred - label)')
    .slice(0, 200)
    .join(' + ');
  for (const composed of [deep, wide])
    expect(
      readFields({ ...fields('mse'), composed }).problems.filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
});
