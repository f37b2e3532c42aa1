/**
 * The package as a stranger gets it: built, packed, installed in an empty folder, imported from JavaScript
 * and TypeScript.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'limbeck-package-'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

function npm(cwd: string, ...args: string[]): string {
  const cli = process.env.npm_execpath;
  const [program, first] = cli ? [process.execPath, [cli]] : ['npm', []];
  return execFileSync(program, [...first, ...args, '--prefix', cwd], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

beforeAll(() => {
  npm(root, 'pack', '--pack-destination', folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }');
  npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', `./limbeck-${version}.tgz`);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the tarball holds dist/, the licence and the notes, and none of the sources', () => {
  const installed = join(folder, 'node_modules/limbeck');
  for (const path of ['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'CHANGELOG.md']) {
    expect(existsSync(join(installed, path)), path).toBe(true);
  }
  for (const path of ['index.ts', 'engine', 'test', 'dist/test']) {
    expect(existsSync(join(installed, path)), path).toBe(false);
  }
});

test('what browsers get in the place of modules for Node is there, and exports the same', async () => {
  const installed = join(folder, 'node_modules/limbeck');
  const { browser } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    browser: Record<string, string>;
  };
  const pairs = Object.entries(browser);
  expect(pairs.length).toBeGreaterThan(0);
  for (const [forNode, forBrowsers] of pairs) {
    const [left, right] = await Promise.all(
      [forNode, forBrowsers].map(async (path) => {
        const names = Object.keys((await import(join(installed, path))) as object);
        return names.filter((name) => name !== 'patience');
      }),
    );
    expect(right!.toSorted(), forBrowsers).toEqual(left!.toSorted());
  }
});

test('nothing but the preprocessor comes along', () => {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { peer?: boolean }>;
  };
  expect(Object.keys(packages)).toEqual(['', 'node_modules/limbeck', 'node_modules/wgsl-preprocessor']);
});

test('publint has no complaints', async () => {
  // Its suggestions are of taste: it likes "imports" better than "browser", which resolves in dist/ alone and not in the sources.
  const { messages, pkg } = await publint({ pkgDir: root, strict: true, level: 'warning' });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('plain JavaScript imports it, and hears that the optional webgpu package is missing', () => {
  writeFileSync(
    join(folder, 'index.mjs'),
    `import { AdapterError, openDevice } from 'limbeck';
     await openDevice().catch((error) => console.log(error instanceof AdapterError, error.message));`,
  );
  const { stdout, stderr, status } = node('index.mjs');
  expect({ stdout, stderr, status }).toEqual({
    stdout: 'true no WebGPU adapter: the webgpu package is missing; npm install webgpu\n',
    stderr: '',
    status: 0,
  });
});

test('TypeScript finds all types, without skipLibCheck', () => {
  mkdirSync(join(folder, 'typed'), { recursive: true });
  writeFileSync(
    join(folder, 'typed/index.ts'),
    `import * as limbeck from 'limbeck';
     import { type OpenDevice, openDevice } from 'limbeck';
     const opened: OpenDevice = await openDevice({ adapter: 'auto' });
     const name: string = opened.info.name;
     // @ts-expect-error: a misspelt option
     await openDevice({ adaptor: 'auto' });
     console.log(name, Object.keys(limbeck));
     // What may be left out may be undefined.
     const backend: limbeck.Backend = limbeck.openCpu();
     const x = limbeck.tensor([1], [1], backend, { label: undefined });
     limbeck.sum(x, undefined, { keepDims: undefined });
     limbeck.conv2d(x, x, undefined, { stride: undefined, activation: undefined });
     limbeck.layerNorm(x, { scale: undefined });
     limbeck.mlp({ backend, widths: [1], activation: undefined, seed: undefined });
     limbeck.adam({ x }, { learningRate: undefined, seeds: undefined });
     limbeck.normal([1], backend, { call: undefined });
     await limbeck.openGpu({ adapter: undefined, tuning: undefined });`,
  );
  // limbeck/parquet shows the types of its peer, which is not installed here.
  const entries = ['h5', 'png', 'node', 'bench'].map((name) => `export * as ${name} from 'limbeck/${name}';`);
  writeFileSync(join(folder, 'typed/entries.ts'), entries.join('\n'));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'typed/tsconfig.json'), JSON.stringify({ compilerOptions }));
  const { stdout, status } = node(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'typed');
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});

test('the command is there', () => {
  const limbeck = join(folder, 'node_modules/.bin/limbeck');
  const run = (...args: string[]) =>
    spawnSync(limbeck, args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  expect(run('--version')).toMatchObject({ stdout: `limbeck ${version}\n`, status: 0 });
  expect(run('--help').stdout).toContain('limbeck doctor');
  expect(run('distil')).toMatchObject({
    stderr: "limbeck: unknown command 'distil', did you mean 'distill'?\n",
    status: 2,
  });
});
