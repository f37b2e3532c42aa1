/** A run folder: opened before anything is trained, and never holding half a file. */

import { dataKindOf } from './data/kinds/all.ts';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { reasonOf, RunError, UserError } from '../base/errors.ts';
import type { StudyConfig } from './results.ts';
import type { PointEvent } from './study-types.ts';
import { writeAtomically } from '../base/write-atomically.ts';

/** All that a run writes; nothing else in a folder is ever touched. */
const ownNames = ['config.json', 'metrics.jsonl', 'summary.json', 'report.html', 'weights'];
/** Where the run that is replaced waits, until this one has something to keep. */
const EARLIER = '.earlier';

export interface RunFolder {
  readonly path: string;
  /**
   * Writes config.json, with an earlier run put aside if that was allowed, until summary.json is written; first call before any
   * other.
   */
  begin(config: object): void;
  /** A line of metrics.jsonl. */
  addPoint(point: PointEvent): void;
  /** Returns the path. */
  writeWeights(method: string, seed: number, bytes: Uint8Array): string;
  write(name: 'summary.json' | 'report.html', text: string): string;
  /** After a failure with nothing worth keeping: removes what this run has written, and puts the earlier one back. */
  discard(): void;
  close(): void;
}

/** Makes the folder and proves that it can be written to; leaves no file behind. */
export function openRunFolder(path: string, { overwrite = false } = {}): RunFolder {
  const wasThere = checkTarget(path, overwrite);
  // Of an absolute path it says so in the same words as `removeEmpty`.
  const made = attempt(path, () => mkdirSync(resolve(path), { recursive: true }));
  attempt(path, () => {
    const probe = join(path, `.limbeck-${process.pid}`);
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  });
  let metrics: number | undefined;
  const close = () => {
    if (metrics !== undefined) closeSync(metrics);
    metrics = undefined;
  };
  let hasBegun = false;

  return {
    path,
    begin(config) {
      attempt(path, () => {
        if (!hasBegun) putAside(path);
        hasBegun = true;
        writeAtomically(join(path, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
        metrics ??= openSync(join(path, 'metrics.jsonl'), 'a');
      });
    },
    addPoint(point) {
      const file = metrics;
      if (file === undefined) throw new Error('run folder: addPoint before begin');
      attempt(path, () => writeSync(file, `${JSON.stringify(point)}\n`));
    },
    writeWeights(method, seed, bytes) {
      const file = join(path, 'weights', `${method}-seed${seed}.safetensors`);
      return attempt(path, () => {
        mkdirSync(dirname(file), { recursive: true });
        return writeAtomically(file, bytes);
      });
    },
    write(name, text) {
      const file = attempt(path, () => writeAtomically(join(path, name), text));
      if (name === 'summary.json') rmSync(join(path, EARLIER), { recursive: true, force: true });
      return file;
    },
    discard() {
      close();
      if (hasBegun) {
        removeOwn(path);
        moveOwn(join(path, EARLIER), path);
        rmSync(join(path, EARLIER), { recursive: true, force: true });
      }
      if (!wasThere) removeEmpty(path, made);
    },
    close,
  };
}

/** 'runs/sinusoid-noise0.2-20250131-174500': what was run and when, in local time; a file by its name. */
export function defaultRunPath({ data, file, noise }: StudyConfig, date = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  const time = `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
  const name =
    dataKindOf({ data }).reads === 'table' ? parse(file).name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-') : data;
  const path = join('runs', `${name}-noise${noise}-${day}-${time}`);
  let free = path;
  for (let count = 2; existsSync(free); count++) free = `${path}-${count}`;
  return free;
}

/** Throws unless the path is free, an empty folder, or an earlier run that may be replaced; true if it exists. */
function checkTarget(path: string, overwrite: boolean): boolean {
  const stat = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) return false;
  if (!stat.isDirectory()) throw new UserError(`--out: '${path}' is a file, not a folder`);
  if (attempt(path, () => readdirSync(path)).length === 0) return true;
  if (!isRunFolder(path)) {
    throw new UserError(`--out: folder '${path}' holds other files; name a new or an empty one`);
  }
  if (!overwrite) {
    throw new UserError(
      `--out: '${path}' holds an earlier run; add --overwrite to replace it, or name another`,
    );
  }
  return true;
}

/** Known by a config.json that one of our runs has written. */
function isRunFolder(path: string): boolean {
  try {
    const text = readFileSync(join(path, 'config.json'), 'utf8');
    // A stranger's JSON may be anything; the optional chain covers it.
    const config = JSON.parse(text) as { versions?: { limbeck?: unknown } } | null;
    return typeof config?.versions?.limbeck === 'string';
  } catch {
    return false;
  }
}

function removeOwn(path: string): void {
  for (const name of ownNames) rmSync(join(path, name), { recursive: true, force: true });
}

/** A run that was killed has put one aside that is worth more than itself. */
function putAside(path: string): void {
  const isKilled = existsSync(join(path, EARLIER)) && !existsSync(join(path, 'summary.json'));
  if (isKilled) removeOwn(path);
  else moveOwn(path, join(path, EARLIER));
}

/** What is there of a run; a run that is there already goes. */
function moveOwn(from: string, to: string): void {
  const names = ownNames.filter((name) => existsSync(join(from, name)));
  if (names.length === 0) return;
  removeOwn(to);
  mkdirSync(to, { recursive: true });
  for (const name of names) renameSync(join(from, name), join(to, name));
}

/** Removes the folder and the parents that were made for it, as far as they are empty. */
function removeEmpty(path: string, firstMade: string | undefined): void {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
    if (firstMade === undefined || folder === firstMade || folder === dirname(folder)) return;
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RunError(`cannot write to run folder '${path}': ${reasonOf(error)}`, { cause: error });
  }
}
