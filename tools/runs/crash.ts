/**
 * Ends a process at its n-th change to a folder, as a kill would: before the call, or with half of it done. Works on Node's
 * own functions, so that whoever imports them by name is caught too.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';

export interface CrashPoint {
  /** Which change, from 1; beyond the last one nothing happens. */
  readonly call: number;
  /** Whether half of it is done: of what is written, and of what a folder holds that is removed. */
  readonly isHalf: boolean;
}

export interface Crash {
  /** Of each change so far, whether it can be half done. */
  changes(): readonly boolean[];
  /** Puts Node's functions back. */
  restore(): void;
}

type Call = (...given: unknown[]) => unknown;

/** By the path that comes first, and of links and renames by the second too. */
const byPath = [
  'mkdirSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'rmdirSync',
  'writeFileSync',
  'unlinkSync',
] as const;
/** By the number of a file that was opened in the folder. */
const byFile = ['writeSync', 'fsyncSync'] as const;

/** `onChange` hears of each before it is made. `die` does not return; if it throws, every later change throws too, as if nobody were there any more. */
export function crashAt(
  folder: string,
  { call, isHalf }: CrashPoint,
  die: () => never,
  onChange?: (name: string, given: readonly unknown[], canBeHalf: boolean) => void,
): Crash {
  const originals = new Map<string, Call>();
  const node = fs as unknown as Record<string, Call>;
  const root = resolve(folder);
  const files = new Set<unknown>();
  const changes: boolean[] = [];
  const isInside = (path: unknown) => typeof path === 'string' && resolve(path).startsWith(root);
  const replace = (name: string, isMeant: (given: unknown[]) => boolean) => {
    const original = node[name]!;
    originals.set(name, original);
    node[name] = (...given) => {
      if (!isMeant(given)) return original(...given);
      changes.push(canBeHalf(name, given));
      onChange?.(name, given, changes.at(-1)!);
      if (changes.length > call) die();
      if (changes.length === call) {
        if (isHalf) doHalf(name, given, originals);
        die();
      }
      return original(...given);
    };
  };
  for (const name of byPath) replace(name, ([first, second]) => isInside(first) || isInside(second));
  for (const name of byFile) replace(name, ([file]) => files.has(file));
  const isForWriting = (flags: unknown) => typeof flags === 'string' && flags !== 'r';
  replace('openSync', ([path, flags]) => isInside(path) && isForWriting(flags));
  const counting = node.openSync!;
  node.openSync = (...given) => {
    const file = counting(...given);
    if (isInside(given[0]) && isForWriting(given[1])) files.add(file);
    return file;
  };
  syncBuiltinESMExports();
  return {
    changes: () => changes,
    restore() {
      for (const [name, original] of originals) node[name] = original;
      syncBuiltinESMExports();
    },
  };
}

/** What is written, and folders that are removed with what they hold. */
function canBeHalf(name: string, [path]: readonly unknown[]): boolean {
  if (name === 'writeSync') return true;
  return (
    name === 'rmSync' && (fs.statSync(path as string, { throwIfNoEntry: false })?.isDirectory() ?? false)
  );
}

function doHalf(name: string, given: readonly unknown[], originals: ReadonlyMap<string, Call>): void {
  const original = (of: string) => originals.get(of)!;
  const [first, second, offset = 0] = given;
  if (name === 'writeSync') {
    const bytes = typeof second === 'string' ? Buffer.from(second) : (second as Uint8Array);
    const length = Math.floor((bytes.length - Number(offset)) / 2);
    if (length > 0) original('writeSync')(first, bytes, offset, length);
  }
  if (name !== 'rmSync' || !canBeHalf(name, given)) return;
  const names = fs.readdirSync(first as string);
  for (const each of names.slice(0, Math.ceil(names.length / 2)))
    original('rmSync')(join(first as string, each), { recursive: true, force: true });
}
