/** Rendered glyphs of ten classes: written by many hands, labelled with as many mistakes, and as easily confused, as is asked for. */
import { sineCosine } from '../images/angles.ts';
import { checkList, checkNumber, checkOptions, inWords } from '../../base/borders.ts';
import { checkRandom, type RandomSource } from '../dataset.ts';
import { Draws } from '../images/draws.ts';
import { step } from '../images/ramps.ts';
import { expose } from '../images/sensor.ts';
import type { ClassifiedImages } from './classified-images.ts';
import { between, GLYPHS, type Point, STEPS, walked } from './glyph-shapes.ts';

export interface RenderedGlyphsOptions {
  rows?: number;
  /** Rows have numbers, from 0; one looks the same whatever others are there. */
  firstRow?: number;
  height?: number;
  width?: number;
  /** 1, light ink on dark paper, or 3, in colours. */
  channels?: 1 | 3;
  /** Share of labels that are replaced by another class, 0 to 1. */
  labelNoise?: number;
  /** Classes that resemble each other, each at most once; 1 and 7, 3 and 8, 4 and 9, 5 and 6 unless given. */
  pairs?: readonly (readonly [number, number])[];
  /** How far the two of a pair have come towards each other: at 0 they are what they are, at 1 nobody can tell them apart. */
  confusion?: number;
  /** How much hands differ; 1 unless given, 0 to 3. */
  distortion?: number;
}

export interface RenderedGlyphs extends ClassifiedImages {
  /** The class of each row before labels were replaced. */
  readonly truth: Uint16Array;
}

const CLASSES = GLYPHS.map((_, label) => String(label));
const PAIRS = [
  [1, 7],
  [3, 8],
  [4, 9],
  [5, 6],
] as const;
/** Uniform numbers a row. */
const DRAWS = 64;
/** Places along a glyph that a hand moves, each by itself. */
const KNOTS = 6;
const OPTIONS = 'rows firstRow height width channels labelNoise pairs confusion distortion';

const lines = GLYPHS.map(walked);

/**
 * Row after row, the classes in turns. All randomness is `random.uniform`, and pixels are made of additions, products, quotients and
 * roots, so that they are the same in every engine. A label is replaced, or not, whatever the other options; which rows are depends
 * on `labelNoise` in one way only: more noise keeps what was replaced with less.
 *
 * @throws on an option outside of its range.
 */
export function renderedGlyphs(random: RandomSource, options: RenderedGlyphsOptions = {}): RenderedGlyphs {
  const name = 'renderedGlyphs';
  checkRandom(name, random, 'uniform');
  checkOptions(name, options, OPTIONS);
  const { rows = 1000, firstRow = 0, height = 16, width = 16, channels = 1 } = options;
  const { labelNoise = 0, pairs = PAIRS, confusion = 0, distortion = 1 } = options;
  for (const [key, value] of Object.entries({ rows, height, width }))
    checkNumber(name, key, value, { from: 1, isWhole: true });
  checkNumber(name, 'firstRow', firstRow, { from: 0, to: 2 ** 31 - rows, isWhole: true });
  checkNumber(name, 'labelNoise', labelNoise, { from: 0, to: 1 });
  checkNumber(name, 'confusion', confusion, { from: 0, to: 1 });
  checkNumber(name, 'distortion', distortion, { from: 0, to: 3 });
  if (channels !== 1 && channels !== 3)
    throw new Error(`${name}: channels must be 1 or 3, got ${inWords(channels)}`);
  const shapes = confused(pairs, confusion);
  const count = height * width;
  const glyphs = {
    ...{ rows, channels, height, width, classes: CLASSES },
    pixels: new Uint8Array(rows * channels * count),
    labels: new Uint16Array(rows),
    truth: new Uint16Array(rows),
  };
  const light = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    const number = firstRow + row;
    const label = number % CLASSES.length;
    const draw = new Draws(random.uniform(DRAWS, 2 * number));
    const ink = inkOf(writtenBy(draw, shapes[label]!, distortion), draw, { height, width });
    for (let channel = 0; channel < channels; channel++) {
      const [dark, bright] = [draw.between(0, 0.35), draw.between(0.6, 1)];
      for (let i = 0; i < count; i++) light[i] = dark + (bright - dark) * ink[i]!;
      const exposure = {
        ...{ gain: 1, veil: 0, blur: (height / 16) * draw.between(0, 0.6) },
        noise: draw.between(1, 8),
        noiseSeed: Math.floor(draw.between(1, 2 ** 31)),
      };
      expose(light, { height, width }, exposure, glyphs.pixels, (row * channels + channel) * count);
    }
    const mistake = new Draws(random.uniform(2, 2 * number + 1));
    const isReplaced = mistake.chance(labelNoise);
    const others = CLASSES.length - 1;
    const shift = 1 + Math.min(others - 1, Math.floor(mistake.between(0, others)));
    glyphs.truth[row] = label;
    glyphs.labels[row] = isReplaced ? (label + shift) % CLASSES.length : label;
  }
  return glyphs;
}

