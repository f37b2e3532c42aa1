/** A file that the user has named, whole. */
import { readFileSync, statSync } from 'node:fs';
import { reasonOf, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';

/** @throws UserError if it cannot be read, or has more bytes than `most`. */
export function readBytes(path: string, { most = Infinity }: { most?: number } = {}): Buffer {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new UserError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
    }
  };
  const { size } = attempt(() => statSync(path));
  if (size > most)
    throw new UserError(`${path} has ${formatCount(size)} bytes; at most ${formatCount(most)} are read`);
  return attempt(() => readFileSync(path));
}
