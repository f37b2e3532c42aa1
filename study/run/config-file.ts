/** config.json in its versions: what a study was asked for, and what else it takes to get the same bits again. */
import { UserError } from '../../base/errors.ts';
import type { OptionGroup } from '../../base/option.ts';
import type { OwnFile } from '../read/own-files.ts';
import type { StudyConfig } from '../results.ts';
import type { DeviceInfo } from '../study-types.ts';

/** Of the file's form. Version 1 had no number, and its options were not grouped. */
export const CONFIG_VERSION = 2;

/** Where, when and by what a study was run. */
export interface RunFacts {
  readonly adapter: DeviceInfo;
  readonly versions: Readonly<Record<string, string>>;
  readonly cpu?: string;
  /** ISO 8601. */
  readonly started?: string;
  /** Files that were read, by what they are: enough to tell whether they are the same. */
  readonly read?: Readonly<Record<string, unknown>>;
  /** Methods, tasks, networks and data of the user's own. */
  readonly ownFiles?: readonly OwnFile[];
}

export type ConfigFile = RunFacts & {
  readonly version: typeof CONFIG_VERSION;
} & Readonly<Record<OptionGroup, Readonly<Record<string, unknown>>>>;

/**
 * The options in a config.json, flat, whichever version wrote it; of an earlier one some may be missing.
 *
 * @throws UserError, which begins with `label`, for what no version has written and for a later one's.
 */
export function configIn(text: string, label: string): Partial<StudyConfig> & Record<string, unknown> {
  const file = objectIn(text);
  if (!file) throw new UserError(`${label} is no config.json of a run`);
  const { version } = file;
  if (version === undefined) return file;
  if (version !== CONFIG_VERSION)
    throw new UserError(
      `${label} has version ${JSON.stringify(version)}, and this limbeck knows versions 1 and ${CONFIG_VERSION}; use the one that wrote it`,
    );
  const groups: readonly OptionGroup[] = ['data', 'networks', 'training', 'run'];
  return Object.assign({}, ...groups.map((group) => file[group])) as Partial<StudyConfig>;
}

/** Where and when the run was, whichever version wrote it. @throws as `configIn` */
export function factsIn(text: string, label: string): RunFacts {
  configIn(text, label);
  return objectIn(text) as unknown as RunFacts;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
