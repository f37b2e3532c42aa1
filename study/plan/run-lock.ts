/**
 * Who works on a run: locks that other processes respect, on one machine or on several that share a folder, and that a
 * process which was killed does not keep.
 *
 * A lock is a file ID.1, which only one process can create. It names the process; a dead one's is taken over by
 * creating ID.2, which again only one can, and so on: the highest number counts. Files are removed only when the run has
 * its result, so nobody who looked long ago can take a number twice.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

export interface RunLock {
  /** Lets others try: the run has no result. */
  release(): void;
  /** Nobody needs to: it has one. */
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
/** Between creating a file and writing it: a process that dies then leaves it empty. */
const EMPTY_MS = 2000;

/** The lock, or who has it. */
export function lockRun(folder: string, id: string): RunLock | LockedBy {
  const highest = highestOf(folder, id);
  if (highest > 0) {
    const holder = holderOf(join(folder, `${id}.${highest}`));
    if (holder) return holder;
  }
  const path = join(folder, `${id}.${highest + 1}`);
  const self = thisProcess();
  if (!create(path, self)) return { owner: 'a process that was quicker' };
  // Somebody may have taken us for dead while the file was empty.
  if (highestOf(folder, id) > highest + 1) return { owner: 'a process that was quicker' };
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // Removed by hand, or a disk that is away: the run goes on, and its result is the same whoever writes it.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release() {
      clearInterval(heartbeat);
      write(path, 'w', { ...self, released: true });
    },
    remove() {
      clearInterval(heartbeat);
      removeLocks(folder, id);
    },
  };
}

export function removeLocks(folder: string, id: string): void {
  for (const number of numbersOf(folder, id)) rmSync(join(folder, `${id}.${number}`), { force: true });
}

function numbersOf(folder: string, id: string): number[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${id}.`))
    .map((name) => Number(name.slice(id.length + 1)));
}

function highestOf(folder: string, id: string): number {
  return Math.max(0, ...numbersOf(folder, id));
}

/** Undefined if nobody has it any more. */
function holderOf(path: string): LockedBy | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const silentMs = Date.now() - stat.mtimeMs;
  const owner = readOwner(path);
  if (!owner) return silentMs > EMPTY_MS ? undefined : { owner: 'a process that is just beginning' };
  if (owner.released) return undefined;
  const { pid, machine, started } = owner;
  const isAlive = machine === machineName() ? startOf(pid) === started : silentMs < SILENT_MS;
  return isAlive ? { owner: `process ${pid} on ${machine.split('/')[0]}` } : undefined;
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function create(path: string, owner: Owner): boolean {
  try {
    write(path, 'wx', owner);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function write(path: string, flag: 'w' | 'wx', owner: Owner): void {
  const file = openSync(path, flag);
  try {
    writeSync(file, JSON.stringify(owner));
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
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'unknown' : undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
