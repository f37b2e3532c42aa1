/** Rendered eyes in the layout of MPIIGaze: days of photographs with both eyes, and the lists of the evaluation subset. */
import { gazeDirection, headRotationVector } from '../../datasets/images/angles.ts';
import type { MatValue } from '../../datasets/mat/mat-value.ts';
import { writeMat } from '../../datasets/mat/mat-writer.ts';
import { MPIIGAZE_DAYS, MPIIGAZE_LISTS } from '../../datasets/images/mpiigaze.ts';
import { type RenderedEyes, renderedEyes } from '../../datasets/images/rendered-eyes.ts';
import { rowMajor } from '../../datasets/row-major.ts';
import { type MadeFile, randomOf } from './make.ts';

export interface MakeMpiigazeOptions {
  readonly seed: number;
  readonly persons: number;
  readonly days: number;
  /** Eyes a person, half of them right ones: an even number, of at least two a day. */
  readonly patches: number;
  readonly annotationError: number;
  readonly outlierShare: number;
}

/**
 * Every eye is in the evaluation subset. The two eyes of a photograph have nothing to do with each other, other than in
 * the real data set.
 */
export async function* mpiigazeFiles(options: MakeMpiigazeOptions): AsyncGenerator<MadeFile> {
  const { seed, persons, days, patches, annotationError, outlierShare } = options;
  const photographs = patches / 2;
  const random = randomOf(seed);
  for (let person = 0; person < persons; person++) {
    const name = `p${String(person).padStart(2, '0')}`;
    const eyes = renderedEyes(random, {
      firstPerson: person,
      persons: 1,
      patchesPerPerson: patches,
      rightEyes: 'seen',
      annotationError,
      outlierShare,
    });
    let list = '';
    for (let day = 0; day < days; day++) {
      const first = Math.floor((photographs * day) / days);
      const count = Math.floor((photographs * (day + 1)) / days) - first;
      const dayName = `day${String(day + 1).padStart(2, '0')}`;
      const names = Array.from({ length: count }, (_, i) => `${String(i + 1).padStart(4, '0')}.jpg`);
      for (const filename of names) list += `${dayName}/${filename} left\n${dayName}/${filename} right\n`;
      const path = `${MPIIGAZE_DAYS}/${name}/${dayName}.mat`;
      const bytes = await writeMat(dayOf(eyes, first, names));
      yield { path, bytes, share: (person + (day + 1) / days) / persons };
    }
    yield { path: `${MPIIGAZE_LISTS}/${name}.txt`, bytes: list, share: (person + 1) / persons };
  }
}

/** Photographs from `first` on: rows 2i are left eyes, rows 2i + 1 right ones. */
function dayOf(eyes: RenderedEyes, first: number, names: readonly string[]): Map<string, MatValue> {
  const sides = ['left', 'right'].map((side, right): [string, MatValue[]] => {
    const rows = names.map((_, i) => 2 * (first + i) + right);
    return [side, [eyesOf(eyes, rows)]];
  });
  return new Map<string, MatValue>([
    ['data', { kind: 'struct', shape: [1, 1], fields: new Map(sides) }],
    [
      'filenames',
      {
        kind: 'cell',
        shape: [names.length, 1],
        cells: names.map((name) => ({ kind: 'char', shape: [1, name.length], rows: [name] })),
      },
    ],
  ]);
}

function eyesOf({ pixels, gaze, head, height, width }: RenderedEyes, rows: readonly number[]): MatValue {
  const count = height * width;
  const images = new Uint8Array(rows.length * count);
  for (const [i, row] of rows.entries())
    images.set(pixels.subarray(row * count, (row + 1) * count), i * count);
  const vectors = (angles: Float32Array, vectorOf: typeof gazeDirection) =>
    Float64Array.from(rows.flatMap((row) => [...vectorOf(angles[2 * row]!, angles[2 * row + 1]!)]));
  const fields = new Map<string, MatValue[]>([
    ['gaze', [columnMajor('double', vectors(gaze, gazeDirection), [rows.length, 3])]],
    ['image', [columnMajor('uint8', images, [rows.length, height, width])]],
    ['pose', [columnMajor('double', vectors(head, headRotationVector), [rows.length, 3])]],
  ]);
  return { kind: 'struct', shape: [1, 1], fields };
}

function columnMajor(
  name: 'double' | 'uint8',
  values: Float64Array | Uint8Array,
  shape: readonly number[],
): MatValue {
  // A row-major array is a column-major one of the reversed shape.
  const turned = rowMajor(values, shape.toReversed());
  return { kind: 'numeric', class: name, isLogical: false, shape, values: turned };
}
