/** Run folders: refused early, written whole, removed clean. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaults, tableDefaults } from '../../study/options/study-defaults.ts';
import { defaultRunPath, openRunFolder } from '../../study/run/run-folder.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-test-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const record = { ...defaults, versions: { limbeck: '0.0.0', node: '20.0.0' } };
const point = { seed: 0, method: 'tor', step: 1, loss: 0.5, testRmse: 0.25 };

test('a run leaves its files and nothing else', () => {
  const folder = openRunFolder(join(base, 'a', 'b'));
  expect(readdirSync(folder.path)).toEqual(['.lock.1']);
  folder.begin(record);
  folder.addPoint(point);
  folder.addPoint({ ...point, step: 2 });
  folder.writeWeights('tor', 3, new Uint8Array([1, 2, 3]));
  folder.write('summary.json', '{}\n');
  folder.close();
  expect(readdirSync(folder.path).sort()).toEqual([
    'config.json',
    'metrics.jsonl',
    'summary.json',
    'weights',
  ]);
  expect([...readFileSync(join(folder.path, 'weights', 'tor-seed3.safetensors'))]).toEqual([1, 2, 3]);
  const lines = readFileSync(join(folder.path, 'metrics.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).step)).toEqual([1, 2]);
});

test('an earlier run is replaced only with overwrite, and only its own files', () => {
  const path = join(base, 'run');
  const first = openRunFolder(path);
  first.begin(record);
  first.writeWeights('old', 0, new Uint8Array(1));
  first.write('summary.json', '{}');
  first.close();
  writeFileSync(join(path, 'notes.txt'), 'mine');
  expect(() => openRunFolder(path)).toThrow('--overwrite');
  const second = openRunFolder(path, { overwrite: true });
  expect(existsSync(join(path, 'weights'))).toBe(true);
  second.begin(record);
  second.close();
  expect(readdirSync(path).sort()).toEqual(['.earlier', 'config.json', 'metrics.jsonl', 'notes.txt']);
});

test('a folder of something else is refused, even with overwrite', () => {
  writeFileSync(join(base, 'config.json'), '{"versions":null}');
  expect(() => openRunFolder(base, { overwrite: true })).toThrow('holds other files');
  writeFileSync(join(base, 'config.json'), 'null');
  expect(() => openRunFolder(base)).toThrow('holds other files');
});

test('a file, and a folder that cannot be made, are one line each', () => {
  const file = join(base, 'file');
  writeFileSync(file, '');
  expect(() => openRunFolder(file)).toThrow('is a file');
  expect(() => openRunFolder(join(file, 'run'))).toThrow(
    /^cannot write to run folder '.*': not a directory$/,
  );
});

test('discard removes what the run made, parents included, and no more', () => {
  mkdirSync(join(base, 'kept'));
  const folder = openRunFolder(join(base, 'kept', 'x', 'run'));
  folder.begin(record);
  folder.addPoint(point);
  folder.discard();
  expect(readdirSync(base)).toEqual(['kept']);
  expect(readdirSync(join(base, 'kept'))).toEqual([]);
});

test('discard before begin leaves an earlier run alone', () => {
  const path = join(base, 'run');
  const first = openRunFolder(path);
  first.begin(record);
  first.write('summary.json', '{}');
  first.close();
  openRunFolder(path, { overwrite: true }).discard();
  expect(existsSync(join(path, 'config.json'))).toBe(true);
});

test('an earlier run is back after a discard, also after a kill, and gone once there is another', () => {
  const path = join(base, 'run');
  const run = (name: string) => {
    const folder = openRunFolder(path, { overwrite: true });
    folder.begin({ ...record, name });
    folder.writeWeights('tor', 0, new Uint8Array(4));
    return folder;
  };
  const nameOf = () => (JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as { name: string }).name;
  const first = run('first');
  first.write('summary.json', '{}');
  first.close();
  run('second').discard();
  expect(nameOf()).toBe('first');
  expect(readdirSync(path).toSorted()).toEqual(['config.json', 'metrics.jsonl', 'summary.json', 'weights']);
  run('killed').close();
  run('third').discard();
  expect(nameOf()).toBe('first');
  const last = run('last');
  last.write('summary.json', '{}');
  last.close();
  expect(nameOf()).toBe('last');
  expect(readdirSync(path).toSorted()).toEqual(['config.json', 'metrics.jsonl', 'summary.json', 'weights']);
});

test('discard leaves empty folders that were there, of a relative path too', () => {
  const before = process.cwd();
  process.chdir(base);
  try {
    mkdirSync('runs');
    openRunFolder(join('runs', 'a', 'b')).discard();
    expect(readdirSync(base)).toEqual(['runs']);
  } finally {
    process.chdir(before);
  }
});

test('the default name says what and when', () => {
  const path = defaultRunPath(defaults, new Date(2025, 0, 31, 17, 45, 3));
  expect(path).toBe(join('runs', 'sinusoid-noise0.2-20250131-174503'));
  const file = defaultRunPath(
    { ...tableDefaults, file: '../data/my wine (red).csv' },
    new Date(2025, 0, 31, 17, 45, 3),
  );
  expect(file).toBe(join('runs', 'my-wine-red--noise0-20250131-174503'));
});
