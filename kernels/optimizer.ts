/** Updates of all parameters in one dispatch: they, their gradients and their moments are flat buffers. */
import { defineKernel, type Floats, type Kernel, type Scalar, type StepValues } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * What every optimiser kernel shares: the clipping scale, and the guard. `squaredNorm` is bound as u32 because a WGSL
 * compiler may assume that no float is NaN or infinite: its exponent bits are tested instead. A non-finite step is
 * skipped, and its number latched, so that the weights stay finite although the host looks much later.
 * `latch` is 0, or the number of the first skipped step; later steps are skipped too.
 */
const guarded = wgsl`
fn isFrozen(lane: u32, wid: vec3u) -> bool {
  let isBad = (squaredNorm[0] & 0x7f800000u) == 0x7f800000u;
  if (isBad && latch[0] == 0u && lane == 0u && workgroupIndex(wid) == 0u) { latch[0] = step.number; }
  return isBad || latch[0] != 0u;
}

// As PyTorch's clip_grad_norm_: scaled by maxNorm / (norm + 1e-6) if that is below 1. 0 means no clipping.
fn clipping() -> f32 {
  if (uniforms.maxNorm <= 0.0) { return 1.0; }
  return min(1.0, uniforms.maxNorm / (sqrt(bitcast<f32>(squaredNorm[0])) + 1e-6));
}
`;

function clippingReference(squaredNorm: number, maxNorm: number): number {
  return maxNorm > 0 ? Math.min(1, maxNorm / (Math.sqrt(squaredNorm) + 1e-6)) : 1;
}

/** Tests and latches; true if the step must be skipped. */
function frozenReference(squaredNorm: number, latch: Float64Array, step: number): boolean {
  if (!Number.isFinite(squaredNorm) && latch[0] === 0) latch[0] = step;
  return latch[0] !== 0;
}

/** Moments below this become zero: 0.9^k is subnormal from k = 829, and drivers differ on subnormals. */
const TINY = 2 ** -100;
const flush = (x: number) => (Math.abs(x) < TINY ? 0 : x);
const flushSource = `fn flush(x: f32) -> f32 { return select(x, 0.0, abs(x) < ${TINY}); }`;

interface Update<M extends string, U extends string> {
  name: string;
  moments: readonly M[];
  uniforms: Readonly<Record<U, Scalar>>;
  /** WGSL for element i: from `gradient`, which is clipped, and `rate` to a new `parameter` and new moments. */
  code: string;
  /** The same: returns the new parameter and writes the moments. */
  js(
    at: { i: number; gradient: number; parameter: number; rate: number },
    uniforms: Record<U, number>,
    moments: Record<M, Floats>,
    step: StepValues,
  ): number;
}

/** An optimiser kernel: the guard, the clipping and the loop around one element's update. */
function optimizerKernel<const M extends string, const U extends string>(update: Update<M, U>) {
  const outputs = ['parameters', ...update.moments, 'latch'];
  return defineKernel<string, string, string>({
    name: update.name,
    inputs: { gradients: 'f32', squaredNorm: 'u32' },
    outputs: Object.fromEntries(outputs.map((name) => [name, name === 'latch' ? 'u32' : 'f32'] as const)),
    inout: outputs,
    uniforms: { size: 'u32', learningRate: 'u32', weightDecay: 'f32', maxNorm: 'f32', ...update.uniforms },
    readsStep: true,
    code: wgsl`
${guarded}
${flushSource}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (!isFrozen(lane, wid) && i < uniforms.size) {
    let rate = stepValue(uniforms.learningRate);
    var gradient = gradients[i] * clipping();
    var parameter = parameters[i];
    ${update.code}
    // An overflow saturates: weights stay finite, and the next gradient meets the guard.
    parameters[i] = clamp(parameter, -3.4e38, 3.4e38);
  }
}
`,
    reference({ gradients, squaredNorm: norm }, uniforms, { parameters, latch, ...moments }, step) {
      if (frozenReference(norm![0]!, latch!, step.number)) return;
      const rate = step.values[uniforms.learningRate!]!;
      const clip = clippingReference(norm![0]!, uniforms.maxNorm!);
      for (const [i, parameter] of parameters!.entries()) {
        const at = { i, gradient: gradients![i]! * clip, parameter, rate };
        const updated = update.js(at, uniforms as Record<U, number>, moments as Record<M, Floats>, step);
        parameters![i] = Math.max(-3.4e38, Math.min(3.4e38, updated));
      }
    },
  });
}

/**
 * Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) and, if `isDecoupled`, AdamW (Loshchilov & Hutter 2019,
 * arXiv:1711.05101). The bias corrections 1 - β^t come from the step buffer, where the host computes them in float64.
 */
