/** A day of MPIIGaze: Data/Normalized/pXX/dayNN.mat, both eyes of every photograph. */
import { DatasetError } from '../dataset-error.ts';
import { EYE_HEIGHT, EYE_WIDTH, type EyeSide } from './eyes.ts';
import { readMat } from '../mat/mat.ts';
import { describeMat, type MatValue } from '../mat/mat-value.ts';
import { rowMajor } from '../row-major.ts';

/** As the file has it, but row-major: nothing is mirrored, directions are vectors. */
export interface EyeDay extends Readonly<Record<EyeSide, RawEyes>> {
  readonly filenames: readonly string[];
}

export interface RawEyes {
  /** n × 36 × 60. */
  readonly images: Uint8Array;
  /** n × 3: unit vectors. */
  readonly gaze: Float64Array;
  /** n × 3: rotation vectors of the head. */
  readonly pose: Float64Array;
}

/** A gaze may be this far from a unit vector. */
const TOLERANCE = 1e-3;

/** @throws MatError, and DatasetError where the file is not what a day holds. */
export async function readEyeDay(bytes: Uint8Array, where: string): Promise<EyeDay> {
  const { variables } = await readMat(bytes, { where, variables: ['data', 'filenames'] });
  const filenames = namesOf(variables.get('filenames')!, where);
  const data = variables.get('data')!;
  const eyeOf = (side: EyeSide) =>
    rawEyes(fieldOf(data, side, `data.${side}`, where), filenames.length, `data.${side}`, where);
  return { filenames, left: eyeOf('left'), right: eyeOf('right') };
}

function rawEyes(eye: MatValue, count: number, path: string, where: string): RawEyes {
  const take = (field: string) => fieldOf(eye, field, `${path}.${field}`, where);
  const image = take('image');
  if (
    image.kind !== 'numeric' ||
    image.class !== 'uint8' ||
    !isShape(image.shape, [count, EYE_HEIGHT, EYE_WIDTH])
  )
    throw new DatasetError(where, `${path}.image wants uint8 [${count}×36×60], got ${describeMat(image)}`);
  const gaze = vectors(take('gaze'), count, `${path}.gaze`, where);
  for (let i = 0; i < count; i++) {
    const length = Math.hypot(gaze[3 * i]!, gaze[3 * i + 1]!, gaze[3 * i + 2]!);
    if (Math.abs(length - 1) > TOLERANCE)
      throw new DatasetError(
        where,
        `${path}.gaze, row ${i + 1}: wants a unit vector, got length ${length.toFixed(4)}`,
      );
  }
  return {
    images: rowMajor(image.values as Uint8Array, [count, EYE_HEIGHT, EYE_WIDTH]),
    gaze,
    pose: vectors(take('pose'), count, `${path}.pose`, where),
  };
}

function vectors(value: MatValue, count: number, path: string, where: string): Float64Array {
  const isFloat = value.kind === 'numeric' && (value.class === 'double' || value.class === 'single');
  // Of one photograph, squeezed, it may be a column.
  if (!isFloat || !(isShape(value.shape, [count, 3]) || (count === 1 && isShape(value.shape, [3, 1]))))
    throw new DatasetError(where, `${path} wants double [${count}×3], got ${describeMat(value)}`);
  const rows = Float64Array.from(rowMajor(value.values as Float64Array, [count, 3]));
  const bad = rows.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0)
    throw new DatasetError(where, `${path}, row ${Math.floor(bad / 3) + 1}: ${rows[bad]} is not finite`);
  return rows;
}

function fieldOf(value: MatValue, field: string, path: string, where: string): MatValue {
  const values = value.kind === 'struct' ? value.fields.get(field) : undefined;
  if (values?.length !== 1)
    throw new DatasetError(where, `wants a struct with the field ${path}, got ${describeMat(value)}`);
  return values[0]!;
}

/** A cell array of names, or, of one photograph, the name itself. */
function namesOf(value: MatValue, where: string): string[] {
  const texts = value.kind === 'cell' ? value.cells : [value];
  const names = texts.flatMap((text) => (text.kind === 'char' ? text.rows.map((row) => row.trimEnd()) : []));
  if (names.length === 0 || (value.kind === 'cell' && names.length !== texts.length))
    throw new DatasetError(where, `filenames wants a cell array of names, got ${describeMat(value)}`);
  return names;
}

/** Whether they are equal but for a first 1: MATLAB's squeeze takes it off. */
function isShape(shape: readonly number[], wanted: readonly number[]): boolean {
  const isEqual = (lengths: readonly number[]) =>
    shape.length === lengths.length && shape.every((length, i) => length === lengths[i]);
  return isEqual(wanted) || (wanted[0] === 1 && wanted.length > 2 && isEqual(wanted.slice(1)));
}
