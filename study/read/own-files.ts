/** A user's own files with methods, tasks, networks and kinds of data: loaded, made known, and named with their hashes. */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isExpected, UserError } from '../../base/errors.ts';
import { sha256 } from '../../base/sha256.ts';
import { methodsOption } from '../../methods/all.ts';
import { taskOption } from '../../tasks/all.ts';
import { dataOption } from '../data/kinds/all.ts';
import { options } from '../options/option-list.ts';
import { isPath, isSource, ownNetworkPath, registerFile } from '../options/own.ts';

/** In config.json and plan.json: what was run of the user's own. */
export interface OwnFile {
  readonly path: string;
  /** Of the file itself; what it imports may change. */
  readonly sha256: string;
}

/** The paths of own files, each once, where `textsOf` gives the texts of an option: 'scratch,./mine.ts+pm' has './mine.ts'. */
export function ownPaths(textsOf: (option: string) => readonly string[]): string[] {
  const words = [methodsOption, taskOption]
    .flatMap(({ name }) => textsOf(name))
    .flatMap((text) => text.split(','))
    .map((word) => word.trim());
  const named = words.filter(isPath).map((word) => word.replace(/(\+[a-z]+)+$/, ''));
  const networks = options
    .filter(({ kind }) => kind === 'network' || kind === 'networks')
    .flatMap(({ name }) => textsOf(name))
    .flatMap((text) => text.split(',').flatMap((word) => ownNetworkPath(word.trim())?.path ?? []));
  // Other paths of data are tables.
  return [...new Set([...named, ...networks, ...textsOf(dataOption.name).filter(isSource)])];
}

/** Those of a command line. */
export function pathsOnLine(argv: readonly string[]): string[] {
  return ownPaths((option) => textsOf(option, argv));
}

function textsOf(option: string, argv: readonly string[]): string[] {
  return argv.flatMap((word, i) => {
    if (word === `--${option}`) return argv[i + 1] === undefined ? [] : [argv[i + 1]!];
    return word.startsWith(`--${option}=`) ? [word.slice(option.length + 3)] : [];
  });
}

/**
 * Loads files and makes known what they have, under the paths as they are written.
 *
 * @throws UserError for a file that is not there, cannot be loaded, or has nothing.
 */
export async function loadOwnFiles(paths: readonly string[]): Promise<OwnFile[]> {
  const found = await hashesOf(paths);
  // From the sources: 'limbeck' is these, not an installed package.
  if (paths.length > 0 && import.meta.url.endsWith('.ts'))
    register('../../scripts/resolve-limbeck.mjs', import.meta.url);
  for (const path of paths) registerFile(path, await exportsOf(path, resolve(path)));
  return found;
}

/** What files hold, without running them. @throws UserError for one that is not there. */
export async function hashesOf(paths: readonly string[]): Promise<OwnFile[]> {
  const found: OwnFile[] = [];
  for (const path of paths) found.push({ path, sha256: await sha256(bytesOf(path, resolve(path))) });
  return found;
}

function bytesOf(path: string, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new UserError(`${path}: ${reason}`, { cause: error });
  }
}

async function exportsOf(path: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (isExpected(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UserError(
        `this Node does not load ${path}; give it as JavaScript, or start with: node --import tsx`,
        { cause: error },
      );
    throw new UserError(`${path} cannot be loaded: ${message}`, { cause: error });
  }
}
