/** Losses of rows of logits: to a label, to a teacher's distribution, to both. */
import {
  add,
  div,
  equal,
  exp,
  log,
  mul,
  neg,
  square,
  sub,
  where,
} from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineRowLoss } from './row-loss.ts';

function checkTemperature(loss: string, temperature: number): void {
  if (!(temperature > 0)) throw new Error(`${loss}: temperature must be above 0, got ${temperature}`);
}

/** a b, and 0 where a is, whatever b: an infinite b takes no part there, and no gradient flows to it. */
function product(a: Tensor, b: Tensor): Tensor {
  const isNothing = equal(a, 0);
  return where(isNothing, 0, mul(a, where(isNothing, 0, b)));
}

/** p (log p - log q) of each class. */
function divergence(p: Tensor, logP: Tensor, logQ: Tensor): Tensor {
  // Where p is 0 both logarithms may be infinite: their difference would be NaN.
  const isNothing = equal(p, 0);
  return product(p, sub(where(isNothing, 0, logP), where(isNothing, 0, logQ)));
}

/**
 * Cross-entropy of rows of `logits` (…, rows, classes) to classes `label`, u32 (…, rows): the mean over labelled rows of
 *
 *     -Σ q log softmax(logits),  q = 1 - smoothing at the label, and smoothing / classes everywhere
 *
 * `smoothing` in [0, 1], 0 unless given: Szegedy et al. 2016 (arXiv:1512.00567). Rows whose label is `ignore` count for nothing,
 * and without any others the loss is 0; a label that is no class makes it NaN.
 */
export const crossEntropy = defineRowLoss({
  name: 'cross-entropy',
  inputs: ['logits', 'label'],
  logs: { s: 'logits' },
  params: { smoothing: 0 },
  check({ smoothing }) {
    if (!(smoothing >= 0 && smoothing <= 1))
      throw new Error(`cross-entropy: smoothing must lie in [0, 1], got ${smoothing}`);
  },
  composed({ s, isLabel, weight }, { smoothing, smoothingRest }) {
    const q = mul(weight, add(mul(smoothingRest, isLabel), div(smoothing, s.shape.at(-1)!)));
    return neg(product(q, s));
  },
  fused: wgsl`
    let one = select(0.0, 1.0, isLabel);
    let q = weight * (uniforms.smoothingRest * one + uniforms.smoothing / f32(uniforms.classes));
    return Element(select(-(q * s), 0.0, bitcast<u32>(q) == 0u), weight * exp_(s) - q);
  `,
  isCentred: true,
});

/**
 * Divergence of the student's distribution from the teacher's, KL(teacher ‖ student), at a temperature τ, with the factor that
 * keeps the size of gradients: Hinton et al. 2015 (arXiv:1503.02531).
 *
 *     p = softmax(teacher / τ), q = softmax(logits / τ):  τ² mean over rows of Σ p (log p - log q)
 *
 * `temperature` above 0, 1 unless given. A class of probability 0 for the teacher adds nothing; for the student alone, ∞.
 */
export const klDivergence = defineRowLoss({
  name: 'kl-divergence',
  inputs: ['logits', 'teacher'],
  logs: { s: ['logits', 'temperature'], t: ['teacher', 'temperature'] },
  params: { temperature: 1 },
  check: ({ temperature }) => checkTemperature('kl-divergence', temperature),
  composed: ({ s, t }, { temperature }) => mul(square(temperature), divergence(exp(t), t, s)),
  // Σ (q - p) is 0: with it no class is below 0, and near 0 nothing cancels.
  fused: wgsl`
    let p = exp_(t);
    let q = exp_(s);
    let scale = uniforms.temperature * uniforms.temperature;
    let excess = expm1_(s - t);
    let apart = select(p * logGap_(excess, s - t), q, bitcast<u32>(p) == 0u);
    return Element(scale * apart, scale * (q - p));
  `,
  isCentred: true,
});

/**
 * The other way round, KL(student ‖ teacher): the student keeps to some of what the teacher finds likely, and away from the rest.
 *
 *     p = softmax(teacher / τ), q = softmax(logits / τ):  τ² mean over rows of Σ q (log q - log p)
 *
 * `temperature` above 0, 1 unless given. A class of probability 0 for the teacher alone makes it ∞.
 */
