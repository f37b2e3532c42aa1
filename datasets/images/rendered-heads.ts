/** Rendered heads in the manner of Multi-PIE: subjects, cameras around them, and a flash after another. */
import { RADIANS, sineCosine } from './angles.ts';
import { checkList, checkOptions } from '../../base/borders.ts';
import type { Vector3 } from './gaze.ts';
import { checkRandom, type RandomSource } from '../dataset.ts';
import { Draws } from './draws.ts';
import { drawHeadShape, HEAD_SHAPE_DRAWS, type HeadView, renderHead } from './head-render.ts';
import { expose } from './sensor.ts';

export interface RenderedHeadsOptions {
  subjects?: number;
  /** Subjects have numbers, from 0; one looks the same whoever else is there. */
  firstSubject?: number;
  /** Degrees, a camera each; those of Multi-PIE at head height if left out: -90 to 90 in steps of 15. */
  yaws?: readonly number[];
  /** Flashes, 0 to 19: 0 and 19 are the room's light alone, the others go around from one side to the other. */
  shots?: readonly number[];
  height?: number;
  width?: number;
  /** Rays a pixel and direction. */
  samples?: number;
}

export interface RenderedHeads {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Greys, rows × height × width. */
  readonly pixels: Uint8Array;
  /** The camera's yaw of each row in radians: positive where it stands at the subject's right. */
  readonly yaw: Float32Array;
  readonly subject: Uint16Array;
  /** Places in `yaws` and `shots`. */
  readonly camera: Uint8Array;
  readonly shot: Uint8Array;
}

export const MULTIPIE_YAWS: readonly number[] = Array.from({ length: 13 }, (_, i) => 15 * i - 90);
export const MULTIPIE_SHOTS: readonly number[] = Array.from({ length: 20 }, (_, i) => i);

/** Uniform numbers a picture. */
const VIEW_DRAWS = 96;

const OPTIONS = 'subjects firstSubject yaws shots height width samples';

/**
 * Every subject from every camera under every flash, in this order. Pixels are the same in every engine, as those of
 * `renderedEyes`.
 *
 * @throws RangeError on an option outside of its range.
 */
export function renderedHeads(random: RandomSource, options: RenderedHeadsOptions = {}): RenderedHeads {
  checkRandom('renderedHeads', random, 'uniform');
  checkOptions('renderedHeads', options, OPTIONS);
  const { subjects = 10, firstSubject = 0, yaws = MULTIPIE_YAWS, shots = MULTIPIE_SHOTS } = options;
  const { height = 36, width = 48, samples = 2 } = options;
  checkList('renderedHeads', 'yaws', yaws);
  checkList('renderedHeads', 'shots', shots);
  checkRanges({ subjects, height, width, samples, yaws: yaws.length, shots: shots.length }, yaws, shots);
  if (!(Number.isInteger(firstSubject) && firstSubject >= 0 && firstSubject + subjects <= 2 ** 16))
    throw new RangeError(
      `renderedHeads: subjects have numbers from 0 to 65535, got ${firstSubject} as the first of ${subjects}`,
    );
  const each = yaws.length * shots.length;
  const count = height * width;
  const heads = {
    rows: subjects * each,
    height,
    width,
    pixels: new Uint8Array(subjects * each * count),
    yaw: new Float32Array(subjects * each),
    subject: new Uint16Array(subjects * each),
    camera: new Uint8Array(subjects * each),
    shot: new Uint8Array(subjects * each),
  };
  const light = new Float64Array(count);
  for (let subject = firstSubject; subject < firstSubject + subjects; subject++) {
    const shape = drawHeadShape(new Draws(random.uniform(HEAD_SHAPE_DRAWS, 2 * subject)));
    const draws = random.uniform(VIEW_DRAWS * each, 2 * subject + 1);
    for (let i = 0; i < each; i++) {
      const row = (subject - firstSubject) * each + i;
      const [camera, shot] = [Math.floor(i / shots.length), i % shots.length];
      const draw = new Draws(draws, VIEW_DRAWS * i, VIEW_DRAWS * (i + 1));
      renderHead(shape, drawHeadView(draw, yaws[camera]!, shots[shot]!), { height, width, samples }, light);
      const exposure = {
        gain: draw.between(0.7, 1.2),
        veil: draw.between(0, 0.05),
        blur: (width / 48) * draw.between(0.2, 1),
        noise: draw.between(0.7, 2.5),
        noiseSeed: Math.floor(draw.between(1, 2 ** 31)),
      };
      expose(light, { height, width }, exposure, heads.pixels, row * count);
      heads.yaw[row] = yaws[camera]! * RADIANS;
      heads.subject[row] = subject;
      heads.camera[row] = camera;
      heads.shot[row] = shot;
    }
  }
  return heads;
}

function drawHeadView(draw: Draws, degrees: number, shot: number): HeadView {
  const isRoomOnly = shot === 0 || shot === 19;
  return {
    yaw: sineCosine((degrees + draw.normal(0, 2)) * RADIANS),
    pitch: sineCosine(draw.normal(0, 4) * RADIANS),
    offset: [draw.normal(0, 14), draw.normal(0, 9)],
    scale: draw.normal(8.2, 0.6),
    light: flashDirection(shot),
    flash: isRoomOnly ? 0.12 : draw.between(0.5, 0.8),
    ambient: isRoomOnly ? draw.between(0.45, 0.6) : draw.between(0.1, 0.3),
    background: [draw.between(0.1, 0.8), draw.between(0.1, 0.8)],
  };
}

/** Flashes 1 to 18 stand in an arc from the subject's right to the left, every third one higher. */
function flashDirection(shot: number): Vector3 {
  const [sine, cosine] = sineCosine(((shot - 9.5) / 8.5) * 80 * RADIANS);
  const height = shot % 3 === 0 ? -0.7 : -0.15;
  const length = Math.sqrt(1 + height * height);
  return [sine / length, height / length, -cosine / length];
}

function checkRanges(
  counts: Record<string, number>,
  yaws: readonly number[],
  shots: readonly number[],
): void {
  for (const [name, value] of Object.entries(counts))
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`renderedHeads: ${name} must be an integer of at least 1, got ${value}`);
  for (const yaw of yaws)
    if (!(yaw >= -90 && yaw <= 90))
      throw new RangeError(`renderedHeads: yaws must lie in [-90, 90] degrees, got ${yaw}`);
  for (const shot of shots)
    if (!(Number.isInteger(shot) && shot >= 0 && shot <= 19))
      throw new RangeError(`renderedHeads: shots are integers from 0 to 19, got ${shot}`);
}
