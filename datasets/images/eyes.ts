/** Eye images with gaze and head pose: what readers of such data sets give. */
import { checkNamed, checkText, inWords } from '../../base/borders.ts';

export type EyeSide = 'left' | 'right';

export const EYE_HEIGHT = 36;
export const EYE_WIDTH = 60;
export const EYE_PIXELS = EYE_HEIGHT * EYE_WIDTH;

/** Eyes of one person, in training's convention: right eyes look like left ones, mirrored with their yaws. */
export interface Eyes {
  readonly person: string;
  readonly count: number;
  /** count × 36 × 60, row-major, grey. */
  readonly images: Uint8Array;
  /** count × 2: pitch and yaw, radians. */
  readonly gaze: Float32Array;
  /** count × 2: pitch and yaw of the head, radians. */
  readonly pose: Float32Array;
}

/** Eyes of several people. */
export interface EyeSamples extends Omit<Eyes, 'person'> {
  readonly people: readonly string[];
  /** Whose eye it is: a place in `people` for each. */
  readonly subjects: Uint16Array;
}

/** All in one piece; memory: twice the pixels while it is put together. */
export async function collectEyes(parts: AsyncIterable<Eyes> | Iterable<Eyes>): Promise<EyeSamples> {
  const given = Object(parts) as Partial<AsyncIterable<Eyes> & Iterable<Eyes>>;
  const isIterable = typeof (given[Symbol.asyncIterator] ?? given[Symbol.iterator]) === 'function';
  if (!isIterable || typeof parts === 'string')
    throw new Error(
      `collectEyes: wants the eyes of several people, such as mpiigaze(folder), got ${inWords(parts)}`,
    );
  const all: Eyes[] = [];
  for await (const part of parts) {
    checkEyes(part);
    all.push(part);
  }
  const people = [...new Set(all.map(({ person }) => person))];
  const count = all.reduce((sum, part) => sum + part.count, 0);
  const samples = {
    people,
    subjects: new Uint16Array(count),
    count,
    images: new Uint8Array(count * EYE_PIXELS),
    gaze: new Float32Array(count * 2),
    pose: new Float32Array(count * 2),
  };
  let at = 0;
  for (const part of all) {
    samples.subjects.fill(people.indexOf(part.person), at, at + part.count);
    samples.images.set(part.images, at * EYE_PIXELS);
    samples.gaze.set(part.gaze, at * 2);
    samples.pose.set(part.pose, at * 2);
    at += part.count;
  }
  return samples;
}

function checkEyes(part: Eyes): void {
  checkNamed('collectEyes: eyes', part, 'person count images gaze pose');
  const { person, count, images, gaze, pose } = part;
  checkText('collectEyes', 'person', person);
  for (const [name, values, each] of [
    ['images', images, EYE_PIXELS],
    ['gaze', gaze, 2],
    ['pose', pose, 2],
  ] as const)
    if (!ArrayBuffer.isView(values) || values.length !== count * each)
      throw new Error(
        `collectEyes: ${name} of ${person} must be ${inWords(count)} × ${each} numbers, got ${inWords(values)} of ${values?.length}`,
      );
}
