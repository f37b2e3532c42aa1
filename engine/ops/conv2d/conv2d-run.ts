/** From shapes to dispatches of the convolution kernels. Nothing here is recorded, and shapes are already checked. */
import type { Blocks } from '../../../kernels/math/block-sums.ts';
import { correlation, type CorrelationUniforms, packWeights } from '../../../kernels/conv2d/conv2d.ts';
import {
  type ConvLoop,
  correlationBlocks,
  correlationPlans,
  pieceBlocks,
  planCorrelation,
  planPieces,
  planWeightGradient,
  weightGradientPlans,
} from '../../../kernels/conv2d/conv2d-plan.ts';
import { correlationWeightGradient } from '../../../kernels/conv2d/conv2d-weight.ts';
import type { FusedActivation } from '../../../kernels/matmul/matmul-options.ts';
import { dispatch, folded, workgroupsFor } from '../../dispatch.ts';
import { type Shape, sizeOf } from '../../shape.ts';
import { empty, type Tensor, view } from '../../tensor.ts';
import type { Geometry, Pair } from './conv2d-geometry.ts';
import { onlyPhase, type Phase, phasesOf } from './conv2d-phases.ts';
import { sum } from '../reduce/sum.ts';
import { sharingOf } from '../matmul/sharing.ts';
import { nameOf, withVariant } from '../../variants.ts';

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
export function runCorrelation(operands: Operands, geometry: Geometry, size: Pair): Tensor {
  const { stride, padding, groups } = geometry;
  const [cOut, channels, kh, kw] = operands.weight.shape.slice(-4) as [number, number, number, number];
  // A kernel of one pixel sees no neighbours: an image may as well be a single row.
  const isPointwise = kh * kw === 1 && stride.every((s) => s === 1) && padding.every((p) => p === 0);
  const flat = ([height, width]: Pair): Pair => (isPointwise ? [1, height * width] : [height, width]);
  return run({ ...operands, channels, channelsY: cOut, groups, isTransposed: false }, size, {
    imageX: flat(imageOf(operands.x)),
    imageY: flat(size),
    phases: [onlyPhase(flat(size), [kh, kw], geometry)],
  });
}

/** g (…, n, cOut, h', w') and weight (…, cOut, cIn / groups, kh, kw) to (…, n, cIn, *size). */
export function runTransposed(operands: Operands, geometry: Geometry, size: Pair): Tensor {
  const { groups } = geometry;
  const [rows, outputs, kh, kw] = operands.weight.shape.slice(-4) as [number, number, number, number];
  const channels = { channels: rows / groups, channelsY: outputs * groups };
  return run({ ...operands, ...channels, groups, isTransposed: true }, size, {
    imageX: imageOf(operands.x),
    imageY: size,
    phases: phasesOf(size, [kh, kw], geometry),
  });
}

/** Height and width of images or of kernels. */
export function imageOf({ shape }: Tensor): Pair {
  return [shape.at(-2)!, shape.at(-1)!];
}

function run(
  operands: Operands & { channels: number; channelsY: number; groups: number; isTransposed: boolean },
  size: Pair,
  { imageX, imageY, phases }: { imageX: Pair; imageY: Pair; phases: readonly Phase[] },
): Tensor {
  const { x, weight, bias, activation, channels, channelsY, groups, isTransposed } = operands;
  const { lead, models, images, isShared } = modelsOf(x, weight, bias);
  const outputs = channelsY / groups;
  const channelsX = x.shape.at(-3)!;
  const [kh, kw] = imageOf(weight);
  const y = empty([...lead, x.shape.at(-4)!, channelsY, ...size], x.backend, { label: 'conv2d.y' });
  const packed = new Map<number, Tensor>();
  for (const phase of phases) {
    const { step, first, stride, dilation, start, taps, stepTap, firstTap } = phase;
    const [rows, columns] = phase.count;
    const isOutside = (axis: 0 | 1, count: number) =>
      start[axis] < 0 ||
      start[axis] + (count - 1) * stride[axis] + (taps[axis] - 1) * dilation[axis] >= imageX[axis];
    const blocks = correlationBlocks(channels, taps);
    const sizes = {
      outputs,
      columns,
      taps: taps[1],
      stride: stride[1],
      dilation: dilation[1],
      isGuarded: isOutside(0, rows) || isOutside(1, columns),
      sharing: sharingOf(x.backend),
      ...blockedBy(blocks),
    };
    const key = `conv2d ${nameOf(sizes)} ${[groups, channels, rows, images, models, taps[0]].join(' ')}`;
    withVariant(
      x.backend,
      key,
      () => correlationPlans(sizes),
      (given) => {
        const plan = given ?? planCorrelation(sizes);
        const groupTiles = Math.ceil(outputs / plan.channels);
        const tiles = groups * groupTiles;
        const width = plan.channels;
        if (!packed.has(width)) packed.set(width, pack(weight, { groups, outputs, width, isTransposed }));
        const places = images * rows * Math.ceil(columns / plan.columns);
        const uniforms: CorrelationUniforms = {
          channelsX,
          channels,
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
          block: blocks?.length ?? 0,
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
      },
    );
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

function blockedBy(blocks: Blocks<ConvLoop> | undefined): { blocked?: ConvLoop } {
  return blocks ? { blocked: blocks.loop } : {};
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
  const shape = [...lead, channelsG, channels, tapsY, tapsX];
  const models = sizeOf(lead);
  const { pieces, pieceRows } = planPieces(
    { rows: images * rows, columns },
    channelsG * channels * tapsY * tapsX,
  );
  const blocks = pieceBlocks(pieceRows, columns);
  const sizes = {
    outputs,
    columns,
    kernelRows: channels * tapsY,
    taps: tapsX,
    stride: stride[1],
    dilation: dilation[1],
    isGuarded: isOutside(0, rows, heightX) || isOutside(1, columns, widthX),
    sharing: sharingOf(x.backend),
    ...blockedBy(blocks),
  };
  const key = `conv2d-weight ${nameOf(sizes)} ${[groups, images, rows, models].join(' ')}`;
  const partial = withVariant(
    x.backend,
    key,
    () => weightGradientPlans(sizes),
    (given) => {
      const plan = given ?? planWeightGradient(sizes);
      const outputTiles = Math.ceil(outputs / plan.channels);
      // Tiles of a workgroup that shares are one to a lane; otherwise they are counted one by one.
      const isSharing = plan.sharing > 0;
      const rowsOfTile = plan.kernelRows * (isSharing ? plan.lanes : 1);
      const kernelTiles = Math.ceil((channels * tapsY * (tapsX / plan.taps)) / rowsOfTile);
      const tiles = groups * outputTiles * kernelTiles;
      return dispatch(correlationWeightGradient(plan), {
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
          block: blocks?.length ?? 0,
          modelX: x.shape.length > 4 ? images * channelsX * heightX * widthX : 0,
          modelG: g.shape.length > 4 ? images * channelsG * rows * columns : 0,
        },
        outputs: { partial: [models, pieces, sizeOf(shape) / models] },
        workgroups: [
          ...folded(isSharing ? tiles * pieces : Math.ceil((tiles * pieces) / plan.lanes)),
          models,
        ],
      }).partial;
    },
  );
  return view(pieces === 1 ? partial! : sum(partial!, 1), shape);
}
