/** Shorter WGSL is the same WGSL: in hard cases, and for every kernel of the library as it is built. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as sourceRows from '../../kernels/row-loss/row-loss.ts';
import * as sourceSums from '../../kernels/row-loss/row-sums.ts';
import { minifyWgsl } from '../../scripts/minify-wgsl.mjs';

const tick = '`';
const quoted = (text: string) => tick + text + tick;

test.each([
  ['indentation, comments, empty lines', 'wgsl', 'a  // b\n\n    let x = 1; // c\n', '', 'a\nlet x = 1;\n'],
  ['a value in a comment keeps it', '', 'a; // of ${n} rows\n  b;', '', 'a; // of ${n} rows\nb;'],
  ['blanks around values', '', 'a ${b} c\n  ${d} - -e', '', 'a ${b} c\n${d} - -e'],
  ['a tag with #if', 'wgsl', '\n  #if ${x}\n  a\n  #endif\n', 'wgsl', '\n#if ${x}\na\n#endif\n'],
  ['one line is left alone', '', 'see // ${n} of  it', '', 'see // ${n} of  it'],
  ['another tag', 'html', '\n  a', 'html', '\na'],
])('%s', (_, tag, text, tagAfter, textAfter) => {
  const module = (name: string, content: string) => `export const y = ${name}${quoted(content)}; // z\n`;
  expect(minifyWgsl(module(tag, text))).toBe(module(tagAfter, textAfter));
});

test('a template within a template', () => {
  const inner = quoted('\n  b // c\n');
  expect(minifyWgsl(`f(${quoted(`\n  a\n\${g(${inner})}\n`)})`)).toBe(
    `f(${quoted(`\na\n\${g(${quoted('\nb\n')})}\n`)})`,
  );
});

/** Without what may go: comments, and blanks where a line ends or begins. */
const essence = (wgsl: string) =>
  wgsl
    .replaceAll(/\/\/.*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

test('every kernel that is built says what its source says', async () => {
  // Within node_modules, so that the built modules find the package that they import.
  const root = new URL('../..', import.meta.url).pathname;
  const cache = join(root, 'node_modules/.cache/limbeck');
  mkdirSync(cache, { recursive: true });
  const dist = mkdtempSync(join(cache, 'minified-'));
  try {
    execFileSync(process.execPath, ['scripts/build.mjs', dist], {
      cwd: root,
    });
    const lengths: [number, number][] = [];
    const names = readdirSync(join(dist, 'kernels'), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((file) => file.endsWith('.js'))) {
      const built = (await import(join(dist, 'kernels', name))) as Record<string, unknown>;
      const source = (await import(`../../kernels/${name.replace('.js', '.ts')}`)) as Record<string, unknown>;
      expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort());
      for (const [key, value] of Object.entries(source)) {
        if (typeof value !== 'object' || value === null || !('source' in value)) continue;
        const short = built[key] as { source: string };
        expect(essence(short.source), key).toEqual(essence(String(value.source)));
        lengths.push([short.source.length, String(value.source).length]);
      }
    }
    // Losses are made of templates; those of rows have the most of them.
    const [builtRows, builtSums] = (await Promise.all(
      ['row-loss', 'row-sums'].map((name) => import(join(dist, `kernels/row-loss/${name}.js`))),
    )) as [typeof sourceRows, typeof sourceSums];
    for (const classes of [10, 100, 101, 5000])
      for (const isSoftware of [false, true]) {
        const made = (rows: typeof builtRows, sums: typeof builtSums) =>
          rows.rowLoss({
            ...{
              name: 'own',
              inputs: ['logits'],
              wrt: ['logits'],
              hasLabel: true,
              params: ['t'],
              stepParams: ['t'],
            },
            logs: [{ name: 's', of: 'logits', temperature: 't' }],
            element: '\n  let p = exp_(s);  // of one class\n  return Element(p, p);\n',
            isCentred: false,
            sharing: sums.sharingOf(classes, isSoftware),
          });
        const [short, long] = [made(builtRows, builtSums), made(sourceRows, sourceSums)];
        expect(essence(short.source)).toEqual(essence(long.source));
      }
    expect(lengths.length).toBeGreaterThan(10);
    expect(lengths.filter(([short, long]) => short < long).length).toBeGreaterThan(10);
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
});
