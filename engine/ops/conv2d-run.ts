/** From shapes to dispatches of the convolution kernels. Nothing here is recorded, and shapes are already checked. */
import { correlation, type CorrelationUniforms, packWeights } from '../../kernels/conv2d.ts';
import { planCorrelation, planPieces, planWeightGradient } from '../../kernels/conv2d-plan.ts';
import { correlationWeightGradient } from '../../kernels/conv2d-weight.ts';
import type { FusedActivation } from '../../kernels/matmul.ts';
import { dispatch, folded, workgroupsFor } from '../dispatch.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { empty, type Tensor, view } from '../tensor.ts';
import type { Geometry, Pair } from './conv2d-geometry.ts';
import { sum } from './reduce.ts';

/** Bias and activation, which the kernel applies to its result. */
export interface Epilogue {
  bias?: Tensor;
  activation: FusedActivation;
}

interface Operands extends Epilogue {
  x: Tensor;
  weight: Tensor;
}

/**
 * Leading axes before (…, 4 axes): models that run side by side. Where weight and bias have none, models are only more
 * images.
 */
function modelsOf(x: Tensor, weight: Tensor, bias?: Tensor) {
  const lead = [x.shape.slice(0, -4), weight.shape.slice(0, -4), bias?.shape.slice(0, -1) ?? []];
  const all: Shape = lead.find((axes) => axes.length > 0) ?? [];
  const isFlat = lead[1]!.length === 0 && lead[2]!.length === 0;
  const models = isFlat ? 1 : sizeOf(all);
  const images = x.shape.at(-4)! * (isFlat ? sizeOf(all) : 1);
  return { lead: all, models, images, isShared: lead[0]!.length === 0 };
}

/** x (…, n, cIn, h, w) and weight (…, cOut, cIn / groups, kh, kw) to (…, n, cOut, *size). */
export function runCorrelation(
  { x, weight, bias, activation }: Operands,
  { stride, padding, dilation, groups }: Geometry,
  size: Pair,
): Tensor {
  const [cOut, channels, kh, kw] = weight.shape.slice(-4) as [number, number, number, number];
  // A kernel of one pixel sees no neighbours: an image may as well be a single row.
  const isPointwise = kh * kw === 1 && [...stride, 1].every((s) => s === 1) && padding.every((p) => p === 0);
  const flat = ([height, width]: Pair): Pair => (isPointwise ? [1, height * width] : [height, width]);
  return run({ x, weight, bias, activation, channelsY: cOut, groups, isTransposed: false }, size, {
    imageX: flat(x.shape.slice(-2) as unknown as Pair),
    imageY: flat(size),
    phases: [
      {
        channels,
        rows: flat(size)[0],
        columns: flat(size)[1],
        step: [1, 1],
        first: [0, 0],
        stride,
        dilation,
        start: [-padding[0], -padding[2]],
        taps: [kh, kw],
        stepTap: [1, 1],
        firstTap: [0, 0],
      },
    ],
  });
}

/**
 * g (…, n, cOut, h', w') and weight (…, cOut, cIn / groups, kh, kw) to (…, n, cIn, *size): every pixel of g times the
 * kernel, added where they fall. The pixels of one remainder modulo the stride see the same taps: each such phase is a
 * correlation, with the taps in reverse.
 */
export function runTransposed(
  { x, weight, bias, activation }: Operands,
  { stride, padding, dilation, groups }: Geometry,
  size: Pair,
): Tensor {
  const [channels, outputs, kh, kw] = weight.shape.slice(-4) as [number, number, number, number];
  const along = (axis: 0 | 1) =>
    phasesAlong({
      size: size[axis],
      stride: stride[axis],
      dilation: dilation[axis],
      taps: axis === 0 ? kh : kw,
      before: padding[2 * axis]!,
    });
  const phases = along(0).flatMap((vertical) =>
    along(1).map((horizontal): Phase => {
      const both = <K extends keyof PhaseAlong>(key: K): Pair => [vertical[key], horizontal[key]];
      const taps = vertical.taps * horizontal.taps > 0 ? both('taps') : ([0, 0] as const);
      return {
        channels: channels / groups,
        rows: vertical.count,
        columns: horizontal.count,
        step: stride,
        first: both('first'),
        stride: [1, 1],
        dilation: both('dilation'),
        start: both('start'),
        taps,
        stepTap: both('stepTap'),
        firstTap: both('firstTap'),
      };
    }),
  );
  const operands = { x, weight, bias, activation, channelsY: outputs * groups, groups, isTransposed: true };
  return run(operands, size, { imageX: x.shape.slice(-2) as unknown as Pair, imageY: size, phases });
}

