/** How the gradients and moments of several models lie in one buffer, and which of their numbers is whose. */
import { PADDING } from '../../kernels/training/optimizer.ts';
import { ShapeError, show } from '../shape.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { alignedSize } from './arena.ts';
import type { FlatLayout } from './flat.ts';
import type { Parameters } from './options.ts';

/** The buffers of gradients and moments: a row a model, each like the flat buffer of that model alone. */
export interface Rows {
  readonly shape: readonly number[];
  readonly count: number;
  readonly pitch: number;
  /** Of each parameter in a row: its length and its first element. */
  readonly widths: readonly number[];
  readonly starts: readonly number[];
}

export function rowsOf(optimizer: string, parameters: Parameters, seeds: number | undefined): Rows {
  const count = seeds ?? 1;
  if (!(Number.isInteger(count) && count >= 1))
    throw new Error(`${optimizer}: seeds must be an integer of at least 1, got ${count}`);
  const widths: number[] = [];
  const starts: number[] = [];
  let pitch = 0;
  for (const [name, { shape, size }] of Object.entries(parameters)) {
    if (seeds !== undefined && shape[0] !== seeds)
      throw new ShapeError(
        `${optimizer}: '${name}' ${show(shape)} has not ${seeds} seeds along its first axis`,
      );
    widths.push(size / count);
    starts.push(pitch);
    pitch += alignedSize(size / count);
  }
  return { shape: seeds === undefined ? [pitch] : [count, pitch], count, pitch, widths, starts };
}

/** Whether one model's parameters lie as its gradients do: one after another, in their order. */
export function isPacked(rows: Rows, { starts }: FlatLayout): boolean {
  return starts.every((start, k) => start === rows.starts[k]);
}

/**
 * For every number from the first parameter to the last its element of the rows, and its model: to divide for it would cost
 * more than to read it. `isChosen` says which parameters; the others' numbers, and those of other optimisers, are padding.
 */
export function elementsOf(
  { count, pitch, widths, starts }: Rows,
  { flat, starts: places }: FlatLayout,
  isChosen: (k: number) => boolean = () => true,
): Tensor {
  const elements = new Uint32Array(2 * flat.size).fill(PADDING);
  for (const [k, width] of widths.entries()) {
    if (!isChosen(k)) continue;
    for (let model = 0; model < count; model++) {
      const [from, to] = [model * pitch + starts[k]!, places[k]! + model * width];
      for (let j = 0; j < width; j++) {
        elements[2 * (to + j)] = from + j;
        elements[2 * (to + j) + 1] = model;
      }
    }
  }
  return tensor(elements, [...flat.shape, 2], flat.backend, { dtype: 'u32', label: 'elements' });
}
