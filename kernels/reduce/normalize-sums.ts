/** What normalisations need of each statistic: mean and variance of x, and the two sums of the gradient. */
import { defineKernel, type Kernel } from '../kernel.ts';
import {
  openWalk,
  walk,
  walkReference,
  walkUniforms,
  type WalkUniforms,
  walkWorkgroupSize,
  workgroupTotal,
} from './reduce-plan.ts';
import { wgsl } from '../wgsl.ts';

const add = (a: string, b: string) => `${a} + ${b}`;

/** Mean and biased variance of each piece of each output: its mean first, then the mean square distance from it. */
export function moments(isShared: boolean): Kernel<'x', 'mean' | 'variance', keyof WalkUniforms> {
  const total = (value: string) => (isShared ? `total(lane, ${value})` : value);
  return defineKernel({
    name: 'moments',
    inputs: ['x'],
    outputs: ['mean', 'variance'],
    uniforms: walkUniforms,
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
${isShared ? workgroupTotal('total', add) : ''}
${openWalk(isShared)}
  let terms = f32(end - begin);
  var sum = 0.0;
  ${walk(isShared, 'sum += x[at];')}
  let center = ${total('sum')} / terms;
  var squares = 0.0;
  ${walk(isShared, 'let d = x[at] - center; squares += d * d;')}
  let spread = ${total('squares')} / terms;
  if (isMine) {
    mean[number] = center;
    variance[number] = spread;
  }
}
`,
    reference({ x }, uniforms, { mean, variance }) {
      walkReference(uniforms, (number, _, places) => {
        const values = places.map((at) => x[at]!);
        const center = values.reduce((sum, value) => sum + value, 0) / values.length;
        mean[number] = center;
        variance[number] = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length;
      });
    },
  });
}

/**
 * Mean and variance of whole outputs from those of their pieces. Variance is the mean of the pieces' variances and
 * of the squared distances of their means, weighted by their sizes (Chan, Golub & LeVeque 1983).
 */
export const joinMoments = defineKernel({
  name: 'join-moments',
  inputs: ['means', 'variances'],
  outputs: ['mean', 'variance'],
  uniforms: { outputs: 'u32', pieces: 'u32', pieceSize: 'u32', count: 'u32' },
  code: wgsl`
fn termsOf(piece: u32) -> f32 {
  return f32(min(uniforms.pieceSize, uniforms.count - piece * uniforms.pieceSize));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.outputs) {
    let terms = f32(uniforms.count);
    var sum = 0.0;
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      sum += termsOf(piece) * means[piece * uniforms.outputs + i];
    }
    let center = sum / terms;
    var squares = 0.0;
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      let at = piece * uniforms.outputs + i;
      let d = means[at] - center;
      let spread = variances[at] + d * d;
      squares += termsOf(piece) * spread;
    }
    mean[i] = center;
    variance[i] = squares / terms;
  }
}
`,
  reference({ means, variances }, { outputs, pieces, pieceSize, count }, { mean, variance }) {
    const termsOf = (piece: number) => Math.min(pieceSize, count - piece * pieceSize);
    for (let i = 0; i < outputs; i++) {
      let center = 0;
      for (let piece = 0; piece < pieces; piece++)
        center += (termsOf(piece) * means[piece * outputs + i]!) / count;
      let spread = 0;
      for (let piece = 0; piece < pieces; piece++) {
        const at = piece * outputs + i;
        spread += (termsOf(piece) * (variances[at]! + (means[at]! - center) ** 2)) / count;
      }
      mean[i] = center;
      variance[i] = spread;
    }
  },
});

/** Σ g and Σ g x̂ over each piece of each output, where x̂ = (x - mean) / √(variance + eps). */
export function gradientSums(
  isShared: boolean,
): Kernel<'x' | 'g' | 'mean' | 'variance', 'plain' | 'weighted', keyof WalkUniforms | 'eps'> {
  const total = (value: string) => (isShared ? `total(lane, ${value})` : value);
  return defineKernel({
    name: 'gradient-sums',
    inputs: ['x', 'g', 'mean', 'variance'],
    outputs: ['plain', 'weighted'],
    uniforms: { ...walkUniforms, eps: 'f32' },
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
${isShared ? workgroupTotal('total', add) : ''}
${openWalk(isShared)}
  let center = mean[i];
  var sum = 0.0;
  var products = 0.0;
  ${walk(isShared, 'sum += g[at]; products += g[at] * (x[at] - center);')}
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
    var sum = 0.0;
    var products = 0.0;
    for (var piece = 0u; piece < uniforms.pieces; piece++) {
      sum += plainPieces[piece * uniforms.outputs + i];
      products += weightedPieces[piece * uniforms.outputs + i];
    }
    plain[i] = sum;
    weighted[i] = products;
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
