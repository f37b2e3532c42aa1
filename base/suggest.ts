/** Words on the command line that are nearly right. */
import { nearest } from './nearest-name.ts';

/** ", did you mean '…'?" or nothing, to append to an error. */
export function suggestion(word: string, known: readonly string[], prefix = ''): string {
  const found = nearest(word, known);
  return found === undefined ? '' : `, did you mean '${prefix}${found}'?`;
}
