/** Draws a head of ellipsoids, skull, nose, ears, neck, seen from a camera beside it and lit from somewhere. */
import { dot } from './angles.ts';
import type { Vector3 } from './gaze.ts';
import type { Draws } from './draws.ts';
import { bump, step } from './ramps.ts';

/**
 * What differs between subjects: millimetres, and shares of light. Head coordinates: from the middle of the skull, x to
 * the subject's left, y down, z to the back.
 */
export interface HeadShape {
  skull: Vector3;
  nose: { size: Vector3; height: number };
  ear: number;
  eyeHeight: number;
  eyeDistance: number;
  mouthHeight: number;
  hairLine: number;
  sideburns: number;
  skin: number;
  hair: number;
  lips: number;
  brow: number;
  shirt: number;
  hasGlasses: boolean;
}

export const HEAD_SHAPE_DRAWS = 192;

export function drawHeadShape(draw: Draws): HeadShape {
  const skin = draw.between(0.25, 0.8);
  return {
    skull: [draw.normal(76, 4), draw.normal(112, 5), draw.normal(96, 4)],
    nose: { size: [draw.normal(15, 2), draw.normal(26, 3), draw.normal(24, 3)], height: draw.normal(18, 3) },
    ear: draw.normal(1, 0.12),
    eyeHeight: draw.normal(-12, 3),
    eyeDistance: draw.normal(31, 2),
    mouthHeight: draw.normal(58, 3),
    hairLine: draw.normal(-62, 9),
    sideburns: draw.between(-40, 60),
    skin,
    hair: draw.between(0.03, 0.6),
    lips: draw.between(0.6, 0.9),
    brow: draw.between(0.2, 0.7),
    shirt: draw.between(0.1, 0.9),
    hasGlasses: draw.chance(0.2),
  };
}

export interface HeadView {
  /** Sine and cosine of the camera's yaw and pitch. */
  yaw: readonly [sine: number, cosine: number];
  pitch: readonly [sine: number, cosine: number];
  /** Of the head's middle, in millimetres, and millimetres a pixel of a picture 48 pixels wide. */
  offset: readonly [x: number, y: number];
  scale: number;
  /** Unit vector to the flash in the subject's coordinates, how strong it is, and the light of the room. */
  light: Vector3;
  flash: number;
  ambient: number;
  /** Greys of the background at its left and right. */
  background: readonly [number, number];
}

interface Ellipsoid {
  centre: Vector3;
  size: Vector3;
  colourAt(point: Vector3): number;
}

/** Light of each pixel from 0 to about 1, row by row. The projection is parallel. */
export function renderHead(
  shape: HeadShape,
  view: HeadView,
  { height, width, samples }: { height: number; width: number; samples: number },
  out: Float64Array,
): void {
  const parts = partsOf(shape);
  const millimetres = (48 / width) * view.scale;
  const [right, down, ahead] = cameraAxes(view);
  const place = (pixel: number, sample: number, length: number) =>
    (pixel + (sample + 0.5) / samples - length / 2) * millimetres;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [left, other] = view.background;
      const background = left + ((other - left) * (column + 0.5)) / width;
      let sum = 0;
      for (let j = 0; j < samples; j++) {
        const y = place(row, j, height) - view.offset[1];
        for (let i = 0; i < samples; i++) {
          const x = place(column, i, width) - view.offset[0];
          const from: Vector3 = [0, 1, 2].map((k) => x * right[k]! + y * down[k]!) as unknown as Vector3;
          sum += nearest(parts, from, ahead, view) ?? background;
        }
      }
      out[row * width + column] = sum / (samples * samples);
    }
  }
}

/** In the subject's coordinates: to the right of the picture, down in it, and away from the camera. */
function cameraAxes({
  yaw: [sinYaw, cosYaw],
  pitch: [sinPitch, cosPitch],
}: HeadView): [Vector3, Vector3, Vector3] {
  return [
    [cosYaw, 0, -sinYaw],
    [-sinPitch * sinYaw, cosPitch, -sinPitch * cosYaw],
    [cosPitch * sinYaw, sinPitch, cosPitch * cosYaw],
  ];
}

