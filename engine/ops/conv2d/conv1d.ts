/** Convolution of sequences: as of images of height 1. */
import { checkOptions, inWords } from '../../borders.ts';
import { ShapeError, show } from '../../shape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { conv2d, type Conv2dOptions } from './conv2d.ts';
import { extentOf, type Padding, type Pair, resolveGeometry } from './conv2d-geometry.ts';
import { reshape } from '../movement/movement.ts';

export interface Conv1dOptions extends Pick<Conv2dOptions, 'groups' | 'activation'> {
  /** Steps of the kernel; 1 if left out. */
  stride?: number | undefined;
  /**
   * Zeros on both sides, or [before, after]; 'valid' is 0, as if left out; 'same' gives ⌈length / stride⌉ places, as for `conv2d`;
   * 'causal' puts dilation (k - 1) zeros before, so that no place sees what comes after it.
   */
  padding?: number | Pair | 'valid' | 'same' | 'causal' | undefined;
  /** Distance of the kernel's taps; 1 if left out. */
  dilation?: number | undefined;
}

/**
 * activation(x ⋆ weight + bias), the cross-correlation that the field calls convolution: x (n, cIn, length), weight
 * (cOut, cIn / groups, k), bias (cOut) to (n, cOut, length') with length' = ⌊(length + padding - dilation (k - 1) - 1) / stride⌋ + 1.
 * Leading axes of models side by side as for `conv2d`: (…, 3 axes).
 *
 * @throws ShapeError if sizes do not fit, or nothing would be left of the sequence.
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor, options: Conv1dOptions = {}): Tensor {
  checkOptions('conv1d', options, 'stride padding dilation groups activation');
  const { stride = 1, padding = 0, dilation = 1, groups = 1, activation } = options;
  checkOperands(x, weight, bias, groups);
  const [length, taps] = [x.shape.at(-1)!, weight.shape.at(-1)!];
  for (const [what, value] of Object.entries({ stride, dilation }))
    if (!Number.isInteger(value) || value < 1)
      throw new ShapeError(`conv1d: ${what} ${inWords(value)}; wants an integer of at least 1`);
  const geometry = resolveGeometry(
    'conv1d',
    { stride: [1, stride], dilation: [1, dilation], groups, padding: paddingOf(padding, taps, dilation) },
    { image: [1, length], kernel: [1, taps] },
  );
  const [, , before, after] = geometry.padding;
  const room = length + before + after;
  if (room < extentOf(taps, dilation))
    throw new ShapeError(
      `conv1d: nothing left of x ${show(x.shape)}: a kernel of ${taps} with dilation ${dilation} spans ${extentOf(taps, dilation)}, and there are ${room} with padding`,
    );
  const y = conv2d(ofHeight1(x), ofHeight1(weight), bias, { ...geometry, activation });
  return reshape(y, y.shape.toSpliced(-2, 1));
}

function paddingOf(
  padding: NonNullable<Conv1dOptions['padding']>,
  taps: number,
  dilation: number,
): Padding | 'valid' | 'same' {
  if (padding === 'causal') return [0, 0, dilation * (taps - 1), 0];
  if (typeof padding === 'string') return padding;
  const pair = typeof padding === 'number' ? [padding, padding] : padding;
  const [before, after, ...more] = Array.isArray(pair) ? (pair as readonly number[]) : [];
  if (before === undefined || after === undefined || more.length > 0)
    throw new ShapeError(`conv1d: padding ${inWords(padding)}; wants a number or [before, after]`);
  return [0, 0, before, after];
}

/** In the names and shapes that the caller knows; what is left is the same for `conv2d`. */
function checkOperands(x: Tensor, weight: Tensor, bias: Tensor | undefined, groups: number): void {
  checkFloats('conv1d', { x, weight }, { bias });
  if (x.shape.length < 3) throw new ShapeError(`conv1d: x ${show(x.shape)}; wants (n, channels, length)`);
  if (weight.shape.length < 3)
    throw new ShapeError(`conv1d: weight ${show(weight.shape)}; wants (out, in / groups, length)`);
  if (!Number.isInteger(groups) || groups < 1)
    throw new ShapeError(`conv1d: groups ${groups}; wants an integer of at least 1`);
  const [channels, outputs] = [x.shape.at(-2)!, weight.shape.at(-3)!];
  for (const [what, count] of Object.entries({ 'channels of x': channels, 'outputs of weight': outputs }))
    if (count % groups > 0) throw new ShapeError(`conv1d: ${groups} groups do not divide ${count} ${what}`);
  const wanted = weight.shape.at(-2)! * groups;
  if (channels !== wanted)
    throw new ShapeError(
      `conv1d: ${channels} channels of x ${show(x.shape)} against ${wanted} of weight ${show(weight.shape)}${groups > 1 ? ` in ${groups} groups` : ''}`,
    );
  if (bias && bias.shape.at(-1) !== outputs)
    throw new ShapeError(
      `conv1d: bias ${show(bias.shape)} for ${outputs} output channels; wants [${outputs}]`,
    );
}

function ofHeight1(x: Tensor): Tensor {
  return reshape(x, x.shape.toSpliced(-1, 0, 1));
}
