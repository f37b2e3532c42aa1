/** The rules that a machine can keep: who imports whom, how long a file is, and words that do not belong in sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The picture in docs/design.md, as data: who may import whom. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  kernels: [],
  base: [],
  engine: ['kernels', 'base'],
  losses: ['engine', 'kernels', 'base'],
  models: ['engine', 'base'],
  datasets: ['base'],
  tasks: ['engine', 'losses', 'datasets', 'base'],
  train: ['engine', 'models', 'base'],
  methods: ['train', 'tasks', 'engine', 'models', 'losses', 'base'],
  study: ['methods', 'train', 'tasks', 'engine', 'models', 'losses', 'datasets', 'base'],
  report: ['study', 'datasets', 'base'],
  deploy: ['study', 'engine', 'models', 'datasets', 'base'],
};

/** Nothing below imports them; they import what they want, but for what stands apart. */
const leaves = ['cli', 'tools', 'bin', 'examples', 'test', 'bench', 'conformance', 'parity', 'web'];

/** About as many files as the eye takes in. */
const MOST_FILES = 22;

/** What packages each folder may import, besides Node's own modules. */
const packages: Readonly<Record<string, readonly string[]>> = {
  kernels: ['wgsl-preprocessor'],
  datasets: ['fast-png', 'h5wasm', 'hyparquet'],
  // Loaded when a packed file comes.
  study: ['hyparquet-compressors'],
};

/** Files with a package are entry points of their own, so that nobody needs it who does not import them. */
const entryPoints = ['datasets/h5.ts', 'datasets/parquet.ts', 'datasets/png.ts'];

const folders = Object.keys(mayImport);

function sourcesIn(folder: string): string[] {
  const at = join(root, folder);
  if (!existsSync(at)) return [];
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.includes('node_modules'))
    .map((file) => join(folder, file));
}

