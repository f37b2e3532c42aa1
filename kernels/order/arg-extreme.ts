/** Where the largest or smallest number of an axis stands. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { boundAs, compareNumbers, orderKey, type Ordered } from './order.ts';
import { wgsl } from '../wgsl.ts';

export interface ArgExtremeShape {
  numbers: Ordered;
  isLargest: boolean;
  /** Whether it looks at all places, or at the `candidates` of an earlier dispatch. */
  isFirst: boolean;
}

/**
 * x is (outer, length, inner); `count` places of the axis are looked at in pieces of `pieceSize`, and y (outer, pieces,
 * inner) has the best place of each: the first NaN, or else the first of equal numbers. Candidates are (outer, count, inner).
 */
export function argExtreme({ numbers, isLargest, isFirst }: ArgExtremeShape): Kernel {
  const isNan = '(bits & 0x7fffffffu) > 0x7f800000u';
  return defineKernel<string, string, string>({
    name: isLargest ? 'argmax' : 'argmin',
    inputs: { x: boundAs[numbers], ...(isFirst ? {} : { candidates: 'u32' as const }) },
    outputs: { y: 'u32' },
    uniforms: { size: 'u32', length: 'u32', inner: 'u32', count: 'u32', pieces: 'u32', pieceSize: 'u32' },
    code: wgsl`
${orderKey[numbers]}

fn keyOf(bits: u32) -> u32 {
  #if ${isLargest}
  return orderKey(bits);
  #elif ${numbers === 'f32'}
  return select(~orderKey(bits), 0xffffffffu, ${isNan});
  #else
  return ~bits;
  #endif
}

${elementLoop({
  size: 'uniforms.size',
  digits: { within: 'uniforms.inner', piece: 'uniforms.pieces' },
  rest: 'outer',
  body: wgsl`let begin = piece * uniforms.pieceSize;
    let end = min(begin + uniforms.pieceSize, uniforms.count);
    let first = outer * uniforms.length * uniforms.inner + within;
    var best = begin;
    var bestKey = 0u;
    for (var j = begin; j < end; j++) {
      let place = ${isFirst ? 'j' : 'candidates[(outer * uniforms.count + j) * uniforms.inner + within]'};
      let key = keyOf(x[first + place * uniforms.inner]);
      let isBetter = (j == begin) | (key > bestKey);
      best = select(best, place, isBetter);
      bestKey = select(bestKey, key, isBetter);
    }
    y[i] = best;`,
})}`,
    reference({ x, candidates }, { length, inner, count, pieces, pieceSize }, { y }) {
      const isBetter = (a: number, b: number) => {
        if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && !Number.isNaN(b);
        return isLargest ? compareNumbers(a, b) > 0 : compareNumbers(a, b) < 0;
      };
      for (let i = 0; i < y!.length; i++) {
        const within = i % inner!;
        const line = Math.floor(i / inner!);
        const outer = Math.floor(line / pieces!);
        const begin = (line % pieces!) * pieceSize!;
        let best = -1;
        const valueAt = (place: number) => x![(outer * length! + place) * inner! + within]!;
        for (let j = begin; j < Math.min(begin + pieceSize!, count!); j++) {
          const place = candidates ? candidates[(outer * count! + j) * inner! + within]! : j;
          if (best < 0 || isBetter(valueAt(place), valueAt(best))) best = place;
        }
        y![i] = best;
      }
    },
  });
}
