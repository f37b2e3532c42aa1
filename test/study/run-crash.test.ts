/** Run folders: a process that ends at any change leaves one run whole, and two at once are never mixed. */
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
import { defaults } from '../../study/options/study-defaults.ts';
import { openRunFolder, type RunFolder } from '../../study/run/run-folder.ts';
import { crashAt } from '../../tools/runs/crash.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-crash-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const point = { seed: 0, method: 'tor', step: 1, loss: 0.5, testRmse: 0.25 };

/** All that a run writes, marked by its name. */
function writeRun(folder: RunFolder, name: string): void {
  folder.begin({ ...defaults, name, versions: { limbeck: '0.0.0' } });
  folder.addPoint(point);
  for (const method of ['teacher', 'tor']) folder.writeWeights(method, 0, Buffer.from(`${name} ${method}`));
  folder.write('report.html', `<p>${name}</p>`);
  folder.write('summary.json', JSON.stringify({ name }));
  folder.close();
}

function run(path: string, name: string, options = {}): void {
  writeRun(openRunFolder(path, options), name);
}

const textOf = (...names: string[]) => readFileSync(join(...names), 'utf8');

/** Whose run a folder holds, whole and with nothing beside it. */
function ownerOf(path: string): string {
  const names = readdirSync(path).toSorted();
  expect(names).toEqual(['config.json', 'metrics.jsonl', 'report.html', 'summary.json', 'weights']);
  const { name } = JSON.parse(textOf(path, 'summary.json')) as { name: string };
  expect(JSON.parse(textOf(path, 'config.json'))).toMatchObject({ name });
  expect(textOf(path, 'report.html')).toBe(`<p>${name}</p>`);
  expect(readdirSync(join(path, 'weights')).toSorted()).toEqual([
    'teacher-seed0.safetensors',
    'tor-seed0.safetensors',
  ]);
  for (const method of ['teacher', 'tor'])
    expect(textOf(path, 'weights', `${method}-seed0.safetensors`)).toBe(`${name} ${method}`);
  expect(JSON.parse(textOf(path, 'metrics.jsonl'))).toEqual(point);
  return name;
}

/** The locks of this process become those of one that is not there any more. */
function bury(path: string): void {
  if (!existsSync(path)) return;
  for (const name of readdirSync(path).filter((each) => each.startsWith('.lock.'))) {
    const text = textOf(path, name);
    if (text !== '') writeFileSync(join(path, name), text.replace(/"pid":\d+/, '"pid":4194305'));
  }
}

class Killed extends Error {}

/** Whether the work came to its end. */
function isKilled(path: string, call: number, isHalf: boolean, work: () => void): boolean {
  const crash = crashAt(path, { call, isHalf }, () => {
    throw new Killed();
  });
  try {
    work();
    return false;
  } catch {
    return true;
  } finally {
    crash.restore();
    bury(path);
  }
}

test.each([
  { hasEarlier: false, isHalf: false },
  { hasEarlier: false, isHalf: true },
  { hasEarlier: true, isHalf: false },
  { hasEarlier: true, isHalf: true },
])('killed at each change to the folder: %o', ({ hasEarlier, isHalf }) => {
  const options = { overwrite: hasEarlier };
  let call = 0;
  for (let wasKilled = true; wasKilled; ) {
    call++;
    const path = join(base, String(call));
    if (hasEarlier) run(path, 'earlier');
    wasKilled = isKilled(path, call, isHalf, () => run(path, 'new', options));
    if (!wasKilled) break;
    if (hasEarlier) {
      // Without --overwrite it is refused for the run that it holds, and that is whole.
      expect(() => openRunFolder(path), `change ${call}`).toThrow('holds an earlier run');
      expect(['earlier', 'new'], `change ${call}`).toContain(ownerOf(path));
    }
    if (!hasEarlier && existsSync(join(path, 'summary.json'))) {
      expect(() => openRunFolder(path)).toThrow('holds an earlier run');
      expect(ownerOf(path)).toBe('new');
      continue;
    }
    run(path, 'again', options);
    expect(ownerOf(path), `change ${call}`).toBe('again');
  }
  expect(call).toBeGreaterThan(hasEarlier ? 35 : 25);
});

test('killed while a run that failed puts the earlier one back', () => {
  for (const isHalf of [false, true]) {
    let call = 0;
    for (let wasKilled = true; wasKilled; ) {
      call++;
      const path = join(base, `${isHalf}${call}`);
      run(path, 'earlier');
      const folder = openRunFolder(path, { overwrite: true });
      folder.begin({ ...defaults, versions: { limbeck: '0.0.0' } });
      folder.writeWeights('tor', 0, Buffer.from('new'));
      wasKilled = isKilled(path, call, isHalf, () => folder.discard());
      expect(() => openRunFolder(path), `change ${call}`).toThrow('holds an earlier run');
      expect(ownerOf(path), `change ${call}`).toBe('earlier');
    }
    expect(call).toBeGreaterThan(8);
  }
});

test('the folder is one run’s at a time, with and without leave to replace', () => {
  const path = join(base, 'run');
  const first = openRunFolder(path);
  for (const overwrite of [false, true])
    expect(() => openRunFolder(path, { overwrite })).toThrow(
      new RegExp(`^--out: process ${process.pid} on .* is writing a run to '${path}'; wait`),
    );
  writeRun(first, 'first');
  expect(ownerOf(path)).toBe('first');
  const second = openRunFolder(path, { overwrite: true });
  expect(() => openRunFolder(path, { overwrite: true })).toThrow('is writing a run');
  second.discard();
  expect(ownerOf(path)).toBe('first');
});

test('a run whose process was killed is replaced by the same command, and that is told', () => {
  const path = join(base, 'run');
  const killed = openRunFolder(path);
  killed.begin({ ...defaults, versions: { limbeck: '0.0.0' } });
  bury(path);
  const next = openRunFolder(path);
  expect(next.replacesKilled).toBe(true);
  writeRun(next, 'next');
  expect(ownerOf(path)).toBe('next');
});

test('what lies in a stranger’s folder stays, whatever it is called', () => {
  mkdirSync(join(base, 'weights'));
  expect(() => openRunFolder(base, { overwrite: true })).toThrow('holds other files');
  rmSync(join(base, 'weights'), { recursive: true });
  mkdirSync(join(base, '.earlier'));
  expect(() => openRunFolder(base, { overwrite: true })).toThrow('holds other files');
  expect(readdirSync(base)).toEqual(['.earlier']);
});

test('a folder that is removed meanwhile, or is another’s by now, ends the run', () => {
  const path = join(base, 'run');
  const folder = openRunFolder(path);
  folder.begin({ ...defaults, versions: { limbeck: '0.0.0' } });
  rmSync(path, { recursive: true });
  expect(() => folder.writeWeights('tor', 0, new Uint8Array(1))).toThrow('was removed or taken over');
  run(path, 'other');
  expect(() => folder.write('summary.json', '{}')).toThrow('was removed or taken over');
  folder.discard();
  expect(ownerOf(path)).toBe('other');
});
