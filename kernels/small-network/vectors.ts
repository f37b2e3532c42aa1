/** WGSL for vectors one after another: written out, or as a loop where that would take too long to compile. */
import { range } from './description.ts';

export interface Vectors {
  readonly first: number;
  readonly count: number;
}

/** `body` is given the number of a vector, and its place among these. A loop's end is hidden, or drivers write it out. */
export function eachVector(
  { first, count }: Vectors,
  isLoop: boolean,
  body: (k: string, i: string) => string,
): string {
  if (!isLoop)
    return range(count)
      .map((i) => `{ ${body(`${first + i}`, `${i}`)} }`)
      .join('\n');
  return `for (var i = 0u; i < ${count}u + nought_; i++) {
    let k = ${first}u + i;
    ${body('k', 'i')}
  }`;
}
