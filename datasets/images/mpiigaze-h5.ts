/** MPIIGaze.h5: the evaluation subset as one HDF5 file, pXX/image, pXX/gaze and pXX/pose, right eyes mirrored already. */
import { checkList, inWords } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { EYE_HEIGHT, EYE_WIDTH, type Eyes } from './eyes.ts';
import { checkReadOptions, readEach, type ReadOptions } from '../folder.ts';
import type { Numbers } from '../numbers.ts';

export interface H5Array {
  readonly shape: readonly number[];
  readonly values: Numbers;
}

/** What is needed of an open HDF5 file; paths have '/' between names, '' is the root. */
export interface H5File {
  readonly where: string;
  keys(path: string): string[];
  read(path: string): H5Array;
  close(): void;
}

export interface MpiigazeH5Options extends ReadOptions {
  /** Such as 'p00'; all that are there if left out. */
  readonly people?: readonly string[];
}

/**
 * The eyes of each person, as pytorch_mpiigaze's `preprocess_mpiigaze.py` stores them.
 *
 * @throws DatasetError or H5Error with the path inside of the file, unless `skipBad`.
 */
export function mpiigazeH5(file: H5File, options: MpiigazeH5Options = {}): AsyncGenerator<Eyes> {
  if (typeof file?.keys !== 'function' || typeof file.read !== 'function')
    throw new Error(`mpiigazeH5: wants what await openH5(bytes) gives, got ${inWords(file)}`);
  checkReadOptions('mpiigazeH5', options, 'people');
  if (options.people !== undefined) checkList('mpiigazeH5', 'people', options.people);
  return peopleIn(file, options);
}

async function* peopleIn(file: H5File, options: MpiigazeH5Options): AsyncGenerator<Eyes> {
  const people = options.people ?? file.keys('').filter((name) => /^p\d\d$/.test(name));
  if (people.length === 0) throw new DatasetError(file.where, 'wants groups p00, p01, …, has none');
  yield* readEach(people, async (person) => eyesOf(file, person), options);
}

function eyesOf(file: H5File, person: string): Eyes {
  const images = file.read(`${person}/image`);
  const count = images.shape[0] ?? 0;
  if (!(images.values instanceof Uint8Array) || !isShape(images.shape, [count, EYE_HEIGHT, EYE_WIDTH]))
    throw wrong(file, `${person}/image`, 'uint8 [n×36×60]', images);
  const anglesOf = (name: string) => {
    const angles = file.read(`${person}/${name}`);
    const isFloat = angles.values instanceof Float32Array || angles.values instanceof Float64Array;
    if (!isFloat || !isShape(angles.shape, [count, 2]))
      throw wrong(file, `${person}/${name}`, `float [${count}×2]`, angles);
    const values = Float32Array.from(angles.values as Float32Array);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new DatasetError(file.where, `${person}/${name}, row ${bad >> 1}: ${values[bad]} is not finite`);
    return values;
  };
  return { person, count, images: images.values, gaze: anglesOf('gaze'), pose: anglesOf('pose') };
}

function wrong(file: H5File, path: string, wanted: string, { shape, values }: H5Array): DatasetError {
  const type = values.constructor.name.replace('Array', '').toLowerCase();
  return new DatasetError(file.where, `${path} wants ${wanted}, got ${type} [${shape.join('×')}]`);
}

function isShape(shape: readonly number[], wanted: readonly number[]): boolean {
  return shape.length === wanted.length && shape.every((length, i) => length === wanted[i]);
}
