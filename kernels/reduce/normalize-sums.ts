/** What normalisations need of each statistic: mean and variance of x, and the two sums of the gradient. */
import { defineKernel, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import {
  openWalk,
  walkReference,
  walkSums,
  walkUniforms,
  type WalkUniforms,
  walkWorkgroupSize,
  workgroupTotal,
} from './reduce-plan.ts';
import { wgsl } from '../wgsl.ts';

/**
 * Mean and biased variance of each output, or of each piece of it, by the corrected two-pass algorithm (Chan, Golub & LeVeque
 * 1983, "Algorithms for computing the sample variance"): with c the mean as rounded, and o what that is off,
 *
 *     o = Σ (x - c) / n;  mean = c + o;  variance = Σ (x - c)² / n - o²
 *
 * so numbers that are all equal have variance 0. A piece tells c and o apart, for `joinMoments`.
 */
/* @__NO_SIDE_EFFECTS__ */
export function moments({ isShared, isPiece }: { isShared: boolean; isPiece: boolean }): Kernel {
  const total = (sum: string) => (isShared ? `total(lane, ${closeSum(sum)})` : closeSum(sum));
  return defineKernel<string, string, keyof WalkUniforms>({
    name: 'moments',
    inputs: ['x'],
    outputs: isPiece ? ['centers', 'offsets', 'variances'] : ['mean', 'variance'],
    uniforms: walkUniforms,
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
${isShared ? workgroupTotal('total', 'add') : ''}
${spreadAround}
${openWalk(isShared)}
  ${hiddenZero('count')}
  let terms = f32(end - begin);
  ${openSum('sum')}
  ${walkSums(isShared, { sum: 'x[at]' })}
  let center = ${total('sum')} / terms;
  ${openSum('distances')}
  ${openSum('squares')}
  ${walkSums(isShared, { distances: 'd', squares: 'd * d' }, { setup: 'let d = x[at] - center;' })}
  let offset = ${total('distances')} / terms;
  let spread = spreadAround(${total('squares')} / terms, offset);
  if (isMine) {
    #if ${isPiece}
    centers[number] = center;
    offsets[number] = offset;
    variances[number] = spread;
    #else
    mean[number] = withLost_(center, offset);
    variance[number] = spread;
    #endif
  }
}
`,
    reference({ x }, uniforms, { mean, variance, centers, offsets, variances }) {
      walkReference(uniforms, (number, _, places) => {
        const average = (each: (x: number) => number) =>
          places.reduce((sum, at) => sum + each(x![at]!), 0) / places.length;
        const center = average((value) => value);
        const offset = average((value) => value - center);
        const spread = Math.max(0, average((value) => (value - center) ** 2) - offset ** 2);
        (variance ?? variances)![number] = spread;
        if (mean) mean[number] = center + offset;
        if (centers) centers[number] = center;
        if (offsets) offsets[number] = offset;
      });
    },
  });
}

/** Rounding must not make a variance negative. By its bits: a compiler would make a comparison of floats a `max`, and NaN a 0. */
const spreadAround = wgsl`
fn spreadAround(meanSquare: f32, offset: f32) -> f32 {
  let bits = bitcast<u32>(meanSquare - offset * offset);
  return bitcast<f32>(select(bits, 0u, bits - 0x80000000u < 0x7f800000u));
}
`;

/**
 * Mean and variance of whole outputs from those of their pieces, in the same way: variance is the mean of the pieces' variances
 * and of the squared distances of their means, weighted by their sizes.
 */
export const joinMoments = defineKernel({
  name: 'join-moments',
  inputs: ['centers', 'offsets', 'variances'],
  outputs: ['mean', 'variance'],
  uniforms: { outputs: 'u32', pieces: 'u32', pieceSize: 'u32', count: 'u32' },
  code: wgsl`
fn termsOf(piece: u32) -> f32 {
  return f32(min(uniforms.pieceSize, uniforms.count - piece * uniforms.pieceSize));
}
${spreadAround}
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.outputs) {
    ${hiddenZero('count')}
    let terms = f32(uniforms.count);
    ${openSum('sum')}
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      ${addTo('sum', 'termsOf(piece) * centers[piece * uniforms.outputs + i]')}
    }
    let center = ${closeSum('sum')} / terms;
    ${openSum('distances')}
    ${openSum('squares')}
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      let at = piece * uniforms.outputs + i;
      let d = seal_(centers[at] - center, nought_) + offsets[at];
      ${addTo('distances', 'termsOf(piece) * d')}
      ${addTo('squares', 'termsOf(piece) * (variances[at] + d * d)')}
    }
    let offset = ${closeSum('distances')} / terms;
    mean[i] = withLost_(center, offset);
    variance[i] = spreadAround(${closeSum('squares')} / terms, offset);
  }
}
`,
  reference({ centers, offsets, variances }, { outputs, pieces, pieceSize, count }, { mean, variance }) {
    for (let i = 0; i < outputs; i++) {
      const average = (each: (at: number) => number) => {
        let sum = 0;
        for (let piece = 0; piece < pieces; piece++)
          sum += Math.min(pieceSize, count - piece * pieceSize) * each(piece * outputs + i);
        return sum / count;
      };
      const center = average((at) => centers[at]!);
      const distance = (at: number) => centers[at]! - center + offsets[at]!;
      const offset = average(distance);
      mean[i] = center + offset;
      variance[i] = Math.max(0, average((at) => variances[at]! + distance(at) ** 2) - offset ** 2);
    }
  },
});

/** Σ g and Σ g x̂ over each piece of each output, where x̂ = (x - mean) / √(variance + eps). */
export function gradientSums(
  isShared: boolean,
): Kernel<'x' | 'g' | 'mean' | 'variance', 'plain' | 'weighted', keyof WalkUniforms | 'eps'> {
  const total = (sum: string) => (isShared ? `total(lane, ${closeSum(sum)})` : closeSum(sum));
  return defineKernel({
    name: 'gradient-sums',
    inputs: ['x', 'g', 'mean', 'variance'],
    outputs: ['plain', 'weighted'],
    uniforms: { ...walkUniforms, eps: 'f32' },
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
${isShared ? workgroupTotal('total', 'add') : ''}
${openWalk(isShared)}
  ${hiddenZero('count')}
  let center = mean[i];
  ${openSum('sum')}
  ${openSum('products')}
  ${walkSums(isShared, { sum: 'g[at]', products: 'g[at] * (x[at] - center)' })}
  let sumOfAll = ${total('sum')};
  let productsOfAll = ${total('products')};
  if (isMine) {
    plain[number] = sumOfAll;
    weighted[number] = productsOfAll / sqrt(variance[i] + uniforms.eps);
  }
}
`,
    reference({ x, g, mean, variance }, uniforms, { plain, weighted }) {
      walkReference(uniforms, (number, i, places) => {
        const deviation = Math.sqrt(variance[i]! + uniforms.eps);
        plain[number] = places.reduce((sum, at) => sum + g[at]!, 0);
        weighted[number] = places.reduce((sum, at) => sum + (g[at]! * (x[at]! - mean[i]!)) / deviation, 0);
      });
    },
  });
}

/** Both sums of whole outputs from those of their pieces. */
export const joinSums = defineKernel({
  name: 'join-sums',
  inputs: ['plainPieces', 'weightedPieces'],
  outputs: ['plain', 'weighted'],
  uniforms: { outputs: 'u32', pieces: 'u32' },
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.outputs) {
    ${hiddenZero('outputs')}
    ${openSum('sum')}
    ${openSum('products')}
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      ${addTo('sum', 'plainPieces[piece * uniforms.outputs + i]')}
      ${addTo('products', 'weightedPieces[piece * uniforms.outputs + i]')}
    }
    plain[i] = ${closeSum('sum')};
    weighted[i] = ${closeSum('products')};
  }
}
`,
  reference({ plainPieces, weightedPieces }, { outputs, pieces }, { plain, weighted }) {
    for (let i = 0; i < pieces * outputs; i++) {
      plain[i % outputs]! += plainPieces[i]!;
      weighted[i % outputs]! += weightedPieces[i]!;
    }
  },
});
