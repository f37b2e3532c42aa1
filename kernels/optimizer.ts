/** Updates of all parameters in one dispatch: they, their gradients and their moments are flat buffers. */
import { defineKernel, type Kernel } from './kernel.ts';
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

const inputs = { gradients: 'f32', squaredNorm: 'u32' } as const;

/**
 * Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) and, if `isDecoupled`, AdamW (Loshchilov & Hutter 2019,
 * arXiv:1711.05101). The bias corrections 1 - β^t come from the step buffer, where the host computes them in float64.
 */
export const adam = (isDecoupled: boolean) =>
  defineKernel({
    name: isDecoupled ? 'adam-w' : 'adam',
    inputs,
    outputs: { parameters: 'f32', firstMoment: 'f32', secondMoment: 'f32', latch: 'u32' },
    inout: ['parameters', 'firstMoment', 'secondMoment', 'latch'],
    uniforms: {
      size: 'u32',
      learningRate: 'u32',
      correction1: 'u32',
      correction2: 'u32',
      beta1: 'f32',
      beta2: 'f32',
      eps: 'f32',
      weightDecay: 'f32',
      maxNorm: 'f32',
    },
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
    let scale = sqrt(v / stepValue(uniforms.correction2)) + uniforms.eps;
    parameters[i] = parameter - rate * unbiased / scale;
  }
}
`,
    reference({ gradients, squaredNorm }, u, { parameters, firstMoment, secondMoment, latch }, step) {
      if (frozenReference(squaredNorm[0]!, latch, step.number)) return;
      const rate = step.values[u.learningRate]!;
      const clip = clippingReference(squaredNorm[0]!, u.maxNorm);
      for (let i = 0; i < parameters.length; i++) {
        let gradient = gradients[i]! * clip;
        let parameter = parameters[i]!;
        if (isDecoupled) parameter -= rate * u.weightDecay * parameter;
        else gradient += u.weightDecay * parameter;
        const m = flush(u.beta1 * firstMoment[i]! + (1 - u.beta1) * gradient);
        const v = flush(u.beta2 * secondMoment[i]! + (1 - u.beta2) * gradient * gradient);
        firstMoment[i] = m;
        secondMoment[i] = v;
        const scale = Math.sqrt(v / step.values[u.correction2]!) + u.eps;
        parameters[i] = parameter - (rate * (m / step.values[u.correction1]!)) / scale;
      }
    },
  });

/** SGD with momentum as in PyTorch: buffer = μ·buffer + g, p -= rate·buffer. */
export const sgd = defineKernel({
  name: 'sgd',
  inputs,
  outputs: { parameters: 'f32', firstMoment: 'f32', latch: 'u32' },
  inout: ['parameters', 'firstMoment', 'latch'],
  uniforms: { size: 'u32', learningRate: 'u32', momentum: 'f32', weightDecay: 'f32', maxNorm: 'f32' },
  readsStep: true,
  code: wgsl`
${guarded}
${flushSource}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (!isFrozen(lane, wid) && i < uniforms.size) {
    let gradient = gradients[i] * clipping() + uniforms.weightDecay * parameters[i];
    let moment = flush(uniforms.momentum * firstMoment[i] + gradient);
    firstMoment[i] = moment;
    parameters[i] -= stepValue(uniforms.learningRate) * moment;
  }
}
`,
  reference({ gradients, squaredNorm }, u, { parameters, firstMoment, latch }, step) {
    if (frozenReference(squaredNorm[0]!, latch, step.number)) return;
    const clip = clippingReference(squaredNorm[0]!, u.maxNorm);
    for (let i = 0; i < parameters.length; i++) {
      const gradient = gradients[i]! * clip + u.weightDecay * parameters[i]!;
      firstMoment[i] = flush(u.momentum * firstMoment[i]! + gradient);
      parameters[i]! -= step.values[u.learningRate]! * firstMoment[i]!;
    }
  },
});

/** RMSProp (Tieleman & Hinton 2012, lecture 6.5) as in PyTorch: v = α·v + (1 - α)·g², p -= rate·g / (√v + eps). */
export const rmsProp = defineKernel({
  name: 'rms-prop',
  inputs,
  outputs: { parameters: 'f32', secondMoment: 'f32', latch: 'u32' },
  inout: ['parameters', 'secondMoment', 'latch'],
  uniforms: {
    size: 'u32',
    learningRate: 'u32',
    alpha: 'f32',
    eps: 'f32',
    weightDecay: 'f32',
    maxNorm: 'f32',
  },
  readsStep: true,
  code: wgsl`
${guarded}
${flushSource}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (!isFrozen(lane, wid) && i < uniforms.size) {
    let gradient = gradients[i] * clipping() + uniforms.weightDecay * parameters[i];
    let v = flush(uniforms.alpha * secondMoment[i] + (1.0 - uniforms.alpha) * gradient * gradient);
    secondMoment[i] = v;
    parameters[i] -= stepValue(uniforms.learningRate) * gradient / (sqrt(v) + uniforms.eps);
  }
}
`,
  reference({ gradients, squaredNorm }, u, { parameters, secondMoment, latch }, step) {
    if (frozenReference(squaredNorm[0]!, latch, step.number)) return;
    const clip = clippingReference(squaredNorm[0]!, u.maxNorm);
    for (let i = 0; i < parameters.length; i++) {
      const gradient = gradients[i]! * clip + u.weightDecay * parameters[i]!;
      secondMoment[i] = flush(u.alpha * secondMoment[i]! + (1 - u.alpha) * gradient * gradient);
      const scale = Math.sqrt(secondMoment[i]!) + u.eps;
      parameters[i]! -= (step.values[u.learningRate]! * gradient) / scale;
    }
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
