/**
 * How a run takes the place of an earlier one in its folder, so that a process may be killed anywhere in between and one of
 * the two is whole: the next process finds out which by what lies where.
 *
 * | in the folder | what it means | what `settle` does |
 * |---|---|---|
 * | `.moving/` | an earlier run is on its way, here or there | moves what is in it back |
 * | `.earlier/`, and summary.json beside it | the new run is whole | removes the earlier one |
 * | `.earlier/` without summary.json beside it | the new run was killed | puts the earlier one back |
 *
 * A folder becomes `.earlier/`, or ceases to be, by one rename. A run that is taken up where it was killed (`state/` says where)
 * is the new one, and `.earlier/` waits on.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removePassing } from '../../base/process-lock.ts';
import { leftoverEnd, syncFolder } from '../../base/write-atomically.ts';
import { isWhole, STATE } from './continuation.ts';
import { removeStates } from './state-folder.ts';

/** All that a run writes; nothing else in a folder is ever touched. Of what is removed config.json, which says whose it is, is the last. */
const ownNames = [
  'summary.json',
  'report.html',
  'aggregation.json',
  'metrics.jsonl',
  'weights',
  STATE,
  'config.json',
];
const EARLIER = '.earlier';
const MOVING = '.moving';

/** Whether a name is that of a file which a process that was killed has left half written. */
export function isLeftover(name: string): boolean {
  return leftoverEnd.test(name) && ownNames.includes(name.replace(leftoverEnd, ''));
}

/** Whether there is a run that was killed before its end; of a settled folder. */
export function isUnfinished(path: string): boolean {
  return existsSync(join(path, 'config.json')) && !existsSync(join(path, 'summary.json'));
}

/** Removes what a process that was killed has left half written, or has not removed any more. */
export function tidy(path: string): void {
  removeLeftovers(path);
  returnMoving(path);
  if (isWhole(path)) removeStates(join(path, STATE));
}

/** Ends what a process that was killed has begun. */
export function settle(path: string): void {
  tidy(path);
  if (!existsSync(join(path, EARLIER))) return;
  if (existsSync(join(path, 'summary.json')))
    return rmSync(join(path, EARLIER), { recursive: true, force: true });
  removeOwn(path);
  putBack(path);
}

/** Of a settled folder: moves the run that is there out of the way. */
export function putAside(path: string): void {
  const names = ownIn(path);
  if (names.length === 0) return;
  mkdirSync(join(path, MOVING), { recursive: true });
  for (const name of names) renameSync(join(path, name), join(path, MOVING, name));
  renameSync(join(path, MOVING), join(path, EARLIER));
  syncFolder(path);
}

/** Moves back what was put aside; the folder has no run. */
export function putBack(path: string): void {
  if (!existsSync(join(path, EARLIER))) return;
  renameSync(join(path, EARLIER), join(path, MOVING));
  returnMoving(path);
}

export function removeOwn(path: string): void {
  for (const name of ownNames) rmSync(join(path, name), { recursive: true, force: true });
}

function returnMoving(path: string): void {
  const from = join(path, MOVING);
  if (!existsSync(from)) return;
  for (const name of ownIn(from)) renameSync(join(from, name), join(path, name));
  try {
    rmdirSync(from);
  } catch {
    // Somebody else's file is in it: it stays.
  }
  syncFolder(path);
}

function ownIn(path: string): string[] {
  return ownNames.filter((name) => existsSync(join(path, name)));
}

function removeLeftovers(path: string): void {
  removePassing(path);
  for (const name of readdirSync(path))
    if (isLeftover(name) || /^\.limbeck-\d+$/.test(name)) rmSync(join(path, name), { force: true });
  for (const folder of ['weights', STATE].map((name) => join(path, name))) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (leftoverEnd.test(name)) rmSync(join(folder, name), { force: true });
  }
}
