/** A run folder: one process's alone, opened before anything is trained, and never holding half a file or half a run. */

import { dataKindOf } from '../data/kinds/all.ts';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { reasonOf, RunError, UserError } from '../../base/errors.ts';
import { isPassing, type LockedBy, type ProcessLock, takeLock } from '../../base/process-lock.ts';
import { writeAtomically } from '../../base/write-atomically.ts';
import type { StudyConfig } from '../results.ts';
import { rowInFiles } from '../rows.ts';
import { type AskedRun, checkAdapter, FolderTakenError, hasState, isSame, STATE } from './continuation.ts';
import type { SavedStates } from './saved-states.ts';
import { removeStates, stateFolder } from './state-folder.ts';
import { isLeftover, isUnfinished, putAside, putBack, removeOwn, settle, tidy } from './run-replacement.ts';
import type { PointEvent } from '../study-types.ts';

const LOCK = '.lock';

export interface RunFolder {
  readonly path: string;
  /** The folder held a run that was killed before its end: it is replaced. */
  readonly replacesKilled: boolean;
  /** The folder held this run, unfinished: it goes on. */
  readonly goesOn: boolean;
  /**
   * Writes config.json, with an earlier run put aside if that was allowed, until summary.json is written; first call before any
   * other. Of a run that goes on everything is as it was, and metrics.jsonl empty.
   *
   * @throws UserError if that run was begun on another adapter.
   */
  begin(config: object): void;
  /** Where its trainings are put down. @param every As for `stateFolder`. */
  states(every: number): SavedStates;
  /** Whether the same command would go on with what there is. */
  canGoOn(): boolean;
  /** Removes the states: the run has ended. */
  end(): void;
  /** A line of metrics.jsonl. */
  addPoint(point: PointEvent): void;
  /** Returns the path. */
  writeWeights(method: string, seed: number, bytes: Uint8Array): string;
  write(name: 'summary.json' | 'report.html' | 'aggregation.json', text: string): string;
  /**
   * After a failure with nothing worth keeping: removes what this run has written, and puts the earlier one back. Not what was
   * there of a run that was to go on.
   */
  discard(): void;
  /** Lets others have the folder. */
  close(): void;
}

/**
 * Makes the folder, takes its lock, and tidies up after a process that was killed in it.
 *
 * @param options.asked What is to be run: if the folder holds the same, unfinished, it goes on, unless it is to be overwritten.
 * @throws FolderTakenError if another process has it, or it holds a whole run, or another that could go on, and `overwrite` is
 *   not set; UserError if it holds something else; RunError if it cannot be written to.
 */
