/**
 * Updates of all parameters in one dispatch: they, their gradients and their moments are flat buffers. Several models of
 * one shape may share a dispatch; each has a norm, a guard and a clipping scale of its own, as if it were alone.
 */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Floats, type Kernel, type Scalar, type StepValues } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/**
 * What every optimiser kernel shares: the clipping scale, and the guard. `squaredNorm` is bound as u32 because a WGSL
 * compiler may assume that no float is NaN or infinite: its exponent bits are tested instead. A non-finite step is
 * skipped, and its number latched, so that the weights stay finite although the host looks much later.
 * `latch` is 0, or the number of the first step that met a number that is not finite; later steps are skipped. Both hold a
 * number a model. Whoever meets such a weight or moment keeps it and latches the step; the others must not see that before the
 * next step, or the order of lanes would count: in this one they still move.
 * `normBound` has the bits of infinity, or of a power of two where squares of scaled gradients would overflow.
 */
const guarded = wgsl`
fn isFrozen(model: u32, isFirst: bool) -> bool {
  let isBad = (squaredNorm[model] & 0x7f800000u) >= uniforms.normBound;
  if (isBad && latch[model] == 0u && isFirst) { latch[model] = step.number; }
  return isBad || (latch[model] != 0u && latch[model] != step.number);
}

// As PyTorch's clip_grad_norm_: scaled by maxNorm / (norm + 1e-6) if that is below 1. 0 means no clipping.
fn clipping(model: u32) -> f32 {
  if (uniforms.maxNorm <= 0.0) { return 1.0; }
  return min(1.0, uniforms.maxNorm / (sqrt(bitcast<f32>(squaredNorm[model])) + 1e-6));
}
`;

function clippingReference(squaredNorm: number, maxNorm: number): number {
  return maxNorm > 0 ? Math.min(1, maxNorm / (Math.sqrt(squaredNorm) + 1e-6)) : 1;
}

/** Tests and latches; true if the step must be skipped. */
function frozenReference(squaredNorm: number, latch: Float64Array, model: number, step: number): boolean {
  if (Number.isFinite(squaredNorm)) return latch[model] !== 0 && latch[model] !== step;
  latch[model] ||= step;
  return true;
}

/** Moments below this become zero: 0.9^k is subnormal from k = 829, and drivers differ on subnormals. */
const TINY = 2 ** -100;
const flush = (x: number) => (Math.abs(x) < TINY ? 0 : x);

/** One element's update, as text: for kernels that do it among other things. */
export interface UpdateText {
  readonly moments: readonly string[];
  readonly uniforms: Readonly<Record<string, Scalar>>;
  readonly setup: string;
  readonly code: string;
}

interface Update<M extends string, U extends string> {
  name: string;
  moments: readonly M[];
  uniforms: Readonly<Record<U, Scalar>>;
  /** WGSL of what all elements share; may be left out. */
  setup?: string;
  /**
   * WGSL for an element, a number or a vec4: from `gradient`, which is clipped, `rate` and the moments, `old_NAME`, to a new
   * `parameter` and `new_NAME`.
   */
  code: string;
  /** The same: returns the new parameter and writes the moments. */
  js(
    at: { i: number; gradient: number; parameter: number; rate: number },
    uniforms: Record<U, number>,
    moments: Record<M, Floats>,
    step: StepValues,
  ): number;
}

/** In the table `elements`: the number is not a parameter. */
export const PADDING = 0xffffffff;

/** Update kernels: for one model, and for several. */
export interface OptimizerKernels {
  /** The moments, in the order of the outputs. */
  readonly moments: readonly string[];
  readonly text: UpdateText;
  readonly one: Kernel;
  /**
   * Gradients and moments are (models, pitch): each row is the flat buffer of one model. `parameters` has all models'
   * numbers of a parameter side by side. `elements` has two numbers for each of them: its element of the rows, or PADDING, and
   * its model.
   */
  readonly many: Kernel;
}

/* @__NO_SIDE_EFFECTS__ */
function optimizerKernels<const M extends string, const U extends string>(
  update: Update<M, U>,
): OptimizerKernels {
  const { moments, uniforms, setup = '', code } = update;
  const text = { moments, uniforms, setup, code };
  return { moments, text, one: optimizerKernel(update, false), many: optimizerKernel(update, true) };
}

/** WGSL of what the text of an update calls. */
export function updateFunctions(type: 'f32' | 'vec4f', bits: 'u32' | 'vec4u'): string {
  return `
fn flush(x: ${type}) -> ${type} { return select(x, ${type}(), abs(x) < ${type}(${TINY})); }

fn magnitude(x: ${type}) -> ${bits} { return bitcast<${bits}>(x) & ${bits}(0x7fffffffu); }

// NaN stays NaN, by its bits: clamp may make a number of it.
fn settled(x: ${type}) -> ${type} {
  return select(clamp(x, ${type}(-3.4e38), ${type}(3.4e38)), x, magnitude(x) > ${bits}(0x7f800000u));
}
`;
}

