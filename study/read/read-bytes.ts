/** A file that the user has named, whole: a regular one, or what comes through a pipe, up to a limit; no device. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { reasonOf, StoppedError, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';

export interface ReadBytesOptions {
  /** Of larger ones nothing is kept; what a Buffer can hold if left out. */
  readonly most?: number;
  /** Ends the waiting for a pipe. */
  readonly signal?: AbortSignal | undefined;
}

const MOST_BYTES = 2 ** 31 - 1;
const PIECE_BYTES = 2 ** 22;

/** @throws UserError if it cannot be read, is no file, or has more bytes than `most`; StoppedError if the signal says so. */
export async function readBytes(path: string, options: ReadBytesOptions = {}): Promise<Buffer> {
  const { most = MOST_BYTES, signal } = options;
  const stat = attempt(path, () => statSync(path));
  // Between two of many files signals get their turn.
  await new Promise((resolve) => setImmediate(resolve));
  return stat.isFIFO() ? readPipe(path, most, signal) : readRegular(path, most);
}

/** The same at once, of regular files alone. */
export function readRegular(path: string, most = MOST_BYTES): Buffer {
  return opened(path, (file, size) => {
    if (size > most) throw tooLarge(path, size, most);
    // One byte more tells that nothing follows. Files of /proc say that they are empty, and some never end.
    const pieces: Buffer[] = [];
    let total = 0;
    for (let room = size + 1; ; room = PIECE_BYTES) {
      const piece = Buffer.allocUnsafe(room);
      const count = fill(path, file, piece);
      total += count;
      if (total > most) throw tooLarge(path, total, most);
      pieces.push(piece.subarray(0, count));
      if (count < room) return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, total);
    }
  });
}

/** The first bytes of a regular file; undefined of a pipe, from which they could be read only once. */
export function readStart(path: string, count: number): Buffer | undefined {
  if (attempt(path, () => statSync(path)).isFIFO()) return undefined;
  return opened(path, (file) => {
    const bytes = Buffer.allocUnsafe(count);
    return bytes.subarray(0, fill(path, file, bytes));
  });
}

function opened<T>(path: string, work: (file: number, size: number) => T): T {
  const named = attempt(path, () => statSync(path));
  // To open a pipe is to wait for who writes to it.
  if (!named.isFile()) throw new UserError(`${path} is ${kindOf(named)}; wants a file`);
  const file = attempt(path, () => openSync(path, 'r'));
  try {
    return work(file, attempt(path, () => fstatSync(file)).size);
  } finally {
    closeSync(file);
  }
}

/** How many bytes there were. */
function fill(path: string, file: number, bytes: Buffer): number {
  let done = 0;
  while (done < bytes.length) {
    const count = attempt(path, () => readSync(file, bytes, done, bytes.length - done, null));
    if (count === 0) break;
    done += count;
  }
  return done;
}

const PAUSE_MS = 20;

/** As it comes, without blocking: signals are heard meanwhile. */
async function readPipe(path: string, most: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const file = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  // Of a name in a folder nothing comes before somebody writes; what the shell has opened has its writer.
  let isOpen = /^\/(?:dev|proc\/[^/]+)\/(?:stdin|fd\/)/.test(path);
  const pieces: Buffer[] = [];
  let total = 0;
  try {
    for (;;) {
      if (signal?.aborted) throw new StoppedError('stopped while reading', signal);
      const piece = Buffer.allocUnsafe(2 ** 16);
      const count = readNow(path, file, piece);
      if (count === 0 && isOpen) return Buffer.concat(pieces, total);
      if (count !== 0) isOpen = true;
      if (count > 0) {
        total += count;
        if (total > most) throw tooLarge(path, undefined, most);
        pieces.push(piece.subarray(0, count));
      }
      await new Promise((resolve) => (count > 0 ? setImmediate(resolve) : setTimeout(resolve, PAUSE_MS)));
    }
  } finally {
    closeSync(file);
  }
}

/** -1 where there is nothing yet. */
function readNow(path: string, file: number, piece: Buffer): number {
  try {
    return readSync(file, piece);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return -1;
    throw new UserError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}

function tooLarge(path: string, size: number | undefined, most: number): UserError {
  const has = size === undefined ? 'gives more' : `has ${formatCount(size)} bytes`;
  return new UserError(`${path} ${has}; at most ${formatCount(most)} are read`);
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