/** The light of what a ray meets first. */
function nearest(
  parts: readonly Ellipsoid[],
  from: Vector3,
  ahead: Vector3,
  { light, flash, ambient }: HeadView,
): number | undefined {
  let [best, met]: [number, Ellipsoid | undefined] = [Infinity, undefined];
  for (const part of parts) {
    const { centre, size } = part;
    let [a, b, c] = [0, 0, -1];
    for (let k = 0; k < 3; k++) {
      const d = ahead[k]! / size[k]!;
      const o = (from[k]! - centre[k]!) / size[k]!;
      a += d * d;
      b += d * o;
      c += o * o;
    }
    const root = b * b - a * c;
    if (root < 0) continue;
    const distance = (-b - Math.sqrt(root)) / a;
    if (distance < best) [best, met] = [distance, part];
  }
  if (!met) return undefined;
  const { centre, size } = met;
  const point = [0, 1, 2].map((k) => from[k]! + best * ahead[k]!) as unknown as Vector3;
  const normal = [0, 1, 2].map((k) => (point[k]! - centre[k]!) / size[k]! ** 2) as unknown as Vector3;
  const lit = Math.max(0, dot(normal, light)) / Math.sqrt(dot(normal, normal));
  return met.colourAt(point) * (ambient + flash * lit);
}

function partsOf(shape: HeadShape): Ellipsoid[] {
  const { skull, nose, ear, skin } = shape;
  const plain = () => skin;
  const front = -skull[2] * 0.93;
  return [
    { centre: [0, 0, 0], size: skull, colourAt: (point) => faceColour(shape, point) },
    {
      centre: [0, nose.height, front],
      size: nose.size,
      colourAt: ([, y]) => skin * (1 - 0.5 * bump((y - nose.height - nose.size[1] * 0.8) / 8)),
    },
    ...[-1, 1].map((side) => ({
      centre: [side * skull[0], 4, 12] as const,
      size: [9 * ear, 30 * ear, 18 * ear] as const,
      colourAt: plain,
    })),
    // Hair stands off the skull, at the back and on top.
    {
      centre: [0, -14, 14],
      size: [skull[0] * 1.06, skull[1] * 0.98, skull[2] * 0.98],
      colourAt: () => shape.hair,
    },
    { centre: [0, 130, 20], size: [52, 70, 55], colourAt: plain },
    { centre: [0, 250, 25], size: [210, 110, 100], colourAt: () => shape.shirt },
  ];
}

function faceColour(shape: HeadShape, [x, y, z]: Vector3): number {
  const isHair = Math.max(
    step(-4, 4, shape.hairLine + 0.004 * x * x - y),
    step(-10, 10, z - shape.sideburns) * step(-70, -50, -y),
  );
  let colour = shape.skin;
  if (z < 0) {
    const side = Math.abs(x) - shape.eyeDistance;
    const eye = bump(side / 17) * bump((y - shape.eyeHeight) / 8);
    const iris = bump(side / 8) * bump((y - shape.eyeHeight) / 8);
    colour += eye * (0.75 - colour) + iris * (0.05 - 0.75);
    colour *= 1 - shape.brow * bump(side / 22) * bump((y - shape.eyeHeight + 17) / 6);
    colour *= 1 - 0.35 * bump(side / 24) * bump((y - shape.eyeHeight + 2) / 18);
    colour *= 1 - (1 - shape.lips) * 1.6 * bump(x / 28) * bump((y - shape.mouthHeight) / 9);
    colour *= 1 - 0.5 * bump(x / 26) * bump((y - shape.mouthHeight) / 3);
    if (shape.hasGlasses) {
      const rim = Math.sqrt(side * side + (y - shape.eyeHeight) ** 2) - 20;
      colour *= 1 - 0.8 * bump(rim / 3.5);
    }
  }
  return Math.max(0.02, colour + isHair * (shape.hair - colour));
}