export const adam = (isDecoupled: boolean): Kernel =>
  optimizerKernel({
    name: isDecoupled ? 'adam-w' : 'adam',
    moments: ['firstMoment', 'secondMoment'],
    uniforms: {
      correction1: 'u32',
      correction2: 'u32',
      beta1: 'f32',
      beta2: 'f32',
      eps: 'f32',
      weightDecay: 'f32',
    },
    code: wgsl`
    #if ${isDecoupled}
    parameter -= rate * uniforms.weightDecay * parameter;
    #else
    gradient += uniforms.weightDecay * parameter;
    #endif
    let m = flush(uniforms.beta1 * firstMoment[i] + (1.0 - uniforms.beta1) * gradient);
    let v = flush(uniforms.beta2 * secondMoment[i] + (1.0 - uniforms.beta2) * gradient * gradient);
    firstMoment[i] = m;
    secondMoment[i] = v;
    let unbiased = m / stepValue(uniforms.correction1);
    parameter -= rate * unbiased / (sqrt(v / stepValue(uniforms.correction2)) + uniforms.eps);`,
    js({ i, gradient, parameter, rate }, u, { firstMoment, secondMoment }, { values }) {
      const decay = u.weightDecay * parameter;
      const g = isDecoupled ? gradient : gradient + decay;
      const m = flush(u.beta1 * firstMoment[i]! + (1 - u.beta1) * g);
      const v = flush(u.beta2 * secondMoment[i]! + (1 - u.beta2) * g * g);
      firstMoment[i] = m;
      secondMoment[i] = v;
      const start = isDecoupled ? parameter - rate * decay : parameter;
      return start - (rate * (m / values[u.correction1]!)) / (Math.sqrt(v / values[u.correction2]!) + u.eps);
    },
  });

/** SGD with momentum as in PyTorch: buffer = μ·buffer + g, p -= rate·buffer. */
export const sgd: Kernel = optimizerKernel({
  name: 'sgd',
  moments: ['firstMoment'],
  uniforms: { momentum: 'f32', weightDecay: 'f32' },
  code: wgsl`
    gradient += uniforms.weightDecay * parameter;
    let moment = flush(uniforms.momentum * firstMoment[i] + gradient);
    firstMoment[i] = moment;
    parameter -= rate * moment;`,
  js({ i, gradient, parameter, rate }, u, { firstMoment }) {
    firstMoment[i] = flush(u.momentum * firstMoment[i]! + gradient + u.weightDecay * parameter);
    return parameter - rate * firstMoment[i]!;
  },
});

/** RMSProp (Tieleman & Hinton 2012, lecture 6.5) as in PyTorch: v = α·v + (1 - α)·g², p -= rate·g / (√v + eps). */
export const rmsProp: Kernel = optimizerKernel({
  name: 'rms-prop',
  moments: ['secondMoment'],
  uniforms: { alpha: 'f32', eps: 'f32', weightDecay: 'f32' },
  code: wgsl`
    gradient += uniforms.weightDecay * parameter;
    let v = flush(uniforms.alpha * secondMoment[i] + (1.0 - uniforms.alpha) * gradient * gradient);
    secondMoment[i] = v;
    parameter -= rate * gradient / (sqrt(v) + uniforms.eps);`,
  js({ i, gradient, parameter, rate }, u, { secondMoment }) {
    const g = gradient + u.weightDecay * parameter;
    secondMoment[i] = flush(u.alpha * secondMoment[i]! + (1 - u.alpha) * g * g);
    return parameter - (rate * g) / (Math.sqrt(secondMoment[i]!) + u.eps);
  },
});

/**
 * Σ x² of a flat buffer, by one workgroup in a fixed order. The padding is zero and adds nothing.
 * The result's bits are what the optimiser kernels test.
 */
export const squaredNorm: Kernel<'x', 'y', 'size'> = defineKernel({
  name: 'squared-norm',
  inputs: { x: 'vec4f' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32' },
  workgroupSize: 256,
  code: wgsl`
var<workgroup> partial: array<f32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i * 4u < uniforms.size; i += WORKGROUP_SIZE) {
    let v = x[i];
    sum += v.x * v.x;
    sum += v.y * v.y;
    sum += v.z * v.z;
    sum += v.w * v.w;
  }
  partial[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half >>= 1u) {
    if (lane < half) { partial[lane] += partial[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { y[0] = partial[0]; }
}
`,
  reference({ x }, _, { y }) {
    y[0] = x.reduce((sum, value) => sum + value * value, 0);
  },
});