const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** What a file imports, as written. */
function importsOf(file: string): string[] {
  const statements = /(?:^|\n)(?:import|export)\b(?:[^;']*?\bfrom)?\s*'([^']*)'|\bimport\(\s*'([^']*)'/g;
  return [...read(file).matchAll(statements)].map(([, path, dynamic]) => (path ?? dynamic)!);
}

function relativeImportsOf(file: string): string[] {
  return importsOf(file)
    .filter((path) => path.startsWith('.'))
    .map((path) => normalize(join(dirname(file), path)));
}

describe.each(Object.entries(mayImport))('%s/', (folder, allowed) => {
  const files = sourcesIn(folder);

  test(`imports only ${[folder, ...allowed].join(', ')}`, () => {
    for (const file of files) {
      for (const path of relativeImportsOf(file)) {
        const [to] = path.split('/');
        expect(to === folder || allowed.includes(to!), `${file} imports ${path}`).toBe(true);
      }
    }
  });

  test('imports packages only where they belong', () => {
    for (const file of files) {
      for (const path of importsOf(file).filter(
        (name) => !name.startsWith('.') && !name.startsWith('node:'),
      )) {
        const isKnown = (packages[folder] ?? []).includes(path.split('/')[0]!);
        expect(isKnown, `${file} imports ${path}`).toBe(true);
      }
    }
  });
});

test('readers that need a package are imported by nobody in the library', () => {
  for (const file of [
    'index.ts',
    ...['kernels', 'engine', 'models', 'losses', 'datasets'].flatMap(sourcesIn),
  ]) {
    for (const path of relativeImportsOf(file))
      expect(entryPoints, `${file} imports ${path}`).not.toContain(path);
    const isEntry = entryPoints.includes(file);
    expect(
      importsOf(file).some((path) => packages.datasets!.includes(path)),
      file,
    ).toBe(isEntry);
  }
});

/** Every file of the project with those that it imports, by value or by type. */
function graph(): Map<string, string[]> {
  const files = ['index.ts', ...[...folders, ...leaves, 'scripts'].flatMap(sourcesIn)];
  return new Map(files.map((file) => [file, relativeImportsOf(file).filter((path) => files.includes(path))]));
}

/** Files that import each other in a circle, a line a circle: Tarjan's strongly connected components. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const number = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (file: string) => {
    number.set(file, number.size);
    low.set(file, number.get(file)!);
    open.push(file);
    for (const other of imports.get(file)!) {
      if (!number.has(other)) visit(other);
      if (open.includes(other)) low.set(file, Math.min(low.get(file)!, low.get(other)!));
    }
    if (low.get(file) !== number.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle.sort().join(' ↔ '));
  };
  for (const file of imports.keys()) if (!number.has(file)) visit(file);
  return found;
}

test('no files import each other in a circle, not even for types', () => {
  expect(circlesOf(graph())).toEqual([]);
  const made = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b', 'd']],
    ['d', []],
  ]);
  expect(circlesOf(made)).toEqual(['b ↔ c']);
});

test('nothing below imports the leaves', () => {
  for (const file of folders.flatMap(sourcesIn))
    for (const path of relativeImportsOf(file))
      expect(leaves, `${file} imports ${path}`).not.toContain(path.split('/')[0]);
});

test(`no folder has more than ${MOST_FILES} files`, () => {
  const counts = new Map<string, number>();
  for (const file of graph().keys()) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
});

test('there is something to look at', () => {
  for (const folder of ['kernels', 'engine', 'models', 'losses'])
    expect(sourcesIn(folder).length, folder).toBeGreaterThan(2);
  expect(relativeImportsOf('engine/grad.ts')).toContain('engine/tape.ts');
});

test('the core needs no host: Node is imported outside of it alone', () => {
  for (const file of ['kernels', 'engine', 'models', 'losses', 'datasets'].flatMap(sourcesIn)) {
    expect(
      importsOf(file).filter((path) => path.startsWith('node:')),
      file,
    ).toEqual([]);
  }
});

test('studies run in a browser: nothing that they load is of Node', () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    expect(
      importsOf(file).filter((path) => path.startsWith('node:')),
      file,
    ).toEqual([]);
    relativeImportsOf(file).forEach(visit);
  };
  for (const file of [
    'study/study.ts',
    'study/options/option-list.ts',
    'study/summary.ts',
    'report/report.ts',
  ])
    visit(file);
  expect(seen).toContain('study/options/input-config.ts');
});

test('only engine/device/dawn.ts imports webgpu', () => {
  const files = [...folders, 'bin'].flatMap(sourcesIn).filter((file) => /['"]webgpu['"]/.test(read(file)));
  expect(files).toEqual(['engine/device/dawn.ts']);
});

test('insiders never import the shop window', () => {
  for (const file of folders.flatMap(sourcesIn))
    expect(relativeImportsOf(file), file).not.toContain('index.ts');
  // It only re-exports.
  const rest = read('index.ts').replaceAll(
    /\/\*[\s\S]*?\*\/|\/\/.*|export (type )?(\*( as \w+)?|\{[^}]*\}) from '[^']*';/g,
    '',
  );
  expect(rest.trim()).toBe('');
});

const everything = [
  ...folders,
  'bin',
  'cli',
  'tools',
  'scripts',
  'test',
  'bench',
  'conformance',
  'parity',
  'examples',
  'web',
].flatMap(sourcesIn);

test('no source over 300 lines, no test over 400', () => {
  for (const file of everything) {
    const limit = file.startsWith('test') ? 400 : 300;
    expect(read(file).split('\n').length, file).toBeLessThanOrEqual(limit);
  }
});

test('every file says what it is', () => {
  for (const file of everything) expect(read(file), file).toMatch(/^\/\*\*/m);
});

test('no any, no default export, no enum, no namespace; imports carry .ts', () => {
  for (const file of [...folders, 'cli', 'tools', 'bin', 'conformance', 'bench', 'parity', 'web'].flatMap(
    sourcesIn,
  )) {
    const code = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code.match(/(:|\bas|<)\s*any\b/)?.[0], `${file}: any`).toBeUndefined();
    expect(
      code.match(/^(export default|(export )?(enum|namespace|abstract class) )/m)?.[0],
      file,
    ).toBeUndefined();
    for (const path of relativeImportsOf(file)) expect(path, file).toMatch(/\.(ts|mjs|json)$/);
  }
});

test('names that say nothing are not taken', () => {
  for (const file of folders.flatMap(sourcesIn))
    expect(file).not.toMatch(/\b(utils?|helpers?|common|misc)\.ts$/);
});
