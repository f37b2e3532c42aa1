/** Cumulative sums along an axis: the sums of pieces, what comes before each piece, and then the sums within it. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

/** x is (outer, length, inner), and a piece `pieceSize` of the axis; places are counted from the end if `isReverse`. */
type Pieces = 'size' | 'length' | 'inner' | 'pieces' | 'pieceSize';

const uniforms = {
  size: 'u32',
  length: 'u32',
  inner: 'u32',
  pieces: 'u32',
  pieceSize: 'u32',
} as const;

/** A loop over pieces, and in each over its places. */
function pieceLoop(
  isReverse: boolean,
  { before, each, after = '' }: Record<'before' | 'each', string> & { after?: string },
) {
  return elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', piece: 'uniforms.pieces' },
    rest: 'outer',
    body: wgsl`let begin = piece * uniforms.pieceSize;
    let end = min(begin + uniforms.pieceSize, uniforms.length);
    let first = outer * uniforms.length * uniforms.inner + within;
    ${hiddenZero('size')}
    ${before}
    for (var j = begin; j < end; j++) {
      let at = first + ${isReverse ? '(uniforms.length - 1u - j)' : 'j'} * uniforms.inner;
      ${each}
    }
    ${after}`,
  });
}

/** The places in x of each piece (outer, pieces, inner), in the order of the sums. */
function placesOf(
  i: number,
  { length, inner, pieces, pieceSize }: Record<Pieces, number>,
  isReverse: boolean,
): number[] {
  const line = Math.floor(i / inner);
  const begin = (line % pieces) * pieceSize;
  return Array.from({ length: Math.max(0, Math.min(pieceSize, length - begin)) }, (_, j) => {
    const place = isReverse ? length - 1 - begin - j : begin + j;
    return (Math.floor(line / pieces) * length + place) * inner + (i % inner);
  });
}

/** The sum of each piece, and what its additions have rounded off. */
export function pieceSums(isReverse: boolean): Kernel<'x', 'values' | 'errors', Pieces> {
  return defineKernel({
    name: 'cumsum-pieces',
    inputs: ['x'],
    outputs: ['values', 'errors'],
    uniforms,
    code: wgsl`${pieceLoop(isReverse, {
      before: openSum('sum'),
      each: addTo('sum', 'x[at]'),
      after: 'values[i] = sum; errors[i] = sumLost;',
    })}`,
    reference({ x }, given, { values, errors }) {
      for (let i = 0; i < values.length; i++)
        values[i] = placesOf(i, given, isReverse).reduce((sum, at) => sum + x[at]!, 0);
      errors.fill(0);
    },
  });
}

/** What comes before each piece: values and errors are (outer, pieces, inner), and a line of pieces is added in order. */
export const sumsBefore: Kernel<
  'values' | 'errors',
  'startValues' | 'startErrors',
  'size' | 'inner' | 'pieces'
> = defineKernel({
  name: 'cumsum-starts',
  inputs: ['values', 'errors'],
  outputs: ['startValues', 'startErrors'],
  uniforms: { size: 'u32', inner: 'u32', pieces: 'u32' },
  code: wgsl`${elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner' },
    rest: 'outer',
    body: wgsl`${hiddenZero('size')}
    ${openSum('sum')}
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      let at = (outer * uniforms.pieces + piece) * uniforms.inner + within;
      startValues[at] = sum;
      startErrors[at] = sumLost;
      ${addTo('sum', 'values[at]')}
      sumLost += errors[at];
    }`,
  })}`,
  reference({ values }, { size, inner, pieces }, { startValues, startErrors }) {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let piece = 0; piece < pieces; piece++) {
        const at = (Math.floor(i / inner) * pieces + piece) * inner + (i % inner);
        startValues[at] = sum;
        sum += values[at]!;
      }
    }
    startErrors.fill(0);
  },
});

/** y = the sums from the start of each piece on, including each element or (`isExclusive`) not. */
export function sumsWithin({
  isReverse,
  isExclusive,
  isWhole,
}: Record<'isReverse' | 'isExclusive' | 'isWhole', boolean>): Kernel {
  const add = addTo('sum', 'x[at]');
  const store = `y[at] = ${closeSum('sum')};`;
  return defineKernel<string, string, string>({
    name: 'cumsum',
    inputs: isWhole ? ['x'] : ['x', 'startValues', 'startErrors'],
    outputs: ['y'],
    uniforms,
    code: wgsl`${pieceLoop(isReverse, {
      before: openSum('sum', ...(isWhole ? [] : ['startValues[i]', 'startErrors[i]'])),
      each: isExclusive ? store + add : add + store,
    })}`,
    reference({ x, startValues }, given, { y }) {
      for (let i = 0; i < given['size']!; i++) {
        let sum = startValues?.[i] ?? 0;
        // The cast: `uniforms` are these.
        for (const at of placesOf(i, given as Record<Pieces, number>, isReverse)) {
          if (isExclusive) y![at] = sum;
          sum += x![at]!;
          if (!isExclusive) y![at] = sum;
        }
      }
    },
  });
}
