/**
 * Convolutions of images, each with its gradients among the others. Layout is NCHW everywhere: images (n, channels,
 * height, width), kernels (out, in / groups, height, width). All three ops take leading axes for models that run side by
 * side, each with its own weights: (…, 4 axes). They are equal where they are given.
 */
import type { FusedActivation } from '../../../kernels/matmul/matmul-options.ts';
import { sameShape, type Shape, ShapeError, show } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkOptions } from '../../borders.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import {
  checkOutput,
  type ConvOptions,
  convolvedSize,
  type Geometry,
  type Pair,
  pairOf,
  resolveGeometry,
  transposedSize,
} from './conv2d-geometry.ts';
import { type Epilogue, imageOf, runCorrelation, runTransposed, runWeightGradient } from './conv2d-run.ts';
import { activationGradients } from '../matmul/matmul.ts';
import { reshape } from '../movement/movement.ts';
import { sum, sumTo } from '../reduce/sum.ts';

export interface Conv2dOptions extends Omit<ConvOptions, 'padding'> {
  /**
   * As for all convolutions; and 'same' gives ⌈input / stride⌉ pixels. What cannot be halved goes to the end, as in
   * ONNX and TensorFlow; an even kernel at an odd stride has no middle and is refused.
   */
  padding?: ConvOptions['padding'] | 'same' | undefined;
  /** Applied by the kernel that computes the result; 'identity' if left out. */
  activation?: FusedActivation | undefined;
}

export interface ConvTranspose2dOptions extends ConvOptions {
  /** Rows and columns added at the end of the result, fewer than `stride`: a number or [vertical, horizontal]. */
  outputPadding?: number | Pair | undefined;
  /** The result's height and width, instead of `outputPadding`. */
  outputSize?: Pair | undefined;
  activation?: FusedActivation | undefined;
}

/**
 * activation(x ⋆ weight + bias), the cross-correlation that the field calls convolution: x (n, cIn, h, w), weight
 * (cOut, cIn / groups, kh, kw), bias (cOut) to (n, cOut, h', w') with h' = ⌊(h + padding - dilation (kh - 1) - 1) / stride⌋ + 1.
 * `groups` equal to cIn makes it depthwise.
 *
 * @throws ShapeError if sizes do not fit, or nothing would be left of the image.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv2dOptions = {}): Tensor {
  const op = 'conv2d';
  checkFloats(op, { x, weight }, { bias });
  checkOptions(op, options, 'stride padding dilation groups activation');
  checkRank(op, 'x', x, '(n, channels, height, width)');
  checkRank(op, 'weight', weight, '(out, in / groups, height, width)');
  const geometry = resolveGeometry(op, options, { image: imageOf(x), kernel: imageOf(weight) });
  const { groups } = geometry;
  const outputs = weight.shape.at(-4)!;
  checkGroups(op, groups, { 'channels of x': x.shape.at(-3)!, 'output channels of weight': outputs });
  checkChannels(op, x, weight, weight.shape.at(-3)! * groups, groups);
  const lead = checkLead(op, { x, weight });
  if (bias) checkBias(op, bias, outputs, lead);
  const size = convolvedSize(imageOf(x), imageOf(weight), geometry);
  checkOutput(op, size, x.shape, imageOf(weight), geometry);
  return convolved(x, weight, { bias, activation: options.activation ?? 'identity' }, geometry, size);
}

/**
 * The transpose of `conv2d`, by which it passes gradients to its input: x (n, cIn, h, w), weight (cIn, cOut / groups,
 * kh, kw), bias (cOut) to (n, cOut, h', w') with h' = (h - 1) stride - padding + dilation (kh - 1) + 1 + outputPadding.
 *
 * @throws ShapeError if sizes do not fit, nothing would be left, or a convolution could not lead from the result to x.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const op = 'convTranspose2d';
  checkFloats(op, { x, weight }, { bias });
  checkOptions(op, options, 'stride padding dilation groups activation outputPadding outputSize');
  checkRank(op, 'x', x, '(n, channels, height, width)');
  checkRank(op, 'weight', weight, '(in, out / groups, height, width)');
  const geometry = resolveGeometry(op, options, { image: imageOf(x), kernel: imageOf(weight) });
  const { groups } = geometry;
  checkGroups(op, groups, { 'channels of x': x.shape.at(-3)! });
  checkChannels(op, x, weight, weight.shape.at(-4)!, 1);
  const lead = checkLead(op, { x, weight });
  if (bias) checkBias(op, bias, weight.shape.at(-3)! * groups, lead);
  const least = transposedSize(imageOf(x), imageOf(weight), geometry);
  const size = outputSizeOf(op, options, least, geometry.stride);
  checkOutput(op, size, x.shape, imageOf(weight), geometry);
  return transposed(x, weight, { bias, activation: options.activation ?? 'identity' }, geometry, size);
}

/**
 * The gradient of `conv2d` by its weight: its input x (n, cIn, h, w) and the cotangent g (n, cOut, h', w') of its output
 * to (cOut, cIn / groups, kh, kw). Models have a gradient each. It is bilinear, with gradients of its own.
 *
 * @throws ShapeError if `conv2d` would not bring x to the height and width of g.
 */
