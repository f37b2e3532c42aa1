/** The images of several seeds in one table, in which what seeds have in common lies once. */
import { type Samples, type SharedPixels, everyRow } from '../../datasets/dataset.ts';

/** Where the images of a part lie: in a table of others, or all of `x`. */
export function pixelsOf(samples: Samples): SharedPixels {
  return samples.shared ?? wholePixels(samples.x as Uint8Array, samples.inputs);
}

/** All images of a table. */
export function wholePixels(pixels: Uint8Array, size: number): SharedPixels {
  return { pixels, rows: everyRow(pixels.length / size) };
}

/** A copy of image `place` of a part, of `size` pixels. */
export function imageOf({ pixels, rows }: SharedPixels, place: number, size: number): Uint8Array {
  const row = rows[place]!;
  return pixels.slice(row * size, (row + 1) * size);
}

/** Some of the images, by their places in the part. */
export function pickedPixels({ pixels, rows }: SharedPixels, picked?: Uint32Array): SharedPixels {
  return { pixels, rows: picked ? picked.map((place) => rows[place]!) : rows };
}

/**
 * One table of images of `size` numbers with those that are used, and of every seed where its images lie in it. Tables are told
 * apart by identity: seeds that are dealt from the same pictures share them.
 */
export function pixelTable(
  seeds: readonly SharedPixels[],
  size: number,
): { pixels: Uint8Array; rows: readonly Uint32Array[] } {
  const isUsed = new Map<Uint8Array, Uint8Array>();
  for (const { pixels, rows } of seeds) {
    if (!isUsed.has(pixels)) isUsed.set(pixels, new Uint8Array(pixels.length / size));
    for (const row of rows) isUsed.get(pixels)![row] = 1;
  }
  const [[only, all] = []] = isUsed;
  if (isUsed.size === 1 && all!.every((bit) => bit === 1))
    return { pixels: only!, rows: seeds.map(({ rows }) => rows) };
  let count = 0;
  const places = new Map<Uint8Array, Uint32Array>();
  for (const [table, used] of isUsed)
    places.set(
      table,
      Uint32Array.from(used, (bit) => (count += bit) - bit),
    );
  const pixels = new Uint8Array(count * size);
  for (const [table, used] of isUsed)
    for (const [row, bit] of used.entries())
      if (bit === 1)
        pixels.set(table.subarray(row * size, (row + 1) * size), places.get(table)![row]! * size);
  return { pixels, rows: seeds.map((seed) => seed.rows.map((row) => places.get(seed.pixels)![row]!)) };
}
