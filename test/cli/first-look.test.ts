/** Files of a command line that are refused before the engine is loaded and a device is opened. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { firstLook } from '../../cli/first-look.ts';
import { encodeSafetensors } from '../../engine/files/safetensors.ts';
import { tableDescription } from '../made-network.ts';

const home = mkdtempSync(join(tmpdir(), 'limbeck-look-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

const weights = (change: object) =>
  encodeSafetensors(new Map([['x', { shape: [1], values: new Float32Array(1) }]]), {
    limbeck: JSON.stringify({ ...tableDescription, ...change }),
  });
const folds = file('folds.safetensors', weights({ folds: 1e8 }));
const wide = file('wide.safetensors', weights({ network: 'mlp:65536,65536,65536' }));
const packed = file('bomb.csv.gz', gzipSync(Buffer.alloc(2 ** 27)));
const zip = file('a.zip', 'PK\x03\x04 and no more');
const table = file('a.csv', 'x,y\n1,2\n');

test.each([
  ['distill', ['--data', '/dev/zero'], '/dev/zero is a device; wants a file'],
  ['distill', [`--data=${packed}`], 'unpacks to more than'],
  ['distill', ['--data', zip], 'is a damaged ZIP archive'],
  ['distill', ['--teacher', folds, '--data', table], 'says that it holds 100000000 networks'],
  ['distill', [`--teacher=${wide}`], 'numbers of a network that has at least'],
  ['distill', ['--teacher', '/dev/full'], '/dev/full is a device; wants a file'],
  ['predict', ['--model', wide, '--data', table], 'numbers of a network that has at least'],
  ['predict', ['--model', '/dev/zero'], '/dev/zero is a device; wants a file'],
  ['export', ['--model', table], 'is no safetensors file'],
  ['study', ['plan', '/dev/zero'], '/dev/zero is a device; wants a file'],
])('%s %s is refused', async (command, argv, message) => {
  await expect(firstLook(command, argv)).rejects.toThrow(message);
});

test('what is not there, or is read by others, is left to them', async () => {
  const circle = join(home, 'circle');
  symlinkSync(circle, circle);
  const loop = ['--data', circle, '--data', join(home, 'none'), '--data', home, '--teacher', 'mlp:2'];
  await firstLook('distill', [...loop, '--data', table]);
  await firstLook('distill', ['--help', '--data', '/dev/zero']);
  const pipe = join(home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await firstLook('distill', ['--data', pipe, '--teacher', pipe]);
});

test('it loads no engine and no methods', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, from] of text.matchAll(/^(?:import|export)\s+(?!type)[^;]*?from '(\.[^']+)'/gm))
      load(resolve(dirname(path), from!));
  };
  load(join(root, 'cli/first-look.ts'));
  const names = [...loaded].map((path) => relative(root, path));
  expect(names).toContain('engine/files/safetensors.ts');
  expect(
    names.filter((name) => /^(kernels|methods|losses|train|engine\/(ops|gpu|device))/.test(name)),
  ).toEqual([]);
  expect(names.length).toBeLessThan(60);
});