export function conv2dWeightGrad(
  x: Tensor,
  g: Tensor,
  kernelSize: number | Pair,
  options: Omit<Conv2dOptions, 'activation'> = {},
): Tensor {
  const op = 'conv2dWeightGrad';
  checkFloats(op, { x, g });
  checkOptions(op, options, 'stride padding dilation groups');
  const kernel = pairOf(op, 'kernelSize', kernelSize, 1);
  checkRank(op, 'x', x, '(n, channels, height, width)');
  checkRank(op, 'g', g, '(n, channels, height, width)');
  const geometry = resolveGeometry(op, options, { image: imageOf(x), kernel });
  const channels = { 'channels of x': x.shape.at(-3)!, 'channels of g': g.shape.at(-3)! };
  checkGroups(op, geometry.groups, channels);
  checkLead(op, { x, g });
  const wanted = [x.shape.at(-4)!, g.shape.at(-3)!, ...convolvedSize(imageOf(x), kernel, geometry)];
  if (!sameShape(wanted, g.shape.slice(-4))) {
    throw new ShapeError(`${op}: g ${show(g.shape)} for x ${show(x.shape)}; wants ${show(wanted)}`);
  }
  return weightGradient(x, g, geometry, kernel);
}

// The family: each is linear in its operands, and its gradients are the other two.

const LINEAR: Epilogue = { activation: 'identity' };

function convolved(x: Tensor, weight: Tensor, epilogue: Epilogue, geometry: Geometry, size: Pair): Tensor {
  const y = runCorrelation({ x, weight, ...epilogue }, geometry, size);
  return recordWith('conv2d', y, { x, weight, ...epilogue }, (dz, needs) => [
    needs[0] ? transposed(dz, weight, LINEAR, geometry, imageOf(x)) : undefined,
    needs[1] ? weightGradient(...perWeight(weight, x, dz), geometry, imageOf(weight)) : undefined,
  ]);
}

function transposed(x: Tensor, weight: Tensor, epilogue: Epilogue, geometry: Geometry, size: Pair): Tensor {
  const y = runTransposed({ x, weight, ...epilogue }, geometry, size);
  return recordWith('convTranspose2d', y, { x, weight, ...epilogue }, (dz, needs) => [
    needs[0] ? convolved(dz, weight, LINEAR, geometry, imageOf(x)) : undefined,
    needs[1] ? weightGradient(...perWeight(weight, dz, x), geometry, imageOf(weight)) : undefined,
  ]);
}

function weightGradient(x: Tensor, g: Tensor, geometry: Geometry, kernel: Pair): Tensor {
  const y = runWeightGradient(x, g, geometry, kernel);
  return record('conv2dWeightGrad', y, [x, g], (v, needs) => [
    needs[0] ? sumTo(transposed(g, v, LINEAR, geometry, imageOf(x)), x.shape) : undefined,
    needs[1] ? sumTo(convolved(x, v, LINEAR, geometry, imageOf(g)), g.shape) : undefined,
  ]);
}