export function openRunFolder(
  path: string,
  { overwrite = false, asked }: { overwrite?: boolean; asked?: AskedRun | undefined } = {},
): RunFolder {
  const wasThere = checkTarget(path);
  const { lock, made } = locked(path);
  let replacesKilled = false;
  let goesOn = false;
  try {
    attempt(path, () => tidy(path));
    goesOn = !overwrite && asked !== undefined && attempt(path, () => isSame(path, asked));
    if (!goesOn) {
      attempt(path, () => settle(path));
      replacesKilled = attempt(path, () => isUnfinished(path));
    }
    checkContent(path, overwrite || replacesKilled || goesOn);
  } catch (error) {
    lock.remove();
    if (!wasThere) removeEmpty(path, made);
    throw error;
  }
  let metrics: number | undefined;
  let hasBegun = false;
  /** Whatever is written, it is written to the folder that was opened. */
  const guarded = <T>(work: () => T): T => {
    if (!lock.isHeld())
      throw new RunError(`run folder '${path}' was removed or taken over while it was written to`);
    return attempt(path, work);
  };
  const closeMetrics = () => {
    if (metrics !== undefined) closeSync(metrics);
    metrics = undefined;
  };

  return {
    path,
    replacesKilled,
    goesOn,
    begin(config) {
      if (goesOn) attempt(path, () => checkAdapter(path, config));
      guarded(() => {
        if (goesOn) {
          // Of a stopped run: it is not what the folder holds any more.
          for (const name of ['summary.json', 'report.html']) rmSync(join(path, name), { force: true });
          metrics ??= openSync(join(path, 'metrics.jsonl'), 'w');
          return;
        }
        if (!hasBegun) putAside(path);
        hasBegun = true;
        writeAtomically(join(path, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
        metrics ??= openSync(join(path, 'metrics.jsonl'), 'a');
      });
    },
    addPoint(point) {
      const file = metrics;
      if (file === undefined) throw new Error('run folder: addPoint before begin');
      const bytes = Buffer.from(`${JSON.stringify(point)}\n`);
      attempt(path, () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      });
    },
    writeWeights(method, seed, bytes) {
      const folder = join(path, 'weights');
      return guarded(() => {
        if (!existsSync(folder)) mkdirSync(folder);
        return writeAtomically(join(folder, `${rowInFiles(method)}-seed${seed}.safetensors`), bytes);
      });
    },
    write(name, text) {
      const file = guarded(() => writeAtomically(join(path, name), text));
      // Now that this run is whole, the one that it replaces goes.
      if (name === 'summary.json') attempt(path, () => settle(path));
      return file;
    },
    states(every) {
      const states = stateFolder(join(path, STATE), every);
      return {
        read: states.read,
        offer: (...given) => {
          guarded(() => {});
          return states.offer(...given);
        },
      };
    },
    canGoOn: () => hasState(path),
    end: () => guarded(() => removeStates(join(path, STATE))),
    discard() {
      closeMetrics();
      if (!lock.isHeld()) return;
      if (hasBegun) {
        removeOwn(path);
        putBack(path);
      }
      lock.remove();
      if (!wasThere) removeEmpty(path, made);
    },
    close() {
      closeMetrics();
      if (lock.isHeld()) lock.remove();
    },
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

/** Before anything is made: whether the folder exists. What is in it is looked at once it is ours. */
function checkTarget(path: string): boolean {
  const stat = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) return false;
  if (!stat.isDirectory()) throw new UserError(`--out: '${path}' is a file, not a folder`);
  // A stranger's folder gets no lock either.
  refuseOthers(path, namesIn(path));
  return true;
}

/** With the first folder that was made for it. */
function locked(path: string): { lock: ProcessLock; made: string | undefined } {
  let made: string | undefined;
  for (let tries = 0; ; tries++) {
    try {
      // Of an absolute path it says so in the same words as `removeEmpty`.
      made = mkdirSync(resolve(path), { recursive: true }) ?? made;
      const lock: ProcessLock | LockedBy = takeLock(path, LOCK);
      if ('isHeld' in lock) return { lock, made };
      throw new FolderTakenError(
        `--out: ${lock.owner} is writing a run to '${path}'; wait until it has ended, or name another folder`,
      );
    } catch (error) {
      // The one who had it has just removed it.
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (isGone && tries < 3) continue;
      if (error instanceof UserError) throw error;
      throw cannotWrite(path, error);
    }
  }
}

/** Throws unless the folder is free, or holds an earlier run that may be replaced. */
function checkContent(path: string, mayReplace: boolean): void {
  const names = namesIn(path);
  refuseOthers(path, names);
  if (!mayReplace && names.length > 0)
    throw new FolderTakenError(
      `--out: '${path}' holds an earlier run; add --overwrite to replace it, or name another`,
    );
}

/** What is in it, without the lock and what processes that were killed leave. */
function namesIn(path: string): string[] {
  return attempt(path, () => readdirSync(path)).filter((name) => !isPassing(name) && !isOfLock(name));
}

/** Also a probe for writing, as earlier versions made. */
function isOfLock(name: string): boolean {
  return /^\.(lock\.\d+|limbeck-\d+)$/.test(name);
}

/** Known by a config.json that one of our runs has written, also where it has been put aside; or there is nothing else. */
function refuseOthers(path: string, names: readonly string[]): void {
  if (names.every(isLeftover)) return;
  if (['.', '.earlier', '.moving'].some((folder) => hasConfig(join(path, folder)))) return;
  throw new UserError(`--out: folder '${path}' holds other files; name a new or an empty one`);
}

function hasConfig(folder: string): boolean {
  try {
    const text = readFileSync(join(folder, 'config.json'), 'utf8');
    // A stranger's JSON may be anything; the optional chain covers it.
    const config = JSON.parse(text) as { versions?: { limbeck?: unknown } } | null;
    return typeof config?.versions?.limbeck === 'string';
  } catch {
    return false;
  }
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
    if (error instanceof UserError) throw error;
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): RunError {
  return new RunError(`cannot write to run folder '${path}': ${reasonOf(error)}`, { cause: error });
}
