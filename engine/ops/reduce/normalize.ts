/** Normalisations: batch, layer, group, instance, and to unit length. Variances are biased and two-pass. */
import { resolveAxes, sameShape, type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { checkOptions } from '../../borders.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { add, div, maximum, mul } from '../pointwise/elementwise.ts';
import { reshape, transpose } from '../movement/movement.ts';
import { l2Norm } from './reduce.ts';
import { type Affine, type Moments, momentsOf, normalizeBy, standardize } from './standardize.ts';

export type { Affine, Moments };

export interface AxisOptions {
  /** The axis of the channels; of models side by side counted behind their leading axes. */
  axis?: number | undefined;
}

export interface NormalizeOptions extends Affine {
  /** Added to the variance. */
  eps?: number | undefined;
}

export type BatchNormOptions = NormalizeOptions & AxisOptions;

/**
 * (x - mean) / √(variance + eps) · scale + bias for each channel, with given statistics: batch normalisation as it is
 * evaluated. `mean`, `variance`, `scale` and `bias` are (channels); gradients flow to all of them. Models run side by side where
 * these are (…, channels), with the leading axes of x (…, n, channels, …).
 *
 * @throws ShapeError if one of them has another shape, or the axis is out of range.
 */
export function batchNorm(x: Tensor, options: Moments & BatchNormOptions): Tensor {
  checkFloats('batchNorm', { x });
  checkOptions('batchNorm', options, 'mean variance scale bias axis eps', true);
  const { axis = 1, eps = 1e-5, ...given } = options;
  checkFloats('batchNorm', { mean: given.mean, variance: given.variance });
  const { channels, each } = byChannel('batchNorm', x, axis, given.mean);
  checkEach('batchNorm', given, each, x);
  return reshape(normalizeBy(channels, given, eps), x.shape);
}

/**
 * Mean and biased variance of each channel of x, over all other axes.
 *
 * @throws ShapeError if a channel has no elements, or the axis is out of range.
 */
export function batchStatistics(x: Tensor, options: AxisOptions = {}): Moments {
  checkFloats('batchStatistics', { x });
  checkOptions('batchStatistics', options, 'axis');
  const { axis = 1 } = options;
  const { channels, each } = byChannel('batchStatistics', x, axis);
  return momentsOf(nonEmpty('batchStatistics', channels, x), each);
}

/**
 * `batchNorm` with the statistics of x itself, and these statistics, for running averages: batch normalisation as it
 * is trained (Ioffe & Szegedy 2015, arXiv:1502.03167). Gradients flow through the statistics. A channel of one
 * element becomes its bias. Models run side by side as for `batchNorm`: each with statistics of its own.
 *
 * @throws ShapeError if a channel has no elements, scale or bias is not (channels), or the axis is out of range.
 */
export function batchNormTraining(x: Tensor, options: BatchNormOptions = {}): Moments & { y: Tensor } {
  checkFloats('batchNormTraining', { x });
  checkOptions('batchNormTraining', options, 'scale bias axis eps');
  const { axis = 1, eps = 1e-5, ...affine } = options;
  const { channels, each } = byChannel('batchNormTraining', x, axis, affine.scale ?? affine.bias);
  checkEach('batchNormTraining', affine, each, x);
  const { y, mean, variance } = standardize(nonEmpty('batchNormTraining', channels, x), affine, eps, each);
  return { y: reshape(y, x.shape), mean, variance };
}

export interface LayerNormOptions extends NormalizeOptions {
  /** The axes whose elements share a mean and a variance; the last unless given. */
  axes?: readonly number[] | undefined;
}

/**
 * x with mean 0 and variance 1 over `axes`, times `scale`, plus `bias` (Ba et al. 2016, arXiv:1607.06450). These two
 * have the sizes of x along `axes`, in the order in which the axes are given.
 *
 * @throws ShapeError if they have not, an axis is out of range or named twice, or there are no elements to normalise.
 */
export function layerNorm(x: Tensor, options: LayerNormOptions = {}): Tensor {
  checkFloats('layerNorm', { x });
  checkOptions('layerNorm', options, 'scale bias axes eps');
  const { axes = [-1], eps = 1e-5, ...affine } = options;
  const rank = x.shape.length;
  const sorted = resolveAxes('layerNorm', axes, rank);
  const given = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const wanted = given.map((axis) => x.shape[axis]!);
  checkEach('layerNorm', affine, wanted, x);
  const kept = x.shape.map((length, axis) => (sorted.includes(axis) ? length : 1));
  const inOrder = sorted.map((axis) => given.indexOf(axis));
  const stretched = (parameter: Tensor) => reshape(transpose(parameter, inOrder), kept);
  const { scale, bias } = affine;
  return affineOf(standardizeOver(x, sorted, eps), {
    scale: scale && stretched(scale),
    bias: bias && stretched(bias),
  });
}

/** x̂ over axes; where these are not the last, they are moved there and back. */
function standardizeOver(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  if (order.every((axis, i) => axis === i)) {
    return rowsStandardized('layerNorm', x, sizeOf(axes.map((axis) => x.shape[axis]!)), eps);
  }
  const inverse = [...order.keys()].sort((a, b) => order[a]! - order[b]!);
  const last = [...x.shape.keys()].slice(-axes.length);
  return transpose(standardizeOver(transpose(x, order), last, eps), inverse);
}

/**
 * x (n, channels, …) with mean 0 and variance 1 over the channels of each of `groups` groups and all that follows,
 * times `scale`, plus `bias`, both (channels) (Wu & He 2018, arXiv:1803.08494).
 *
 * @throws ShapeError if the groups do not divide the channels, scale or bias is not (channels), or x has no channels.
 */
export function groupNorm(x: Tensor, groups: number, options: NormalizeOptions = {}): Tensor {
  const channels = channelsOf('groupNorm', x);
  if (!(Number.isInteger(groups) && groups > 0 && channels % groups === 0)) {
    throw new ShapeError(
      `groupNorm: ${groups} groups do not divide ${channels} channels of x ${show(x.shape)}`,
    );
  }
  return grouped('groupNorm', x, groups, options);
}

/**
 * x (n, channels, …) with mean 0 and variance 1 over what follows the channels, times `scale`, plus `bias`, both
 * (channels) (Ulyanov et al. 2016, arXiv:1607.08022).
 *
 * @throws ShapeError if scale or bias is not (channels), x has no channels, or there are no elements to normalise.
 */
export function instanceNorm(x: Tensor, options: NormalizeOptions = {}): Tensor {
  return grouped('instanceNorm', x, channelsOf('instanceNorm', x), options);
}

function grouped(op: string, x: Tensor, groups: number, options: NormalizeOptions): Tensor {
  checkOptions(op, options, 'scale bias eps');
  const { eps = 1e-5, ...affine } = options;
  const channels = x.shape[1]!;
  checkEach(op, affine, [channels], x);
  const spatial = x.shape.slice(2);
  const { scale, bias } = affine;
  const stretched = (parameter: Tensor) => reshape(parameter, [channels, ...spatial.map(() => 1)]);
  const rows = rowsStandardized(op, x, (channels / groups) * sizeOf(spatial), eps);
  return affineOf(rows, { scale: scale && stretched(scale), bias: bias && stretched(bias) });
}

export interface L2NormalizeOptions {
  axis?: number | undefined;
  /** The least length that is divided by. */
  eps?: number | undefined;
}

/** x / max(√(Σ x²), eps) along `axis`: of length 1, or 0 where x is 0. */
export function l2Normalize(x: Tensor, options: L2NormalizeOptions = {}): Tensor {
  checkFloats('l2Normalize', { x });
  checkOptions('l2Normalize', options, 'axis eps');
  const { axis = -1, eps = 1e-12 } = options;
  resolveAxes('l2Normalize', axis, x.shape.length);
  return div(x, maximum(l2Norm(x, axis, { keepDims: true }), eps));
}

/** x̂ of rows of `count` neighbours in memory. */
function rowsStandardized(op: string, x: Tensor, count: number, eps: number): Tensor {
  if (count === 0) throw new ShapeError(`${op}: no elements to normalise in x ${show(x.shape)}`);
  const rows = x.size / count;
  return reshape(standardize(reshape(x, [1, 1, rows, count]), {}, eps, [rows]).y, x.shape);
}

function affineOf(x: Tensor, { scale, bias }: Affine): Tensor {
  const scaled = scale ? mul(x, scale) : x;
  return bias ? add(scaled, bias) : scaled;
}

/** x as (models, outer, channels, inner), and the shape of what each channel of each model has one of; `like` has it. */
function byChannel(op: string, x: Tensor, given: number, like?: Tensor): { channels: Tensor; each: Shape } {
  const lead = Math.max(0, (like?.shape.length ?? 1) - 1);
  const [models, own] = [x.shape.slice(0, lead), x.shape.slice(lead)];
  const axis = resolveAxes(op, given, own.length)[0]!;
  const axes = [models, own.slice(0, axis), own.slice(axis, axis + 1), own.slice(axis + 1)];
  return { channels: reshape(x, axes.map(sizeOf)), each: [...models, own[axis]!] };
}

function channelsOf(op: string, x: Tensor): number {
  checkFloats(op, { x });
  if (x.shape.length < 2) throw new ShapeError(`${op}: wants x (n, channels, …), got ${show(x.shape)}`);
  return x.shape[1]!;
}

function nonEmpty(op: string, channels: Tensor, x: Tensor): Tensor {
  if (channels.size === 0) throw new ShapeError(`${op}: no elements to average in x ${show(x.shape)}`);
  return channels;
}

function checkEach(op: string, given: Partial<Moments> & Affine, wanted: Shape, x: Tensor): void {
  checkFloats(op, {}, { ...given });
  for (const [name, parameter] of Object.entries(given)) {
    if (parameter && !sameShape(parameter.shape, wanted))
      throw new ShapeError(
        `${op}: ${name} ${show(parameter.shape)} for x ${show(x.shape)}; wants ${show(wanted)}`,
      );
  }
}
