/**
 * Who works on a run or in a folder: locks that other processes respect, on one machine or on several that share a disk,
 * and that a process which was killed does not keep.
 *
 * A lock is a file ID.1, which only one process can create. It names the process; a dead one's is taken over by
 * creating ID.2, which again only one can, and so on: the highest number counts. A process that has created a number
 * looks again whether the one before is still that of the dead: if it is not, the lock was removed and taken anew
 * meanwhile, and the number is given back.
 *
 * Of a process on another machine nobody here can ask whether it lives, so a holder writes its file every few seconds.
 * How long that was ago is told by the clock of the disk, not by the machines', which may differ by days.
 */
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

export interface ProcessLock {
  /** Whether its file is still there and names this process: a folder may be removed, or be another's by now. */
  isHeld(): boolean;
  /** Lets others try: what it is about is not done. */
  release(): void;
  /** Nobody needs to: it is done. */
  remove(): void;
}

/** Who has it instead: 'process 1234 on ada'. */
export interface LockedBy {
  readonly owner: string;
}

interface Owner {
  pid: number;
  machine: string;
  /** When the process began, in the clock of its machine: numbers of processes come again. */
  started: string;
  released?: true;
}

const HEARTBEAT_MS = 5000;
/** Of a process on another machine, which nobody here can ask. */
const SILENT_MS = 60_000;
/** Between creating a file and writing it, where that is not one step: a process that dies then leaves it empty. */
const EMPTY_MS = 2000;

/** Whether a name in a folder of locks is that of a file which is there for a moment, or was left by a process that was killed. */
export function isPassing(name: string): boolean {
  return /^\.(clock|claim)-\d+$/.test(name);
}

/** Removes those of processes that are gone. One of another machine that is taken for gone makes its file again. */
export function removePassing(folder: string): void {
  for (const name of readdirSync(folder).filter(isPassing))
    if (startOf(Number(name.slice(name.indexOf('-') + 1))) === undefined)
      rmSync(join(folder, name), { force: true });
}

/** The lock, or who has it. */
export function takeLock(folder: string, id: string): ProcessLock | LockedBy {
  const highest = highestOf(folder, id);
  const before = join(folder, `${id}.${highest}`);
  const dead = highest > 0 ? textOf(before) : undefined;
  if (highest > 0) {
    const holder = holderOf(before, folder);
    if (holder) return holder;
  }
  const path = join(folder, `${id}.${highest + 1}`);
  const text = JSON.stringify(thisProcess());
  if (!create(path, text)) return quicker;
  // Somebody may have taken us for dead while the file was empty, or the dead one's may have been removed by now.
  if (highestOf(folder, id) > highest + 1 || (highest > 0 && textOf(before) !== dead)) {
    rmSync(path, { force: true });
    return quicker;
  }
  const isHeld = () => textOf(path) === text;
  const heartbeat = setInterval(() => {
    try {
      if (isHeld()) write(path, 'r+', text);
    } catch {
      // A disk that is away: who holds the lock finds out when it writes.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    isHeld,
    release() {
      clearInterval(heartbeat);
      if (isHeld()) write(path, 'w', JSON.stringify({ ...thisProcess(), released: true }));
    },
    remove() {
      clearInterval(heartbeat);
      removeLocks(folder, id);
    },
  };
}

const quicker: LockedBy = { owner: 'a process that was quicker' };

export function removeLocks(folder: string, id: string): void {
  for (const number of numbersOf(folder, id)) rmSync(join(folder, `${id}.${number}`), { force: true });
}

function numbersOf(folder: string, id: string): number[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${id}.`))
    .map((name) => Number(name.slice(id.length + 1)))
    .filter((number) => Number.isSafeInteger(number) && number > 0);
}

function highestOf(folder: string, id: string): number {
  return Math.max(0, ...numbersOf(folder, id));
}

/** Undefined if nobody has it any more. */
function holderOf(path: string, folder: string): LockedBy | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  // Also where the disk's clock was set back since: what comes from its future was not written just now.
  const isFresh = (ms: number) => Math.abs(clockOf(folder) - stat.mtimeMs) < ms;
  const owner = readOwner(path);
  if (!owner) return isFresh(EMPTY_MS) ? { owner: 'a process that is just beginning' } : undefined;
  if (owner.released) return undefined;
  const { pid, machine, started } = owner;
  const isAlive = machine === machineName() ? startOf(pid) === started : isFresh(SILENT_MS);
  return isAlive ? { owner: `process ${pid} on ${machine.split('/')[0]}` } : undefined;
}

/** What the disk takes for now: machines that share it may disagree. */
function clockOf(folder: string): number {
  const path = join(folder, `.clock-${process.pid}`);
  try {
    write(path, 'w', 'now');
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Undefined of a file that is empty, or no lock of ours. */
function readOwner(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner> | null;
    const isWhole = typeof owner?.machine === 'string' && typeof owner.started === 'string';
    return isWhole && Number.isSafeInteger(owner.pid) ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

/** False if it is there already. Where the disk can link files it is whole from birth, so that a kill leaves none empty. */
function create(path: string, text: string, tries = 3): boolean {
  const claim = join(dirname(path), `.claim-${process.pid}`);
  // One that was left is perhaps a second name of somebody's lock.
  rmSync(claim, { force: true });
  try {
    write(claim, 'wx', text);
    linkSync(claim, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) === 'ENOENT' && tries > 0 && existsSync(dirname(path)))
      return create(path, text, tries - 1);
    if (!NO_LINKS.has(codeOf(error))) throw error;
  } finally {
    rmSync(claim, { force: true });
  }
  try {
    write(path, 'wx', text);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What disks say that have no second names for a file. */
const NO_LINKS = new Set<unknown>(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL', 'EXDEV']);

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function write(path: string, flag: 'w' | 'wx' | 'r+', text: string): void {
  const file = openSync(path, flag);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

function thisProcess(): Owner {
  return { pid: process.pid, machine: machineName(), started: startOf(process.pid) ?? 'unknown' };
}

/** Its name, and on Linux which start of it: after another one all processes of before are gone. */
function machineName(): string {
  return `${hostname()}/${textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}`;
}

/** Undefined if there is no such process. Where the system does not tell when it began, any that lives will do. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks; the state follows it, and the start is the twentieth field from there.
  if (stat) {
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : rest[18];
  }
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'unknown' : undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
