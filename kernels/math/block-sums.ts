/**
 * Long sums of products, in blocks. A sum of n numbers, one after the other, may err by n / 3 roundings, so a kernel adds each
 * block by itself, in order, and the blocks' sums with what each addition loses: a sum of any length errs like one block.
 *
 *     T. J. Dekker 1971: of a + b = sum in floating point, b - (sum - a) is lost, exactly where |a| ≥ |b|, else to a rounding of b
 *
 * Blocks depend on shapes alone. A sum of one block is a plain loop, without what follows.
 */

/** Terms of a block of products, and of sums from which more is asked: their worst error is 5e-6 and 6e-7 of the terms. */
export const LONG_BLOCK = 256;
export const SHORT_BLOCK = 32;

/** Variables that a loop adds to. */
export interface Sums {
  readonly names: readonly string[];
  readonly type: 'f32' | 'vec4f';
}

/** WGSL that sets them to 0. */
export function zeros({ names, type }: Sums): string {
  return names.map((name) => `var ${name} = ${type}();`).join('\n  ');
}

/** WGSL before the blocks. Where they end, `zero` must be a 0 that only the running program knows. */
export function openBlocks({ names, type }: Sums): string {
  return names.map((name) => `var ${name}All = ${type}(); var ${name}Lost = ${type}();`).join('\n  ');
}

/** WGSL of the loop: `inner` goes on with `index`, a variable, while it is below `index`End. */
export function inBlocks(
  sums: Sums,
  { index, end, length, tag = '' }: { index: string; end: string; length: string; tag?: string },
  inner: (end: string) => string,
): string {
  const until = `${index}${tag}End`;
  // Compilers know that sum - a is b but for rounding: the seal keeps it.
  const added = (name: string) =>
    `let ${name}Next = seal${suffixOf(sums)}_(${name}All + ${name}, zero); ${name}Lost += ${name} - (${name}Next - ${name}All); ${name}All = ${name}Next;`;
  return `while (${index} < ${end}) {
    let ${until} = min(${index} + ${length}, ${end});
    ${zeros(sums)}
    ${inner(until)}
    ${sums.names.map(added).join('\n    ')}
  }`;
}

/** WGSL after them: the sums by their own names. */
export function closeBlocks(sums: Sums): string {
  return sums.names
    .map((name) => `var ${name} = withLost${suffixOf(sums)}_(${name}All, ${name}Lost);`)
    .join('\n  ');
}

/** Which of several loops, one in the other, is cut into blocks, and how many turns of it are one. */
export interface Blocks<L extends string = string> {
  readonly loop: L;
  readonly length: number;
}

/** The outermost loop whose turns have at most `most` terms, else the innermost; none where all terms are one block. */
export function planBlocks<L extends string>(
  loops: readonly (readonly [loop: L, turns: number])[],
  most: number,
): Blocks<L> | undefined {
  const turnsFrom = (first: number) => loops.slice(first).reduce((product, [, turns]) => product * turns, 1);
  if (turnsFrom(0) <= most) return undefined;
  const at = loops.findIndex((_, i) => turnsFrom(i + 1) <= most);
  return { loop: loops[at]![0], length: Math.floor(most / turnsFrom(at + 1)) };
}

function suffixOf({ type }: Sums): string {
  return type === 'f32' ? '' : '4';
}