/** An optimiser kernel: the guard, the clipping and the loop around one element's update. */
function optimizerKernel<const M extends string, const U extends string>(
  update: Update<M, U>,
  hasMany: boolean,
): Kernel {
  const outputs = ['parameters', ...update.moments, 'latch'];
  // One model's buffers are laid out alike, and whole in vec4s.
  const [type, bits] = hasMany ? (['f32', 'u32'] as const) : (['vec4f', 'vec4u'] as const);
  const magnitudes = ['parameter', ...update.moments.map((name) => `old_${name}`)].map(
    (name) => `magnitude(${name})`,
  );
  const updated = (model: string) => `var gradient = gradients[at] * scale;
      var parameter = parameters[i];
      ${update.moments.map((name) => `let old_${name} = ${name}[at];`).join('\n      ')}
      let isLost = ${magnitudes.reduce((a, b) => `max(${a}, ${b})`)} >= ${bits}(0x7f800000u);
      // Lanes that meet here write the same.
      if (any(isLost) && latch[${model}] == 0u) { latch[${model}] = step.number; }
      ${update.code}
      ${update.moments.map((name) => `${name}[at] = select(new_${name}, old_${name}, isLost);`).join('\n      ')}
      // An overflow saturates: weights stay finite, and the next gradient meets the guard.
      parameters[i] = select(settled(parameter), parameters[i], isLost);`;
  return defineKernel<string, string, string>({
    name: hasMany ? `${update.name}-many` : update.name,
    inputs: { gradients: type, squaredNorm: 'f32Bits', ...(hasMany ? { elements: 'u32' as const } : {}) },
    outputs: Object.fromEntries(outputs.map((name) => [name, name === 'latch' ? 'u32' : type] as const)),
    inout: outputs,
    uniforms: {
      size: 'u32',
      learningRate: 'u32',
      weightDecay: 'f32',
      maxNorm: 'f32',
      normBound: 'u32',
      ...(hasMany ? { pitch: 'u32' as const } : {}),
      ...update.uniforms,
    },
    readsStep: true,
    code: wgsl`
${guarded}
${updateFunctions(type, bits)}

${elementLoop({
  size: hasMany ? 'uniforms.size' : 'uniforms.size / 4u',
  setup: `let rate = stepValue(uniforms.learningRate);
  ${update.setup ?? ''}
  ${hasMany ? '' : 'let frozen = isFrozen(0u, workgroupIndex(wid) + lane == 0u);\n  let scale = clipping(0u);'}`,
  body: hasMany
    ? `let at = elements[2u * i];
    if (at != ${PADDING}u) {
      let model = elements[2u * i + 1u];
      if (!isFrozen(model, at == model * uniforms.pitch)) {
      let scale = clipping(model);
      ${updated('model')}
      }
    }`
    : `if (!frozen) {
      let at = i;
      ${updated('0')}
    }`,
})}
`,
    reference({ gradients, squaredNorm: norm, elements }, uniforms, { parameters, latch, ...moments }, step) {
      const rate = step.values[uniforms.learningRate!]!;
      for (const [model, squared] of norm!.entries()) {
        if (frozenReference(squared, latch!, model, step.number)) continue;
        const clip = clippingReference(squared, uniforms.maxNorm!);
        for (let place = 0; place < uniforms.size!; place++) {
          const i = hasMany ? elements![2 * place]! : place;
          if (i === PADDING || (hasMany && elements![2 * place + 1] !== model)) continue;
          const own = [parameters![place]!, ...update.moments.map((name) => moments[name]![i]!)];
          if (!own.every(Number.isFinite)) {
            latch![model] ||= step.number;
            continue;
          }
          const at = { i, gradient: gradients![i]! * clip, parameter: own[0]!, rate };
          const updated = update.js(at, uniforms as Record<U, number>, moments as Record<M, Floats>, step);
          parameters![place] = Math.max(-3.4e38, Math.min(3.4e38, updated)); // NaN stays NaN
        }
      }
    },
  });
}

/**
 * Moving averages, β·old + (1 - β)·fresh, as keep·old + share·(fresh - drop·old) with numbers that the host computes in
 * float64 (`engine/optim/moving-average.ts`): in float32, 1 - β would have lost the digits that β lost when it was rounded.
 */
const average = (old: number, fresh: number, keep: number, drop: number, share: number) =>
  flush(keep * old + share * (fresh - drop * old));

/**
 * Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) and, if `isDecoupled`, AdamW (Loshchilov & Hutter 2019,
 * arXiv:1711.05101). The bias corrections 1 - β^t come from the step buffer, where the host computes them in float64.
 * Gradients are squared times `scale`, a power of two: 1, or more for an eps so small that squares would vanish.
 * `secondMoment` and `eps` are multiplied by its square and by it.
 */