/** Records with the gradients of x and weight before bias and activation, from which those after them follow. */
function recordWith(
  op: string,
  y: Tensor,
  { x, weight, bias, activation }: Epilogue & { x: Tensor; weight: Tensor },
  vjp: (dz: Tensor, needs: readonly boolean[]) => readonly (Tensor | undefined)[],
): Tensor {
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return record(op, y, inputs, (g, needs) => {
    const dz = activationGradients[activation](g, y);
    const gradients = vjp(dz, needs).map((gradient, i) => gradient && sumTo(gradient, inputs[i]!.shape));
    return bias && needs[2] ? [...gradients, sumTo(sum(dz, [-4, -2, -1]), bias.shape)] : gradients;
  });
}

/** Weights that all models share see their images as one batch. */
function perWeight(weight: Tensor, x: Tensor, g: Tensor): [Tensor, Tensor] {
  if (weight.shape.length > 4 || x.shape.length !== g.shape.length) return [x, g];
  return [reshape(x, [-1, ...x.shape.slice(-3)]), reshape(g, [-1, ...g.shape.slice(-3)])];
}

// What must fit, said with the names and shapes that the caller knows.

function checkRank(op: string, name: string, { shape }: Tensor, wanted: string): void {
  if (shape.length < 4) throw new ShapeError(`${op}: ${name} ${show(shape)}; wants ${wanted}`);
}

function checkGroups(op: string, groups: number, counts: Readonly<Record<string, number>>): void {
  for (const [what, count] of Object.entries(counts)) {
    if (count % groups > 0) throw new ShapeError(`${op}: ${groups} groups do not divide ${count} ${what}`);
  }
}

function checkChannels(op: string, x: Tensor, weight: Tensor, wanted: number, groups: number): void {
  const channels = x.shape.at(-3)!;
  if (channels === wanted) return;
  const split = groups > 1 ? ` in ${groups} groups` : '';
  throw new ShapeError(
    `${op}: ${channels} channels of x ${show(x.shape)} against ${wanted} of weight ${show(weight.shape)}${split}`,
  );
}

/** The leading axes of the operands, which are equal where there are any. */
function checkLead(op: string, operands: Readonly<Record<string, Tensor>>): Shape {
  const leads = Object.values(operands).map(({ shape }) => shape.slice(0, -4));
  const lead = leads.find((axes) => axes.length > 0) ?? [];
  if (leads.some((axes) => axes.length > 0 && !sameShape(axes, lead))) {
    const shown = Object.entries(operands).map(([name, { shape }]) => `${name} ${show(shape)}`);
    throw new ShapeError(`${op}: leading axes differ, ${shown.join(' and ')}`);
  }
  return lead;
}

function checkBias(op: string, bias: Tensor, channels: number, lead: Shape): void {
  const { shape } = bias;
  const isPerModel = shape.length > 1 && (lead.length === 0 || sameShape(shape.slice(0, -1), lead));
  if (shape.at(-1) === channels && (shape.length === 1 || isPerModel)) return;
  throw new ShapeError(`${op}: bias ${show(shape)} for ${channels} output channels; wants [${channels}]`);
}

function outputSizeOf(op: string, options: ConvTranspose2dOptions, least: Pair, stride: Pair): Pair {
  const { outputPadding, outputSize } = options;
  if (outputSize) pairOf(op, 'outputSize', outputSize, 1);
  if (outputSize && outputPadding !== undefined) {
    throw new ShapeError(`${op}: outputSize and outputPadding; wants one of them`);
  }
  const [vertical, horizontal] = outputSize
    ? [outputSize[0] - least[0], outputSize[1] - least[1]]
    : pairOf(op, 'outputPadding', outputPadding ?? 0, 0);
  const isReached = (added: number, step: number) => Number.isInteger(added) && added >= 0 && added < step;
  if (isReached(vertical, stride[0]) && isReached(horizontal, stride[1])) {
    return [least[0] + vertical, least[1] + horizontal];
  }
  const most = [least[0] + stride[0] - 1, least[1] + stride[1] - 1];
  throw new ShapeError(
    outputSize
      ? `${op}: outputSize ${show(outputSize)}; wants ${show(least)} to ${show(most)}`
      : `${op}: outputPadding ${show([vertical, horizontal])} at stride ${show(stride)}; wants less than the stride`,
  );
}