/** The lines of all classes, those of a pair moved towards each other. */
function confused(pairs: readonly (readonly [number, number])[], confusion: number): (readonly Point[])[] {
  checkList('renderedGlyphs', 'pairs', pairs);
  const shapes: (readonly Point[])[] = [...lines];
  const taken = new Set<number>();
  for (const pair of pairs) {
    checkList('renderedGlyphs', 'a pair', pair);
    const [a, b] = pair;
    const isPair = pair.length === 2 && a !== b && pair.every((label) => lines[label] && !taken.has(label));
    if (!isPair)
      throw new Error(
        `renderedGlyphs: pairs are of two classes from 0 to 9, each once, got ${inWords(pair)}`,
      );
    for (const label of pair) taken.add(label);
    shapes[a] = lines[a]!.map((point, i) => between(point, lines[b]![i]!, confusion / 2));
    shapes[b] = lines[b]!.map((point, i) => between(point, lines[a]![i]!, confusion / 2));
  }
  return shapes;
}

/** A line turned, sheared, stretched, moved and bent, still about -1 to 1. */
function writtenBy(draw: Draws, line: readonly Point[], distortion: number): Point[] {
  const [sine, cosine] = sineCosine(distortion * draw.between(-0.2, 0.2));
  const shear = distortion * draw.between(-0.25, 0.25);
  const [stretchX, stretchY] = [1, 1].map((one) => one + distortion * draw.between(-0.15, 0.15)) as [
    number,
    number,
  ];
  const [moveX, moveY] = [draw.between(-0.12, 0.12), draw.between(-0.12, 0.12)];
  const bends = Array.from(
    { length: KNOTS },
    (): Point => [draw.between(-0.09, 0.09), draw.between(-0.09, 0.09)],
  );
  return line.map(([x, y], i) => {
    const place = (i / STEPS) * (KNOTS - 1);
    const knot = Math.floor(place);
    const bend = between(bends[knot]!, bends[knot + 1]!, place - knot);
    const [bentX, bentY] = [x + distortion * bend[0], y + distortion * bend[1]];
    const [wideX, wideY] = [stretchX * (bentX + shear * bentY), stretchY * bentY];
    return [
      cosine * wideX - sine * wideY + distortion * moveX,
      sine * wideX + cosine * wideY + distortion * moveY,
    ];
  });
}

/** How much of each pixel is covered, 0 to 1, by a pen that goes along the line. */
function inkOf(
  line: readonly Point[],
  draw: Draws,
  { height, width }: { height: number; width: number },
): Float64Array {
  const scale = 0.36 * Math.min(height, width);
  const radius = scale * draw.between(0.1, 0.22);
  const points = line.map(([x, y]): Point => [width / 2 + scale * x, height / 2 + scale * y]);
  const ink = new Float64Array(height * width);
  for (let i = 0; i < ink.length; i++) {
    const row = Math.floor(i / width);
    const centre: Point = [i - row * width + 0.5, row + 0.5];
    let nearest = Infinity;
    for (let k = 1; k < points.length; k++)
      nearest = Math.min(nearest, squaredDistance(centre, points[k - 1]!, points[k]!));
    ink[i] = 1 - step(radius - 0.5, radius + 0.5, Math.sqrt(nearest));
  }
  return ink;
}

function squaredDistance([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX * alongX + alongY * alongY;
  const share = length === 0 ? 0 : ((x - fromX) * alongX + (y - fromY) * alongY) / length;
  const inside = Math.max(0, Math.min(1, share));
  const [awayX, awayY] = [x - fromX - inside * alongX, y - fromY - inside * alongY];
  return awayX * awayX + awayY * awayY;
}