/* @__NO_SIDE_EFFECTS__ */
const adamOf = (isDecoupled: boolean): OptimizerKernels =>
  optimizerKernels({
    name: isDecoupled ? 'adam-w' : 'adam',
    moments: ['firstMoment', 'secondMoment'],
    uniforms: {
      correction1: 'u32',
      correction2: 'u32',
      keep1: 'f32',
      drop1: 'f32',
      share1: 'f32',
      keep2: 'f32',
      drop2: 'f32',
      share2: 'f32',
      eps: 'f32',
      scale: 'f32',
      weightDecay: 'f32',
    },
    setup: wgsl`
  let correction1 = stepValue(uniforms.correction1);
  let correction2 = stepValue(uniforms.correction2);`,
    code: wgsl`
    #if ${isDecoupled}
    parameter -= rate * uniforms.weightDecay * parameter;
    #else
    gradient += uniforms.weightDecay * parameter;
    #endif
    let scaled = gradient * uniforms.scale;
    let m = old_firstMoment;
    let v = old_secondMoment;
    let new_firstMoment = flush(uniforms.keep1 * m + uniforms.share1 * (gradient - uniforms.drop1 * m));
    let new_secondMoment = flush(uniforms.keep2 * v + uniforms.share2 * (scaled * scaled - uniforms.drop2 * v));
    let unbiased = new_firstMoment / correction1 * uniforms.scale;
    parameter -= rate * (unbiased / (sqrt(new_secondMoment / correction2) + uniforms.eps));`,
    js({ i, gradient, parameter, rate }, u, { firstMoment, secondMoment }, { values }) {
      const decay = u.weightDecay * parameter;
      const g = isDecoupled ? gradient : gradient + decay;
      const m = average(firstMoment[i]!, g, u.keep1, u.drop1, u.share1);
      const v = average(secondMoment[i]!, (g * u.scale) ** 2, u.keep2, u.drop2, u.share2);
      firstMoment[i] = m;
      secondMoment[i] = v;
      const start = isDecoupled ? parameter - rate * decay : parameter;
      const unbiased = (m / values[u.correction1]!) * u.scale;
      return start - rate * (unbiased / (Math.sqrt(v / values[u.correction2]!) + u.eps));
    },
  });

export const adam: OptimizerKernels = adamOf(false);
export const adamW: OptimizerKernels = adamOf(true);

/**
 * SGD with momentum as in PyTorch: buffer = μ·buffer + g, p -= rate·buffer. With μ near 1 it is a moving average of
 * gain·g, gain = 1 / (1 - μ), for the sake of the digits of 1 - μ.
 */
export const sgd: OptimizerKernels = optimizerKernels({
  name: 'sgd',
  moments: ['firstMoment'],
  uniforms: { keep: 'f32', drop: 'f32', share: 'f32', gain: 'f32', weightDecay: 'f32' },
  code: wgsl`
    gradient += uniforms.weightDecay * parameter;
    let m = old_firstMoment;
    let new_firstMoment = flush(uniforms.keep * m + uniforms.share * (uniforms.gain * gradient - uniforms.drop * m));
    parameter -= rate * new_firstMoment;`,
  js({ i, gradient, parameter, rate }, u, { firstMoment }) {
    const g = gradient + u.weightDecay * parameter;
    firstMoment[i] = average(firstMoment[i]!, u.gain * g, u.keep, u.drop, u.share);
    return parameter - rate * firstMoment[i]!;
  },
});

/**
 * RMSProp (Tieleman & Hinton 2012, lecture 6.5) as in PyTorch: v = α·v + (1 - α)·g², p -= rate·g / (√v + eps). `scale` as
 * for Adam.
 */
export const rmsProp: OptimizerKernels = optimizerKernels({
  name: 'rms-prop',
  moments: ['secondMoment'],
  uniforms: { keep: 'f32', drop: 'f32', share: 'f32', eps: 'f32', scale: 'f32', weightDecay: 'f32' },
  code: wgsl`
    gradient += uniforms.weightDecay * parameter;
    let scaled = gradient * uniforms.scale;
    let v = old_secondMoment;
    let new_secondMoment = flush(uniforms.keep * v + uniforms.share * (scaled * scaled - uniforms.drop * v));
    parameter -= rate * (scaled / (sqrt(new_secondMoment) + uniforms.eps));`,
  js({ i, gradient, parameter, rate }, u, { secondMoment }) {
    const scaled = (gradient + u.weightDecay * parameter) * u.scale;
    secondMoment[i] = average(secondMoment[i]!, scaled ** 2, u.keep, u.drop, u.share);
    return parameter - rate * (scaled / (Math.sqrt(secondMoment[i]!) + u.eps));
  },
});
