/** The loop over k of a matmul: products in blocks where k is long, sums of columns always in blocks of their own. */
import {
  closeBlocks,
  inBlocks,
  LONG_BLOCK,
  openBlocks,
  SHORT_BLOCK,
  type Sums,
  zeros,
} from '../math/block-sums.ts';

interface Accumulators {
  /** Of products. */
  sums: Sums;
  /** Of b, perhaps none. */
  totals: Sums;
}

/** WGSL that makes the accumulators; `turn` adds the products and numbers of `stepK` places from p on to them. */
export function loopOverK(
  { isLong, stepK }: { isLong?: boolean; stepK: number },
  { sums, totals }: Accumulators,
  turn: readonly string[],
): string {
  const hasTotals = totals.names.length > 0;
  const loop = (end: string) => `for (; p < ${end}; p += ${stepK}u) {
    ${turn.join('\n    ')}
  }`;
  const short = { index: 'p', length: `${SHORT_BLOCK}u`, tag: 'Short' };
  const long = { index: 'p', length: `${LONG_BLOCK}u` };
  const block = (end: string) => (hasTotals ? inBlocks(totals, { ...short, end }, loop) : loop(end));
  return `${hasTotals || isLong ? 'let zero = uniforms.k >> 31u;' : ''}
  ${isLong ? openBlocks(sums) : zeros(sums)}
  ${openBlocks(totals)}
  var p = 0u;
  ${isLong ? inBlocks(sums, { ...long, end: 'uniforms.k' }, block) : block('uniforms.k')}
  ${isLong ? closeBlocks(sums) : ''}
  ${closeBlocks(totals)}`;
}
