/**
 * x̂ = (x - mean) / √(variance + eps) for each channel of (outer, channels, inner), with scale and bias in the same
 * pass: what every normalisation of `normalize.ts` is made of.
 */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { gradientSums, joinMoments, joinSums, moments } from '../../../kernels/reduce/normalize-sums.ts';
import { normalizeGradKernel, normalizeKernel, rowsOf } from '../../../kernels/reduce/normalize.ts';
import { planReduction } from '../../../kernels/reduce/reduce-plan.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import type { Shape } from '../../shape.ts';
import { isRecording, record } from '../../tape.ts';
import type { Tensor } from '../../tensor.ts';
import { add, div, mul, neg, sqrt, sub } from '../pointwise/elementwise.ts';
import { broadcastTo, reshape } from '../movement/movement.ts';
import { sum } from './reduce.ts';
import { layoutOf, uniformsOf, workgroupsOf } from './reduction.ts';

/** (channels) each. */
export interface Moments {
  mean: Tensor;
  variance: Tensor;
}

export interface Affine {
  /** (channels). */
  scale?: Tensor;
  /** (channels). */
  bias?: Tensor;
}

const kernels = new Map<string, Kernel>();
const momentKernels = { shared: moments(true), alone: moments(false), join: joinMoments };
const sumKernels = { shared: gradientSums(true), alone: gradientSums(false), join: joinSums };

/** Mean and biased variance of each channel of x (outer, channels, inner); gradients of every order. */
export function momentsOf(x: Tensor): Moments {
  const channels = x.shape[1]!;
  const raw = perChannel(momentKernels, { x });
  const count = x.size / channels;
  const mean = record('mean', raw.mean, [x], (g) => [broadcastTo(column(mul(g, 1 / count)), x.shape)]);
  // Σ (x - mean) = 0, so the mean's own derivative adds nothing.
  const variance = record('variance', raw.variance, [x], (g) => [
    mul(sub(x, column(mean)), column(mul(g, 2 / count))),
  ]);
  return { mean, variance };
}

/** x̂ · scale + bias with given statistics, differentiable by all five. */
export function normalizeBy(x: Tensor, given: Moments & Affine, eps: number): Tensor {
  const { mean, variance, scale, bias } = given;
  const y = normalized(x, given, eps);
  const inputs = present([x, mean, variance, scale, bias]);
  return record('normalize', y, inputs, (g, needs) => {
    const deviation = sqrt(add(variance, eps));
    const slope = div(scale ?? 1, deviation);
    const dx = needs[0] ? mul(g, column(slope)) : undefined;
    if (!needs.slice(1).includes(true)) return [dx];
    const { plain, weighted } = sumsOf(x, g, given, eps);
    const dMean = neg(mul(slope, plain));
    // d/dv (v + eps)^(-1/2) = -(v + eps)^(-1/2) / (2 (v + eps))
    const dVariance = mul(div(mul(slope, weighted), deviation), -0.5);
    return [dx, dMean, dVariance, ...present([scale && weighted, bias && plain])];
  });
}

/**
 * x̂ · scale + bias with the statistics of x itself, through which gradients flow too. Where the gradient is not
 * recorded, it is two or three dispatches.
 */
export function standardize(x: Tensor, { scale, bias }: Affine, eps: number): Moments & { y: Tensor } {
  const given = { ...momentsOf(x), scale, bias };
  const { mean, variance } = given;
  const y = record('standardize', normalized(x, given, eps), present([x, scale, bias]), (g, needs) => {
    const sums = sumsOf(x, g, given, eps);
    const dx = needs[0] ? gradientByX(x, g, { ...given, ...sums }, eps) : undefined;
    return [dx, ...present([scale && sums.weighted, bias && sums.plain])];
  });
  return { y, mean, variance };
}

function present(tensors: readonly (Tensor | undefined)[]): Tensor[] {
  return tensors.filter((x) => x !== undefined);
}

interface Sums {
  /** Σ g over each channel. */
  plain: Tensor;
  /** Σ g x̂ over each channel. */
  weighted: Tensor;
}

/** One or two dispatches; the ops that are their meaning where the gradient is recorded. */
function sumsOf(x: Tensor, g: Tensor, { mean, variance }: Moments, eps: number): Sums {
  if (isRecording()) {
    const products = sum(mul(g, sub(x, column(mean))), [0, 2]);
    return { plain: sum(g, [0, 2]), weighted: div(products, sqrt(add(variance, eps))) };
  }
  return perChannel(sumKernels, { x, g, mean, variance }, { eps });
}

