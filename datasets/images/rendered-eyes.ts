/** Rendered eye patches with known gaze, in the manner of MPIIGaze's normalised ones. */
import { RADIANS } from './angles.ts';
import { checkChoice, checkNumber, checkOptions, inWords } from '../../base/borders.ts';
import { checkRandom, type RandomSource } from '../dataset.ts';
import { Draws } from './draws.ts';
import { renderEye } from './eye-render.ts';
import { drawEyeShape, drawEyeView, type GazeRanges, SHAPE_DRAWS, VIEW_DRAWS } from './eye-shape.ts';
import { annotate, LABEL_DRAWS, type LabelErrors } from './label-errors.ts';
import { equalise, expose } from './sensor.ts';

export interface RenderedEyesOptions extends Partial<GazeRanges> {
  persons?: number;
  /** Persons have numbers; one looks the same whoever else is there. */
  firstPerson?: number;
  patchesPerPerson?: number;
  height?: number;
  width?: number;
  /** Rays a pixel and direction. */
  samples?: number;
  /** Degrees; see `LabelErrors`. */
  annotationError?: number;
  /** Share of labels that are a random gaze within the ranges. */
  outlierShare?: number;
  /**
   * Every second eye is a right one. 'mirrored' shows it as in a mirror with the signs of its yaws turned, so that all
   * look like left eyes, as networks are trained; 'seen' as the camera saw it.
   */
  rightEyes?: 'mirrored' | 'seen';
  /** Whether the histogram of each patch is equalised, as it is in MPIIGaze. */
  equalised?: boolean;
}

export interface RenderedEyes {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Greys, rows × height × width. */
  readonly pixels: Uint8Array;
  /** Labels: pitch and yaw of each row in radians, as annotated. */
  readonly gaze: Float32Array;
  readonly trueGaze: Float32Array;
  /** Pitch and yaw of the head in radians. */
  readonly head: Float32Array;
  readonly person: Uint16Array;
  /** 1 where the eye is a right one. */
  readonly right: Uint8Array;
  /** 1 where the label is gross. */
  readonly outlier: Uint8Array;
}

export const MPIIGAZE_RANGES: GazeRanges = {
  gazePitch: [-20, 0],
  gazeYaw: [-20, 20],
  headPitch: 8,
  headYaw: 12,
};

const OPTIONS =
  'persons firstPerson patchesPerPerson height width samples annotationError outlierShare rightEyes equalised gazePitch gazeYaw headPitch headYaw';

/**
 * Row after row, person after person. All randomness is `random.uniform`, and pixels are made of additions, products,
 * quotients and roots, so that they are the same in every engine; labels are rounded to float32.
 *
 * @throws RangeError on an option outside of its range.
 */
