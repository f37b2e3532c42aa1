/** The folder of a plan: plan.json, a result a run, teachers, locks. Every file is whole or not there. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRegular } from '../read/read-bytes.ts';
import { planProblem } from './plan-shape.ts';
import { isResult, type RunResult } from './run-result.ts';
import { isExpected, reasonOf, RunError, UserError } from '../../base/errors.ts';
import type { SavedStates } from '../run/saved-states.ts';
import { removeStates, stateFolder } from '../run/state-folder.ts';
import type { TeacherCache } from '../teachers/teacher-cache.ts';
import { leftoverEnd, writeAtomically } from '../../base/write-atomically.ts';
import type { Plan } from './plan.ts';
import {
  type LockedBy,
  type ProcessLock,
  removeLocks,
  removePassing,
  takeLock,
} from '../../base/process-lock.ts';

/** The plan's folder cannot be written to: no run would fare better. */
export class PlanFolderError extends RunError {
  override readonly exitCode: number;

  constructor(path: string, cause: unknown) {
    super(`cannot write to '${path}': ${reasonOf(cause)}`, { cause });
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    this.exitCode = code === 'ENOSPC' || code === 'EDQUOT' ? retryExitCode : 1;
  }
}

export interface PlanFolder {
  readonly path: string;
  readonly teachers: TeacherCache;
  readPlan(): Plan;
  writePlan(plan: Plan): void;
  /** Undefined if there is none, or it is damaged: the run is done again then. */
  result(id: string): RunResult | undefined;
  /** Whether there is a file for it that is no result. */
  isDamaged(id: string): boolean;
  writeResult(result: RunResult): void;
  lock(id: string): ProcessLock | LockedBy;
  removeLocks(id: string): void;
  /** Where the trainings of a run are put down. @param every As for `stateFolder`. */
  states(id: string, every: number): SavedStates;
  removeStates(id: string): void;
  write(name: string, text: string): string;
}

export type { RunResult, Score } from './run-result.ts';

/** Worth another try, as sysexits.h has it. */
export const retryExitCode = 75;

const PLAN = 'plan.json';
const LEFTOVER_MS = 600_000;
/** Of plans and results. */
const MOST_BYTES = 500_000_000;

/** An existing plan's folder, or its plan.json. */
export function openPlan(path: string, version: string): PlanFolder {
  const folder = basename(path) === PLAN ? dirname(path) : path;
  removeLeftovers([folder, join(folder, 'results'), join(folder, 'teachers', `limbeck-${version}`)]);
  if (existsSync(join(folder, 'locks'))) removePassing(join(folder, 'locks'));
  if (!existsSync(join(folder, PLAN)))
    throw new UserError(`no plan in '${folder}': plan.json is missing; make one with: study plan STUDY.json`);
  return planFolder(folder, version);
}

/** A new folder, an empty one, or one that holds a plan. */
export function createPlanFolder(folder: string, version: string): PlanFolder {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat && !stat.isDirectory()) throw new UserError(`--out: '${folder}' is a file, not a folder`);
  if (stat && readdirSync(folder).length > 0 && !existsSync(join(folder, PLAN)))
    throw new UserError(`--out: folder '${folder}' holds other files; name a new or an empty one`);
  return planFolder(folder, version);
}

function planFolder(path: string, version: string): PlanFolder {
  const at = (...names: string[]) => join(path, ...names);
  const resultPath = (id: string) => at('results', `${id}.json`);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new PlanFolderError(path, error);
    }
  };
  const write = (name: string, text: string) => attempt(() => writeAtomically(at(name), text));
  return {
    path,
    teachers: teacherFolder(at('teachers', `limbeck-${version}`)),
    readPlan: () => planIn(at(PLAN)),
    writePlan(plan) {
      attempt(() => mkdirSync(at('results'), { recursive: true }));
      write(PLAN, `${JSON.stringify(plan, null, 2)}\n`);
    },
    result: (id) => resultIn(resultPath(id), id),
    isDamaged: (id) => existsSync(resultPath(id)) && resultIn(resultPath(id), id) === undefined,
    writeResult(result) {
      attempt(() => mkdirSync(at('results'), { recursive: true }));
      attempt(() => writeAtomically(resultPath(result.id), `${JSON.stringify(result, null, 2)}\n`));
    },
    lock(id) {
      attempt(() => mkdirSync(at('locks'), { recursive: true }));
      return attempt(() => takeLock(at('locks'), id));
    },
    removeLocks(id) {
      if (existsSync(at('locks'))) removeLocks(at('locks'), id);
    },
    states(id, every) {
      const states = stateFolder(at('states', id), every);
      return {
        read: states.read,
        offer: (...given) =>
          states.offer(...given).catch((error: unknown) => {
            throw isExpected(error) ? new PlanFolderError(path, error) : error;
          }),
      };
    },
    removeStates: (id) => attempt(() => removeStates(at('states', id))),
    write,
  };
}

function planIn(path: string): Plan {
  const text = textIn(path) ?? '';
  let plan: Partial<Plan> | null;
  try {
    plan = JSON.parse(text) as Partial<Plan> | null;
  } catch (error) {
    throw new UserError(`${path}: no JSON; make the plan again with: study plan STUDY.json`, {
      cause: error,
    });
  }
  if (plan?.format !== 1 || !Array.isArray(plan.runs))
    throw new UserError(`${path}: no plan of this version; make it again with: study plan STUDY.json`);
  const problem = planProblem(plan);
  if (problem !== undefined)
    throw new UserError(`${path}: ${problem}; make the plan again with: study plan STUDY.json`);
  return plan as Plan;
}

/** A power cut, or a copy that was cut off, may leave less than `writeResult` has written. */
function resultIn(path: string, id: string): RunResult | undefined {
  const text = textIn(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isResult(value, id) ? value : undefined;
  } catch {
    return undefined;
  }
}

function teacherFolder(path: string): TeacherCache {
  const file = (key: string) => join(path, `${key}.safetensors`);
  return {
    read: async (key) => {
      const found = file(key);
      return isFile(found) ? readRegular(found) : undefined;
    },
    write: async (key, bytes) => {
      try {
        mkdirSync(path, { recursive: true });
        writeAtomically(file(key), bytes);
      } catch (error) {
        // Something foreign is in its place: the teacher is trained by each who wants it, and is the same.
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (!['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(String(code))) throw error;
      }
    },
  };
}

function textIn(path: string): string | undefined {
  return isFile(path) ? readRegular(path, MOST_BYTES).toString('utf8') : undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Of processes that were killed while they wrote. Nobody writes a file for so long. */
function removeLeftovers(folders: readonly string[]): void {
  for (const folder of folders.filter((each) => existsSync(each))) {
    for (const name of readdirSync(folder).filter((each) => leftoverEnd.test(each))) {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      if (stat && Date.now() - stat.mtimeMs > LEFTOVER_MS) rmSync(join(folder, name), { force: true });
    }
  }
}