export const reverseKlDivergence = defineRowLoss({
  name: 'reverse-kl-divergence',
  inputs: ['logits', 'teacher'],
  logs: { s: ['logits', 'temperature'], t: ['teacher', 'temperature'] },
  params: { temperature: 1 },
  check: ({ temperature }) => checkTemperature('reverse-kl-divergence', temperature),
  composed: ({ s, t }, { temperature }) => mul(square(temperature), divergence(exp(s), s, t)),
  fused: wgsl`
    let p = exp_(t);
    let q = exp_(s);
    let scale = uniforms.temperature * uniforms.temperature;
    let excess = expm1_(t - s);
    let apart = select(q * logGap_(excess, t - s), p, bitcast<u32>(q) == 0u);
    return Element(scale * apart, select(scale * (q * (s - t)), 0.0, bitcast<u32>(q) == 0u));
  `,
});

/**
 * Knowledge distillation in one pass: the label with weight `alpha`, the teacher's distribution with the rest (Hinton et al. 2015,
 * arXiv:1503.02531).
 *
 *     alpha · crossEntropy(logits, label) + (1 - alpha) · klDivergence(logits, teacher; temperature)
 *
 * `alpha` in [0, 1], 0.1 unless given; `temperature` above 0, 4 unless given. Rows whose label is `ignore` still follow the teacher.
 */
export const kdLoss = defineRowLoss({
  name: 'kd-loss',
  inputs: ['logits', 'teacher', 'label'],
  logs: { hard: 'logits', s: ['logits', 'temperature'], t: ['teacher', 'temperature'] },
  params: { alpha: 0.1, temperature: 4 },
  check({ alpha, temperature }) {
    if (!(alpha >= 0 && alpha <= 1)) throw new Error(`kd-loss: alpha must lie in [0, 1], got ${alpha}`);
    checkTemperature('kd-loss', temperature);
  },
  composed({ hard, s, t, isLabel, weight }, { alpha, alphaRest, temperature }) {
    const toLabel = neg(product(mul(weight, isLabel), hard));
    const toTeacher = mul(square(temperature), divergence(exp(t), t, s));
    return add(mul(alpha, toLabel), mul(alphaRest, toTeacher));
  },
  fused: wgsl`
    let p = exp_(t);
    let q = exp_(s);
    let scale = uniforms.alphaRest * (uniforms.temperature * uniforms.temperature);
    let excess = expm1_(s - t);
    let apart = select(p * logGap_(excess, s - t), q, bitcast<u32>(p) == 0u);
    let share = select(0.0, weight, isLabel);
    let toLabel = select(-(share * hard), 0.0, bitcast<u32>(share) == 0u);
    return Element(
      uniforms.alpha * toLabel + scale * apart,
      uniforms.alpha * (weight * exp_(hard) - share),
      scale * (q - p));
  `,
  isCentred: true,
});

/**
 * Jensen-Shannon divergence of two distributions: symmetric, at most τ² log 2 (Lin 1991, IEEE Transactions on Information Theory
 * 37). Gradients flow to `logits` alone.
 *
 *     p = softmax(teacher / τ), q = softmax(logits / τ), m = (p + q)/2:  τ² mean over rows of ½ Σ p log(p/m) + q log(q/m)
 *
 * `temperature` above 0, 1 unless given.
 */
export const jsd = defineRowLoss({
  name: 'jsd',
  inputs: ['logits', 'teacher'],
  logs: { s: ['logits', 'temperature'], t: ['teacher', 'temperature'] },
  params: { temperature: 1 },
  check: ({ temperature }) => checkTemperature('jsd', temperature),
  composed({ s, t }, { temperature }) {
    const [p, q] = [exp(t), exp(s)];
    const middle = mul(0.5, add(p, q));
    const logMiddle = log(where(equal(middle, 0), 1, middle));
    const both = add(divergence(p, t, logMiddle), divergence(q, s, logMiddle));
    return mul(mul(0.5, square(temperature)), both);
  },
  // m/p - 1 is half of q/p - 1, whose logarithm is known: as for kl-divergence no class is below 0.
  fused: wgsl`
    let p = exp_(t);
    let q = exp_(s);
    let scale = uniforms.temperature * uniforms.temperature;
    let overP = 0.5 * expm1_(s - t);
    let overQ = 0.5 * expm1_(t - s);
    let logQ = log1p_(overQ);
    let ofP = select(p * logGap_(overP, log1p_(overP)), 0.5 * q, bitcast<u32>(p) == 0u);
    let ofQ = select(q * logGap_(overQ, logQ), 0.5 * p, bitcast<u32>(q) == 0u);
    return Element(0.5 * scale * (ofP + ofQ), select(-0.5 * scale * (q * logQ), 0.0, bitcast<u32>(q) == 0u));
  `,
});
