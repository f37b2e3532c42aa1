/** Whether what is asked for is the run that a folder holds unfinished: only the same one goes on, anything else has other bits. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { keyOf } from '../../base/option.ts';
import { options } from '../options/option-list.ts';
import { type ConfigFile, configIn, factsIn } from './config-file.ts';

export const STATE = 'state';

/** What is known of a run before there is a device. */
export type AskedRun = Omit<ConfigFile, 'adapter'>;

/** Whether there is something to go on from. */
export function hasState(path: string): boolean {
  return existsSync(join(path, STATE)) && existsSync(join(path, 'config.json'));
}

/** Whether the folder's run has reached its end; of one that was stopped the summary says so. */
export function isWhole(path: string): boolean {
  try {
    const summary = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) as { partial?: true } | null;
    return summary !== null && summary.partial === undefined;
  } catch {
    return false;
  }
}

/** The folder is another run's. */
export class FolderTakenError extends UserError {}

/** Whether the folder's run is to go on; of an earlier run that cannot, nothing is said. */
export function isSame(path: string, asked: AskedRun): boolean {
  if (!hasState(path)) return false;
  const change = changeOf(path, asked);
  if (change === undefined) return true;
  throw new FolderTakenError(
    `--out: '${path}' holds a run that was stopped, and its ${change}: with the same options it goes on, with --overwrite it ` +
      'is replaced; or name another folder',
  );
}

/** @throws UserError unless the folder's run was begun on the same adapter. */
export function checkAdapter(path: string, config: Partial<Pick<ConfigFile, 'adapter'>>): void {
  const before = adapterOf(path);
  const adapter = config.adapter?.adapter;
  if (before !== adapter)
    throw new UserError(
      `--out: the run in '${path}' was begun on '${before}', and this is '${adapter}', which has other bits: --device chooses, ` +
        '--overwrite begins anew',
    );
}

/** In words what of the folder's run is not as asked for; undefined if it is the same. */
function changeOf(path: string, asked: AskedRun): string | undefined {
  const text = readFileSync(join(path, 'config.json'), 'utf8');
  let before: ReturnType<typeof configIn>;
  try {
    before = configIn(text, path);
  } catch {
    return 'config.json is damaged';
  }
  const now = configIn(JSON.stringify(asked), path);
  for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (same(before[key], now[key])) continue;
    const option = options.find((known) => keyOf(known) === key);
    return `${option ? `--${option.name}` : key} is ${told(before[key])}, not ${told(now[key])}`;
  }
  const facts = factsIn(text, path);
  if (!same(facts.read, asked.read)) return 'data were others';
  if (!same(facts.ownFiles?.map(hashOf), asked.ownFiles?.map(hashOf))) return 'files of your own were others';
  for (const name of ['limbeck', 'numerics'])
    if (facts.versions?.[name] !== asked.versions[name])
      return `${name} was ${facts.versions?.[name] ?? 'unknown'}, not ${asked.versions[name]}`;
  return undefined;
}

/** The adapter of the folder's run. */
function adapterOf(path: string): string {
  return factsIn(readFileSync(join(path, 'config.json'), 'utf8'), path).adapter.adapter;
}

function hashOf({ sha256 }: { sha256: string }): string {
  return sha256;
}

/** As JSON has them: what is undefined is left out. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function told(value: unknown): string {
  return value === undefined ? 'not set' : [value].flat().map(String).join(',') || 'empty';
}
