/**
 * x̂ = (x - mean) / √(variance + eps) for each channel of (models, outer, channels, inner), with scale and bias in the same
 * pass: what every normalisation of `normalize.ts` is made of. What there is one of for each channel of each model has
 * whatever shape the caller has for it, (…models, channels).
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
import { reshape } from '../movement/movement.ts';
import { broadcastTo } from './sum.ts';
import { sum } from './sum.ts';
import { layoutOf, uniformsOf, workgroupsOf } from './reduction.ts';

/** (…models, channels) each. */
export interface Moments {
  mean: Tensor;
  variance: Tensor;
}

export interface Affine {
  /** (…models, channels). */
  scale?: Tensor | undefined;
  /** (…models, channels). */
  bias?: Tensor | undefined;
}

const kernels = new Map<string, Kernel>();
const momentKernels: PerChannel<'mean' | 'variance'> = {
  of: (isShared, isPiece) => moments({ isShared, isPiece }),
  join: joinMoments,
};
const sumKernels: PerChannel<'plain' | 'weighted'> = { of: gradientSums, join: joinSums };

/** Mean and biased variance, of the shape `each`, of each channel of x (models, outer, channels, inner); gradients of every order. */
export function momentsOf(x: Tensor, each: Shape): Moments {
  const raw = perChannel(momentKernels, { x }, each);
  const count = countOf(x);
  const column = columnsOf(x);
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
  const column = columnsOf(x);
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
export function standardize(
  x: Tensor,
  { scale, bias }: Affine,
  eps: number,
  each: Shape,
): Moments & { y: Tensor } {
  const given = { ...momentsOf(x, each), scale, bias };
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
    const sums = (y: Tensor) => reshape(sum(y, [1, 3]), mean.shape);
    const products = sums(mul(g, sub(x, columnsOf(x)(mean))));
    return { plain: sums(g), weighted: div(products, sqrt(add(variance, eps))) };
  }
  return perChannel(sumKernels, { x, g, mean, variance }, mean.shape, { eps });
}

/** The kernels that find numbers for each channel: whole or of pieces, and those that put pieces together. */
interface PerChannel<O extends string> {
  of(isShared: boolean, isPiece: boolean): Kernel;
  /** Its inputs are the outputs of the pieces, in their order. */
  join: Kernel<string, O>;
}

/** Numbers for each channel of x, of the shape `each`: of all its elements, or of pieces that are put together. */
function perChannel<O extends string>(
  { of, join }: PerChannel<O>,
  inputs: Record<string, Tensor> & { x: Tensor },
  each: Shape,
  numbers: Record<string, number> = {},
): Record<O, Tensor> {
  const layout = layoutOf(inputs.x.shape, [1, 3])!; // four axes have at most two runs
  const plan = planReduction(layout);
  const isPiece = plan.pieces > 1;
  const kernel = getOrMake(kernels, `${join.name} ${plan.isShared} ${isPiece}`, () =>
    of(plan.isShared, isPiece),
  );
  const uniforms = { ...uniformsOf(layout, plan), ...numbers };
  const outputs = <N extends string>(names: readonly N[], shape: Shape) =>
    Object.fromEntries(names.map((name) => [name, shape])) as Record<N, Shape>;
  const found = dispatch(kernel, {
    inputs,
    uniforms,
    outputs: outputs(kernel.outputs, isPiece ? [plan.pieces, layout.outputs] : each),
    workgroups: workgroupsOf(kernel, layout, plan),
  });
  if (!isPiece) return found;
  return dispatch(join, {
    inputs: Object.fromEntries(join.inputs.map((name, i) => [name, found[kernel.outputs[i]!]!])),
    uniforms,
    outputs: outputs(join.outputs, each),
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
  const count = countOf(x);
  if (isRecording()) {
    const column = columnsOf(x);
    const deviation = sqrt(add(variance, eps));
    const slope = div(scale ?? 1, deviation);
    const along = mul(sub(x, column(mean)), column(div(weighted, mul(deviation, count))));
    return mul(sub(sub(g, column(mul(plain, 1 / count))), along), column(slope));
  }
  const isVector = x.shape[3]! % 4 === 0;
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
    isVector: x.shape[3]! % 4 === 0,
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
  const { uniforms, invocations } = rowsOf(shape as readonly [number, number, number, number], isVector);
  const [output] = kernel.outputs;
  return dispatch(kernel, {
    inputs,
    uniforms: { ...uniforms, ...numbers },
    outputs: { [output!]: shape },
    workgroups: workgroupsFor(kernel, invocations),
  })[output!]!;
}

/** Numbers of a channel. */
function countOf({ shape }: Tensor): number {
  return shape[1]! * shape[3]!;
}

/** (…models, channels) against x (models, outer, channels, inner). */
function columnsOf({ shape }: Tensor): (each: Tensor) => Tensor {
  return (each) => reshape(each, [shape[0]!, 1, shape[2]!, 1]);
}
