/** What networks are evaluated on: inputs of every seed, in parts that fit the memory. */
import type { Scale } from '../../datasets/dataset.ts';
import type { Backend } from '../../engine/backend.ts';
import { add, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { type Tensor, tensor } from '../../engine/tensor.ts';
import type { NetworkInput } from '../../models/network.ts';

export interface Inputs {
  readonly seeds: number;
  readonly rows: number;
  /** Rows of all seeds that are predicted at a time: hidden layers of more would fill the memory. */
  readonly rowsAtATime: number;
  /** Rows of every seed; to be called within `tidy`. */
  part(from: number, to: number): NetworkInput;
  dispose(): void;
}

const TABLE_ROWS = 65_536;
const PICTURES = 512;

/** Standardised tables, one a seed, kept on the backend as (seeds, rows, columns). */
export function tableInputs(tables: readonly ArrayLike<number>[], columns: number, backend: Backend): Inputs {
  const values = concatenated(tables);
  const seeds = tables.length;
  const rows = values.length / seeds / columns;
  const x = tensor(values, [seeds, rows, columns], backend, { label: 'inputs' });
  return {
    seeds,
    rows,
    rowsAtATime: Math.max(1, Math.floor(TABLE_ROWS / seeds)),
    part: (from, to) => ({ x: from === 0 && to === rows ? x : slice(x, 1, from, to) }),
    dispose: () => x.dispose(),
  };
}

export interface PictureBytes {
  /** Image after image. */
  readonly pixels: Uint8Array;
  /** Pixels of an image. */
  readonly size: number;
  /** Of all pixels. */
  readonly scale: Scale;
  /** Standardised, as many a row. */
  readonly extras: Float32Array | undefined;
}

/** Images of one seed, which stay bytes on the host and go to the backend as they are needed. */
export function pictureInputs({ pixels, size, scale, extras }: PictureBytes, backend: Backend): Inputs {
  const rows = pixels.length / size;
  const width = extras ? extras.length / rows : 0;
  return {
    seeds: 1,
    rows,
    rowsAtATime: PICTURES,
    part(from, to) {
      const bytes = new Float32Array(pixels.subarray(from * size, to * size));
      const x = standardisedPixels(tensor(bytes, [to - from, size], backend, { label: 'images' }), scale);
      if (!extras) return { x };
      const numbers = extras.slice(from * width, to * width);
      return { x, extras: tensor(numbers, [to - from, width], backend, { label: 'extras' }) };
    },
    dispose() {},
  };
}

/** One mean and deviation for all pixels: in a step and in evaluation the same two operations. */
export function standardisedPixels(x: Tensor, { mean, deviation }: Scale): Tensor {
  return mul(add(x, -mean[0]!), 1 / deviation[0]!);
}

/** Tables one after another. */
export function concatenated(tables: readonly ArrayLike<number>[]): Float32Array {
  return joined(tables, Float32Array);
}

/** The same for whole numbers. */
export function concatenatedClasses(tables: readonly ArrayLike<number>[]): Uint32Array {
  return joined(tables, Uint32Array);
}

function joined<T extends Float32Array | Uint32Array>(
  tables: readonly ArrayLike<number>[],
  kind: new (length: number) => T,
): T {
  const all = new kind(tables.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const table of tables) {
    all.set(table, at);
    at += table.length;
  }
  return all;
}