export function renderedEyes(random: RandomSource, options: RenderedEyesOptions = {}): RenderedEyes {
  checkRandom('renderedEyes', random, 'uniform');
  checkOptions('renderedEyes', options, OPTIONS);
  const { persons = 15, firstPerson = 0, patchesPerPerson = 200 } = options;
  const { height = 36, width = 60, samples = 2, annotationError = 0, outlierShare = 0 } = options;
  const { rightEyes = 'mirrored', equalised = true } = options;
  checkRanges({ persons, patchesPerPerson, height, width, samples }, { annotationError, outlierShare });
  if (!(Number.isInteger(firstPerson) && firstPerson >= 0 && firstPerson + persons <= 2 ** 16))
    throw new RangeError(
      `renderedEyes: persons have numbers from 0 to 65535, got ${firstPerson} as the first of ${persons}`,
    );
  const ranges = { ...MPIIGAZE_RANGES, ...definedRanges(options) };
  checkGaze(ranges);
  checkChoice('renderedEyes', 'rightEyes', rightEyes, ['mirrored', 'seen']);
  const rows = persons * patchesPerPerson;
  const count = height * width;
  const patches = {
    rows,
    height,
    width,
    pixels: new Uint8Array(rows * count),
    gaze: new Float32Array(2 * rows),
    trueGaze: new Float32Array(2 * rows),
    head: new Float32Array(2 * rows),
    person: new Uint16Array(rows),
    right: new Uint8Array(rows),
    outlier: new Uint8Array(rows),
  };
  const light = new Float64Array(count);
  const anyGaze = (draw: Draws) =>
    [draw.between(...ranges.gazePitch) * RADIANS, draw.between(...ranges.gazeYaw) * RADIANS] as const;
  for (let person = firstPerson; person < firstPerson + persons; person++) {
    const shape = drawEyeShape(new Draws(random.uniform(SHAPE_DRAWS, 3 * person)));
    const viewDraws = random.uniform(VIEW_DRAWS * patchesPerPerson, 3 * person + 1);
    const labelDraws = random.uniform(LABEL_DRAWS * patchesPerPerson, 3 * person + 2);
    for (let patch = 0; patch < patchesPerPerson; patch++) {
      const row = (person - firstPerson) * patchesPerPerson + patch;
      const draw = new Draws(viewDraws, VIEW_DRAWS * patch, VIEW_DRAWS * (patch + 1));
      const view = drawEyeView(draw, shape, ranges);
      renderEye(shape, view, { height, width, samples }, light);
      const sharpness = width / 60;
      const exposure = {
        gain: draw.between(0.55, 1.25),
        veil: draw.between(0, 0.08),
        blur: sharpness * draw.between(0.3, 1.4),
        noise: draw.between(0.7, 2.2),
        noiseSeed: Math.floor(draw.between(1, 2 ** 31)),
      };
      expose(light, { height, width }, exposure, patches.pixels, row * count);
      if (equalised) equalise(patches.pixels, row * count, count);

      const labels = new Draws(labelDraws, LABEL_DRAWS * patch, LABEL_DRAWS * (patch + 1));
      const truth = [view.gazePitch, view.gazeYaw] as const;
      const { gaze, isOutlier } = annotate(truth, labels, { annotationError, outlierShare }, anyGaze);
      const isRight = patch % 2 === 1;
      const isTurned = isRight && rightEyes === 'seen';
      if (isTurned) mirror(patches.pixels, row * count, { height, width });
      const turn = isTurned ? -1 : 1;
      patches.gaze.set([gaze[0], turn * gaze[1]], 2 * row);
      patches.trueGaze.set([truth[0], turn * truth[1]], 2 * row);
      patches.head.set([view.headPitch, turn * view.headYaw], 2 * row);
      patches.person[row] = person;
      patches.right[row] = Number(isRight);
      patches.outlier[row] = Number(isOutlier);
    }
  }
  return patches;
}

/** Left becomes right in one image. */
export function mirror(
  pixels: Uint8Array,
  start: number,
  { height, width }: { height: number; width: number },
): void {
  for (let row = 0; row < height; row++)
    pixels.subarray(start + row * width, start + (row + 1) * width).reverse();
}

function definedRanges({ gazePitch, gazeYaw, headPitch, headYaw }: Partial<GazeRanges>): Partial<GazeRanges> {
  const given = { gazePitch, gazeYaw, headPitch, headYaw };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function checkGaze(ranges: GazeRanges): void {
  for (const name of ['gazePitch', 'gazeYaw'] as const) {
    const range: unknown = ranges[name];
    if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isFinite))
      throw new Error(`renderedEyes: ${name} must be [least, greatest] in degrees, got ${inWords(range)}`);
  }
  checkNumber('renderedEyes', 'headPitch', ranges.headPitch, { from: 0 });
  checkNumber('renderedEyes', 'headYaw', ranges.headYaw, { from: 0 });
}

function checkRanges(counts: Record<string, number>, shares: LabelErrors): void {
  for (const [name, value] of Object.entries(counts))
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`renderedEyes: ${name} must be an integer of at least 1, got ${value}`);
  if (!(shares.outlierShare >= 0 && shares.outlierShare <= 1))
    throw new RangeError(`renderedEyes: outlierShare must lie in [0, 1], got ${shares.outlierShare}`);
  if (!(shares.annotationError >= 0 && shares.annotationError <= 30))
    throw new RangeError(
      `renderedEyes: annotationError must lie in [0, 30] degrees, got ${shares.annotationError}`,
    );
}