/** Two numbers for each channel of x, (channels) each: of all its elements, or of pieces that `join` puts together. */
function perChannel<I extends string, O extends string, U extends string, P extends string, V extends string>(
  { shared, alone, join }: Record<'shared' | 'alone', Kernel<I, O, U>> & { join: Kernel<P, O, V> },
  inputs: Record<I, Tensor> & { x: Tensor },
  numbers: Partial<Record<U, number>> = {},
): Record<O, Tensor> {
  const layout = layoutOf(inputs.x.shape, [0, 2])!; // three axes have at most two runs
  const plan = planReduction(layout);
  const kernel = plan.isShared ? shared : alone;
  // The casts: both kernels want what `walk` does, and `numbers`.
  const uniforms = { ...uniformsOf(layout, plan), ...numbers } as Record<U, number> & Record<V, number>;
  const outputs = (shape: Shape) =>
    Object.fromEntries(kernel.outputs.map((name) => [name, shape])) as Record<O, Shape>;
  const isWhole = plan.pieces === 1;
  const parts = dispatch(kernel, {
    inputs,
    uniforms,
    outputs: outputs(isWhole ? [layout.outputs] : [plan.pieces, layout.outputs]),
    workgroups: workgroupsOf(kernel, layout, plan),
  });
  if (isWhole) return parts;
  const pieces = join.inputs.map((name, i) => [name, parts[kernel.outputs[i]!]]);
  return dispatch(join, {
    inputs: Object.fromEntries(pieces) as Record<P, Tensor>,
    uniforms,
    outputs: outputs([layout.outputs]),
    workgroups: workgroupsFor(join, layout.outputs),
  });
}

/** dx = scale / √(variance + eps) · (g - Σ g / m - x̂ Σ g x̂ / m), for m numbers in a channel (Ioffe & Szegedy 2015). */
function gradientByX(
  x: Tensor,
  g: Tensor,
  { mean, variance, scale, plain, weighted }: Moments & Affine & Sums,
  eps: number,
): Tensor {
  const count = x.size / x.shape[1]!;
  if (isRecording()) {
    const deviation = sqrt(add(variance, eps));
    const slope = div(scale ?? 1, deviation);
    const along = mul(sub(x, column(mean)), column(div(weighted, mul(deviation, count))));
    return mul(sub(sub(g, column(mul(plain, 1 / count))), along), column(slope));
  }
  const isVector = x.shape[2]! % 4 === 0;
  const hasScale = scale !== undefined;
  const kernel = getOrMake(kernels, `gradient ${hasScale} ${isVector}`, () =>
    normalizeGradKernel({ hasScale, isVector }),
  );
  const inputs = { x, g, mean, variance, plain, weighted, ...(scale ? { scale } : {}) };
  return byRows(kernel, inputs, { eps, count }, isVector);
}

function normalized(x: Tensor, { mean, variance, scale, bias }: Moments & Affine, eps: number): Tensor {
  const shape = {
    hasScale: scale !== undefined,
    hasBias: bias !== undefined,
    isVector: x.shape[2]! % 4 === 0,
  };
  const kernel = getOrMake(kernels, JSON.stringify(shape), () => normalizeKernel(shape));
  const inputs = { x, mean, variance, ...(scale ? { scale } : {}), ...(bias ? { bias } : {}) };
  return byRows(kernel, inputs, { eps }, shape.isVector);
}

function byRows(
  kernel: Kernel,
  inputs: Record<string, Tensor>,
  numbers: Record<string, number>,
  isVector: boolean,
): Tensor {
  const { shape } = inputs['x']!;
  const { uniforms, invocations } = rowsOf([shape[0]!, shape[1]!, shape[2]!], isVector);
  const [output] = kernel.outputs;
  return dispatch(kernel, {
    inputs,
    uniforms: { ...uniforms, ...numbers },
    outputs: { [output!]: shape },
    workgroups: workgroupsFor(kernel, invocations),
  })[output!]!;
}

/** (channels) against (outer, channels, inner). */
function column(x: Tensor): Tensor {
  return reshape(x, [x.size, 1]);
}