interface PhaseAlong {
  first: number;
  count: number;
  taps: number;
  firstTap: number;
  stepTap: number;
  dilation: number;
  start: number;
}

/** y[first + stride q] = Σ_m x[q + start + m dilation] w[firstTap + m stepTap], along one axis. */
function phasesAlong(axis: { size: number; stride: number; dilation: number; taps: number; before: number }) {
  const { size, stride, dilation, taps, before } = axis;
  const common = greatestCommonDivisor(stride, dilation);
  const phases: PhaseAlong[] = [];
  for (let first = 0; first < Math.min(stride, size); first++) {
    // Tap k carries x[i] to y[i stride + k dilation - before]: these k reach this remainder.
    const own = [...Array(taps).keys()].filter((k) => (first + before - k * dilation) % stride === 0);
    const last = own.at(-1) ?? 0;
    phases.push({
      first,
      count: Math.ceil((size - first) / stride),
      taps: own.length,
      firstTap: last,
      stepTap: -stride / common,
      dilation: dilation / common,
      start: own.length > 0 ? (first + before - last * dilation) / stride : 0,
    });
  }
  return phases;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Which outputs one dispatch computes from what; see the uniforms of `kernels/conv2d.ts`. */
interface Phase {
  channels: number;
  rows: number;
  columns: number;
  step: Pair;
  first: Pair;
  stride: Pair;
  dilation: Pair;
  start: Pair;
  taps: Pair;
  stepTap: Pair;
  firstTap: Pair;
}

function run(
  operands: Operands & { channelsY: number; groups: number; isTransposed: boolean },
  size: Pair,
  { imageX, imageY, phases }: { imageX: Pair; imageY: Pair; phases: readonly Phase[] },
): Tensor {
  const { x, weight, bias, activation, channelsY, groups, isTransposed } = operands;
  const { lead, models, images, isShared } = modelsOf(x, weight, bias);
  const outputs = channelsY / groups;
  const channelsX = x.shape.at(-3)!;
  const [kh, kw] = weight.shape.slice(-2) as [number, number];
  const y = empty([...lead, x.shape.at(-4)!, channelsY, ...size], x.backend, { label: 'conv2d.y' });
  const packed = new Map<number, Tensor>();
  for (const phase of phases) {
    const { rows, columns, step, first, stride, dilation, start, taps, stepTap, firstTap } = phase;
    const isOutside = (axis: 0 | 1, count: number) =>
      start[axis] < 0 ||
      start[axis] + (count - 1) * stride[axis] + (taps[axis] - 1) * dilation[axis] >= imageX[axis];
    const plan = planCorrelation({
      outputs,
      columns,
      taps: taps[1],
      stride: stride[1],
      dilation: dilation[1],
      isGuarded: isOutside(0, rows) || isOutside(1, columns),
    });
    const groupTiles = Math.ceil(outputs / plan.channels);
    const tiles = groups * groupTiles;
    const width = plan.channels;
    if (!packed.has(width)) packed.set(width, pack(weight, { groups, outputs, width, isTransposed }));
    const places = images * rows * Math.ceil(columns / plan.columns);
    const uniforms: CorrelationUniforms = {
      channelsX,
      channels: phase.channels,
      heightX: imageX[0],
      widthX: imageX[1],
      top: start[0],
      left: start[1],
      strideY: stride[0],
      dilationY: dilation[0],
      dilationX: dilation[1],
      channelsY,
      outputs,
      heightY: imageY[0],
      widthY: imageY[1],
      rows,
      columns,
      stepRow: step[0],
      stepColumn: step[1],
      firstRow: first[0],
      firstColumn: first[1],
      places,
      tiles,
      groupTiles,
      kernelSize: kh * kw,
      tapsY: taps[0],
      tapsX: taps[1],
      stepTapY: stepTap[0] * kw,
      stepTapX: stepTap[1],
      firstTap: firstTap[0] * kw + firstTap[1],
      modelX: isShared ? 0 : images * channelsX * imageX[0] * imageX[1],
      modelY: images * channelsY * imageY[0] * imageY[1],
      modelTiles: weight.shape.length > 4 ? tiles : 0,
      modelBias: bias && bias.shape.length > 1 ? channelsY : 0,
    };
    const kernel = correlation(plan, { hasBias: bias !== undefined, activation });
    const workgroups = tiles * Math.ceil(places / 64);
    dispatch(kernel, {
      inputs: { x, weight: packed.get(width)!, ...(bias ? { bias } : {}) },
      uniforms,
      outputs: { y },
      workgroups: [...folded(workgroups), models],
    });
  }
  return y;
}

/** Weights (models, tiles, channels, taps, channels of a tile); of a transposed kernel the first two axes change roles. */
function pack(
  weight: Tensor,
  {
    groups,
    outputs,
    width,
    isTransposed,
  }: { groups: number; outputs: number; width: number; isTransposed: boolean },
): Tensor {
  const [rows, columns, kh, kw] = weight.shape.slice(-4) as [number, number, number, number];
  const taps = kh * kw;
  const channels = isTransposed ? rows / groups : columns;
  const groupTiles = Math.ceil(outputs / width);
  const tiles = groups * groupTiles;
  const models = sizeOf(weight.shape.slice(0, -4));
  const size = models * tiles * channels * taps * width;
  return dispatch(packWeights, {
    inputs: { weight },
    uniforms: {
      size,
      width,
      taps,
      channels,
      outputs,
      groupTiles,
      tiles,
      modelStride: rows * columns * taps,
      groupStride: (rows / groups) * columns * taps,
      outputStride: isTransposed ? taps : columns * taps,
      channelStride: isTransposed ? columns * taps : taps,
    },
    outputs: { y: [size] },
    workgroups: workgroupsFor(packWeights, size),
  }).y;
}

/** x (…, n, cIn, h, w) and g (…, n, cOut, h', w') to (…, cOut, cIn / groups, *kernel). */
export function runWeightGradient(
  x: Tensor,
  g: Tensor,
  { stride, padding, dilation, groups }: Geometry,
  kernel: Pair,
): Tensor {
  const lead = g.shape.length > 4 ? g.shape.slice(0, -4) : x.shape.slice(0, -4);
  const [images, channelsX, heightX, widthX] = x.shape.slice(-4) as [number, number, number, number];
  const [, channelsG, rows, columns] = g.shape.slice(-4) as [number, number, number, number];
  const [tapsY, tapsX] = kernel;
  const channels = channelsX / groups;
  const outputs = channelsG / groups;
  const isOutside = (axis: 0 | 1, count: number, length: number) =>
    padding[2 * axis]! > 0 ||
    (count - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] - padding[2 * axis]! >= length;
  const plan = planWeightGradient({
    outputs,
    columns,
    kernelRows: channels * tapsY,
    taps: tapsX,
    stride: stride[1],
    dilation: dilation[1],
    isGuarded: isOutside(0, rows, heightX) || isOutside(1, columns, widthX),
  });
  const shape = [...lead, channelsG, channels, tapsY, tapsX];
  const models = sizeOf(lead);
  const { pieces, pieceRows } = planPieces(images * rows, channelsG * channels * tapsY * tapsX);
  const outputTiles = Math.ceil(outputs / plan.channels);
  const kernelTiles = Math.ceil((channels * tapsY * (tapsX / plan.taps)) / plan.kernelRows);
  const tiles = groups * outputTiles * kernelTiles;
  const { partial } = dispatch(correlationWeightGradient(plan), {
    inputs: { x, g },
    uniforms: {
      channelsX,
      channels,
      heightX,
      widthX,
      top: -padding[0],
      left: -padding[2],
      strideY: stride[0],
      dilationY: dilation[0],
      dilationX: dilation[1],
      images,
      channelsG,
      outputs,
      rows,
      columns,
      tapsY,
      tapsX,
      tiles,
      outputTiles,
      kernelTiles,
      pieces,
      pieceRows,
      modelX: x.shape.length > 4 ? images * channelsX * heightX * widthX : 0,
      modelG: g.shape.length > 4 ? images * channelsG * rows * columns : 0,
    },
    outputs: { partial: [models, pieces, sizeOf(shape) / models] },
    workgroups: [...folded(Math.ceil((tiles * pieces) / 64)), models],
  });
  return view(pieces === 1 ? partial! : sum(partial!, 1), shape);
}
