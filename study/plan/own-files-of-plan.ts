/** A user's own files in studies: found in STUDY.json, kept with their hashes, and run only where they are trusted. */
import { UserError } from '../../base/errors.ts';
import { methodsOption } from '../../methods/all.ts';
import { hashesOf, loadOwnFiles, type OwnFile, ownPaths } from '../read/own-files.ts';
import type { Plan } from './plan.ts';

/** Loads the files that a study names, from its JSON; what is wrong with that is told where it is read strictly. */
export function loadForStudy(text: string): Promise<OwnFile[]> {
  let study: unknown;
  try {
    study = JSON.parse(text);
  } catch {
    return Promise.resolve([]);
  }
  return loadOwnFiles(
    ownPaths((option) => [
      ...textsUnder(option, study),
      // A baseline is a method.
      ...(option === methodsOption.name ? textsUnder('baseline', study) : []),
    ]),
  );
}

/**
 * Loads the files of a plan, which run as they are.
 *
 * @throws UserError where they are not trusted, or are not what the plan was made with.
 */
export async function loadForPlan({ ownFiles = [] }: Plan, isTrusted: boolean): Promise<void> {
  if (ownFiles.length === 0) return;
  const names = ownFiles.map(({ path }) => path).join(', ');
  if (!isTrusted)
    throw new UserError(`the plan runs code of its own: ${names}; look at it, then say so with --trust`);
  // They are not run before they are what they were.
  const found = await hashesOf(ownFiles.map(({ path }) => path));
  const changed = ownFiles.filter(({ sha256 }, i) => found[i]!.sha256 !== sha256);
  if (changed.length > 0)
    throw new UserError(
      `${changed.map(({ path }) => path).join(', ')} changed since the plan was made; make it again with: study plan STUDY.json`,
    );
  await loadOwnFiles(ownFiles.map(({ path }) => path));
}

/** Every text that is the value of a member of that name, at any depth, or in a list that is. */
function textsUnder(name: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, own]: [string, unknown]) => {
    if (key !== name) return textsUnder(name, own);
    return leavesOf(own).filter((leaf) => typeof leaf === 'string');
  });
}

function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}
