/**
 * MPIIGaze (Zhang et al. 2015), normalised eyes: Data/Normalized/pXX/dayNN.mat, and the lists of the evaluation subset. A
 * day is read at a time, so that memory holds what was chosen and one day.
 */
import { checkChoice, checkList } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { EYE_PIXELS, EYE_WIDTH, type Eyes, type EyeSide } from './eyes.ts';
import { checkFolder, checkReadOptions, type Folder, readEach, type ReadOptions } from '../folder.ts';
import { gazeAngles, headAngles, type Vector3 } from './gaze.ts';
import { type EyeDay, readEyeDay } from './mpiigaze-day.ts';

/** One line of a list. */
export interface EyeChoice {
  readonly day: string;
  readonly filename: string;
  readonly side: EyeSide;
  /** In its list, from 1. */
  readonly line: number;
}

export interface MpiigazeOptions extends ReadOptions {
  /** Such as 'p00'; all that are there if left out. */
  readonly people?: readonly string[];
  /** The evaluation subset, 3,000 eyes a person (the usual protocol, and the default), or every eye. */
  readonly subset?: 'evaluation' | 'all';
}

export interface MpiigazeDay extends Eyes {
  readonly day: string;
}

export const MPIIGAZE_DAYS = 'Data/Normalized';
export const MPIIGAZE_LISTS = 'Evaluation Subset/sample list for eye image';

/**
 * The eyes of each day, in the folder MPIIGaze. Right eyes are mirrored, image and yaws, as the data set's authors do.
 * Gaze is (asin -y, atan2(-x, -z)), a head's pose where its z axis points; radians.
 *
 * @throws DatasetError or MatError with the file's path, unless `skipBad`; the signal's reason when aborted.
 */
export function mpiigaze(folder: Folder, options: MpiigazeOptions = {}): AsyncGenerator<MpiigazeDay> {
  checkFolder('mpiigaze', folder);
  checkReadOptions('mpiigaze', options, 'people subset');
  if (options.people !== undefined) checkList('mpiigaze', 'people', options.people);
  checkChoice('mpiigaze', 'subset', options.subset, ['evaluation', 'all']);
  return daysIn(folder, options);
}

async function* daysIn(folder: Folder, options: MpiigazeOptions): AsyncGenerator<MpiigazeDay> {
  const { subset = 'evaluation' } = options;
  const people = options.people ?? (await peopleIn(folder));
  const files: DayFile[] = [];
  for (const person of people)
    files.push(...(subset === 'all' ? await daysOf(folder, person) : await listedDays(folder, person)));
  yield* readEach(files, (file) => readDay(folder, file), options);
}

interface DayFile {
  readonly person: string;
  readonly day: string;
  /** All if there are none. */
  readonly choices?: readonly EyeChoice[];
}

async function peopleIn(folder: Folder): Promise<string[]> {
  const people = (await folder.list(MPIIGAZE_DAYS)).filter((name) => /^p\d\d$/.test(name));
  if (people.length === 0) throw new DatasetError(MPIIGAZE_DAYS, 'wants folders p00, p01, …, has none');
  return people;
}

async function daysOf(folder: Folder, person: string): Promise<DayFile[]> {
  const names = await folder.list(`${MPIIGAZE_DAYS}/${person}`);
  const days = names.flatMap((name) => /^(day\d+)\.mat$/.exec(name)?.[1] ?? []);
  if (days.length === 0)
    throw new DatasetError(`${MPIIGAZE_DAYS}/${person}`, 'wants files dayNN.mat, has none');
  return days.map((day) => ({ person, day }));
}

async function listedDays(folder: Folder, person: string): Promise<DayFile[]> {
  const path = listOf(person);
  const byDay = new Map<string, EyeChoice[]>();
  for (const choice of parseEyeList(new TextDecoder().decode(await folder.read(path)), path)) {
    const choices = byDay.get(choice.day) ?? [];
    byDay.set(choice.day, choices);
    choices.push(choice);
  }
  return [...byDay].map(([day, choices]) => ({ person, day, choices }));
}

function listOf(person: string): string {
  return `${MPIIGAZE_LISTS}/${person}.txt`;
}

/**
 * A list of the evaluation subset: 'day13/0203.jpg left' a line.
 *
 * @throws DatasetError with the line.
 */
export function parseEyeList(text: string, where: string): EyeChoice[] {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length === 0) throw new DatasetError(where, 'the list is empty');
  return lines.map((line, i) => {
    const [, day, filename, side] = /^(day\d+)\/(\S+) (left|right)\s*$/.exec(line) ?? [];
    if (day === undefined || filename === undefined)
      throw new DatasetError(
        where,
        `line ${i + 1}: wants 'dayNN/NNNN.jpg left' or right, got '${line.slice(0, 60)}'`,
      );
    return { day, filename, side: side as EyeSide, line: i + 1 };
  });
}

async function readDay(folder: Folder, { person, day, choices }: DayFile): Promise<MpiigazeDay> {
  const path = `${MPIIGAZE_DAYS}/${person}/${day}.mat`;
  const raw = await readEyeDay(await folder.read(path), path);
  const places = choices ? placesOf(raw, choices, person) : everyPlace(raw);
  return { person, day, ...orientedEyes(raw, places) };
}

interface EyePlace {
  readonly row: number;
  readonly side: EyeSide;
}

function placesOf({ filenames }: EyeDay, choices: readonly EyeChoice[], person: string): EyePlace[] {
  const rows = new Map(filenames.map((name, row) => [name, row]));
  return choices.map(({ filename, side, day, line }) => {
    const row = rows.get(filename);
    if (row !== undefined) return { row, side };
    throw new DatasetError(listOf(person), `line ${line}: ${day}.mat has no photograph '${filename}'`);
  });
}

function everyPlace({ filenames }: EyeDay): EyePlace[] {
  return (['left', 'right'] as const).flatMap((side) => filenames.map((_, row) => ({ row, side })));
}

/** The chosen eyes, right ones mirrored, directions as angles. */
export function orientedEyes(day: EyeDay, places: readonly EyePlace[]): Omit<Eyes, 'person'> {
  const count = places.length;
  const images = new Uint8Array(count * EYE_PIXELS);
  const [gaze, pose] = [new Float32Array(count * 2), new Float32Array(count * 2)];
  for (const [i, { row, side }] of places.entries()) {
    const eyes = day[side];
    const image = images.subarray(i * EYE_PIXELS, (i + 1) * EYE_PIXELS);
    image.set(eyes.images.subarray(row * EYE_PIXELS, (row + 1) * EYE_PIXELS));
    const vector = (values: Float64Array) => [...values.subarray(3 * row, 3 * row + 3)] as unknown as Vector3;
    const [gazePitch, gazeYaw] = gazeAngles(vector(eyes.gaze));
    const [headPitch, headYaw] = headAngles(vector(eyes.pose));
    const sign = side === 'right' ? -1 : 1;
    if (side === 'right') mirror(image);
    gaze.set([gazePitch, sign * gazeYaw], 2 * i);
    pose.set([headPitch, sign * headYaw], 2 * i);
  }
  return { count, images, gaze, pose };
}

function mirror(image: Uint8Array): void {
  for (let from = 0; from < image.length; from += EYE_WIDTH) image.subarray(from, from + EYE_WIDTH).reverse();
}
