/** What networks are evaluated on: inputs of every seed, in parts that fit the memory. */
import type { Scale, SharedPixels } from '../../datasets/dataset.ts';
import type { Backend } from '../../engine/backend.ts';
import { add, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { outsideTidy, type Tensor, tensor } from '../../engine/tensor.ts';
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

/** Of one seed. */
export interface Pictures {
  readonly images: SharedPixels;
  /** Of all pixels. */
  readonly scale: Scale;
  /** Standardised, as many a row. */
  readonly extras: Float32Array | undefined;
}

/** Images of `size` pixels, as many of every seed, which stay bytes on the host and go to the backend as they are needed. */
export function pictureInputs(each: readonly Pictures[], size: number, backend: Backend): Inputs {
  const seeds = each.length;
  const rows = each[0]!.images.rows.length;
  const width = (each[0]!.extras?.length ?? 0) / rows;
  const scales = pixelScales(
    each.map(({ scale }) => scale),
    backend,
  );
  return {
    seeds,
    rows,
    rowsAtATime: Math.max(1, Math.floor(PICTURES / seeds)),
    part(from, to) {
      const count = to - from;
      const bytes = new Float32Array(seeds * count * size);
      for (const [s, { images }] of each.entries())
        for (const [i, row] of images.rows.subarray(from, to).entries())
          bytes.set(images.pixels.subarray(row * size, (row + 1) * size), (s * count + i) * size);
      const x = standardisedPixels(tensor(bytes, [seeds, count, size], backend, { label: 'images' }), scales);
      if (width === 0) return { x };
      const numbers = concatenated(each.map(({ extras }) => extras!.subarray(from * width, to * width)));
      return { x, extras: tensor(numbers, [seeds, count, width], backend, { label: 'extras' }) };
    },
    dispose: scales.dispose,
  };
}

/** What standardises the pixels of every seed, (seeds, 1, 1) each. */
export interface PixelScales {
  readonly shift: Tensor;
  readonly slope: Tensor;
  dispose(): void;
}

export function pixelScales(scales: readonly Scale[], backend: Backend): PixelScales {
  const column = (values: number[]) =>
    outsideTidy(() => tensor(values, [values.length, 1, 1], backend, { label: 'pixel-scales' }));
  const shift = column(scales.map(({ mean }) => -mean[0]!));
  const slope = column(scales.map(({ deviation }) => 1 / deviation[0]!));
  return {
    shift,
    slope,
    dispose() {
      shift.dispose();
      slope.dispose();
    },
  };
}

/** One mean and deviation for all pixels of a seed: in a step and in evaluation the same two operations. */
export function standardisedPixels(x: Tensor, { shift, slope }: PixelScales): Tensor {
  return mul(add(x, shift), slope);
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
