/** Draws one eye patch: an eyeball with iris and cornea behind two lids, on a face that is lit from somewhere. */
import { dot, gazeDirection, headAxes } from './angles.ts';
import type { Vector3 } from './gaze.ts';
import { bump, ramp, step } from './ramps.ts';
import type { EyeShape, EyeView } from './eye-shape.ts';

/** What a patch shows: 60 by 36 pixels of the virtual camera of MPIIGaze, f = 960 pixels at 600 mm. */
export const PATCH_MILLIMETRES = [37.5, 22.5] as const;

/** Centre of the cornea's sphere from that of the eyeball, and its radius (Gullstrand's eye). */
const CORNEA_CENTRE = 5.6;
const CORNEA_RADIUS = 7.8;
/** Skin curves less than the eyeball. */
const SKIN_FLATNESS = 1.7;
/** How far lids follow the eye: millimetres a radian. */
const UPPER_FOLLOWS = 9;
const LOWER_FOLLOWS = 3.5;

/** Light of each pixel from 0 to about 1, row by row; `samples` squared rays a pixel. */
export function renderEye(
  shape: EyeShape,
  view: EyeView,
  { height, width, samples }: { height: number; width: number; samples: number },
  out: Float64Array,
): void {
  const colourAt = eyeScene(shape, view);
  const [millimetresX, millimetresY] = [PATCH_MILLIMETRES[0] / width, PATCH_MILLIMETRES[1] / height];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let j = 0; j < samples; j++) {
        const y = (row + (j + 0.5) / samples - height / 2) * millimetresY;
        for (let i = 0; i < samples; i++)
          sum += colourAt((column + (i + 0.5) / samples - width / 2) * millimetresX, y);
      }
      out[row * width + column] = sum / (samples * samples);
    }
  }
}

/** The light that comes from (x, y), millimetres from the patch's centre. The projection is parallel: the eye is far away. */
function eyeScene(shape: EyeShape, view: EyeView): (x: number, y: number) => number {
  const { radius, centre, halfWidth, irisRadius, limbusBlur } = shape;
  const axes = headAxes(view.headPitch, view.headYaw);
  const [headX, headY] = [axes.x, axes.y];
  const [centreX, centreY] = [0, 1].map(
    (i) => axes.x[i]! * centre[0] + axes.y[i]! * centre[1] + axes.z[i]! * centre[2],
  ) as [number, number];
  const optical = gazeDirection(view.gazePitch + shape.axisOffset[0], view.gazeYaw + shape.axisOffset[1]);
  const light = [dot(axes.x, view.light), dot(axes.y, view.light), dot(axes.z, view.light)] as const;
  const glint = glintOf(optical, view.light);

  const down = view.headPitch - view.gazePitch;
  const upper = Math.max(0.8, view.squint * (shape.upperOpening - UPPER_FOLLOWS * down));
  const lower = Math.max(
    0.8,
    view.squint * (shape.lowerOpening + LOWER_FOLLOWS * down * (down > 0 ? 0.6 : 1)),
  );

  return (imageX, imageY) => {
    const x = (imageX - view.offset[0]) / view.scale - centreX;
    const y = (imageY - view.offset[1]) / view.scale - centreY;
    const square = x * x + y * y;

    // Where the face is hit, in head coordinates, with the line between the corners level.
    const z = -radius + square / (2 * SKIN_FLATNESS * radius);
    const faceX = headX[0] * x + headX[1] * y + headX[2] * z + centre[0];
    const faceY = headY[0] * x + headY[1] * y + headY[2] * z + centre[1];
    const along = (faceX + shape.tilt * faceY) / halfWidth;
    const across = faceY - shape.tilt * faceX;
    const place = Math.max(-1, Math.min(1, along));
    const arch = 1 - place * place;
    const upperEdge = -upper * arch * (1 + shape.upperSkew * place);
    const lowerEdge = lower * arch * (1 + shape.lowerSkew * place);

    const open =
      ramp(across - upperEdge, 0.35) * ramp(lowerEdge - across, 0.35) * ramp(1 - along * along, 0.06);
    let colour = 0;
    if (open > 0) {
      const depth = Math.sqrt(Math.max(0, radius * radius - square));
      const facing = (x * optical[0] + y * optical[1] - depth * optical[2]) / radius;
      const fromAxis = facing > 0 ? radius * Math.sqrt(Math.max(0, 1 - facing * facing)) : radius;
      const lit = Math.max(0, x * view.light[0] + y * view.light[1] - depth * view.light[2]) / radius;
      const white =
        shape.sclera * (view.ambient + (1 - view.ambient) * (0.25 + 0.75 * lit)) * (1 - 0.3 * place * place);
      const ring = 1 - 0.5 * step(0.7 * irisRadius, irisRadius, fromAxis);
      const iris = shape.iris * ring * (1.25 - 0.4 * (fromAxis / irisRadius));
      const pupil = 1 - step(view.pupilRadius - 0.25, view.pupilRadius + 0.25, fromAxis);
      const isIris = 1 - step(irisRadius - limbusBlur, irisRadius + limbusBlur, fromAxis);
      const caruncle = step(0.78, 0.92, -along);
      let eye = white + caruncle * (0.75 * shape.skin + 0.1 - white);
      eye += isIris * (iris + pupil * (0.03 - iris) - eye);
      eye *= 0.5 + 0.5 * step(0, 2.6, across - upperEdge);
      const spot = (x - glint[0]) ** 2 + (y - glint[1]) ** 2;
      eye += view.glint * (1 - step(0.15, 1, spot));
      colour = open * eye;
    }
    if (open < 1)
      colour +=
        (1 - open) * skinColour(shape, view, light, { faceX, faceY, along, across, upperEdge, lowerEdge });
    const { shadow } = view;
    const beyond = imageX * shadow.direction[0] + imageY * shadow.direction[1] - shadow.at;
    return colour * (1 - shadow.depth * step(-shadow.softness, shadow.softness, beyond));
  };
}

interface FacePoint {
  faceX: number;
  faceY: number;
  along: number;
  across: number;
  upperEdge: number;
  lowerEdge: number;
}

/** A bulge over the eyeball, a ridge above it, the nose beside it; crease, bag, lashes and brow. */
function skinColour(
  shape: EyeShape,
  view: EyeView,
  light: Vector3,
  { faceX, faceY, along, across, upperEdge, lowerEdge }: FacePoint,
): number {
  const bulge = 1 + (faceX * faceX) / 190 + (faceY * faceY) / 70;
  const slopeX = (-7 * faceX) / (95 * bulge * bulge) - 0.9 * step(9, 19, -faceX) + 0.5 * step(12, 22, faceX);
  const slopeY = (-7 * faceY) / (35 * bulge * bulge) - 0.75 * bump((faceY + 9) / 5);
  const lit =
    (slopeX * light[0] * -1 + slopeY * light[1] * -1 - light[2]) /
    Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
  let colour = shape.skin * (view.ambient + (1 - view.ambient) * 1.25 * Math.max(0, lit));
  const near = 1 - step(0.85, 1.35, Math.abs(along));
  colour *= 1 - shape.crease * near * bump((across - upperEdge + shape.creaseDistance) / 1.5);
  colour *= 1 - shape.bag * near * bump((across - lowerEdge - 3.5) / 2.2);
  colour *= 1 - shape.lashes * near * bump((across - upperEdge + 0.25) / 1.1);
  colour *= 1 - 0.45 * shape.lashes * near * bump((across - lowerEdge - 0.3) / 0.8);
  const brow = step(0, 2.4, shape.browHeight + 0.004 * faceX * faceX - faceY);
  colour *= 1 - shape.brow * brow;
  if (shape.hasGlasses) colour *= 1 - 0.5 * bump((faceY - 10.5 + 0.012 * faceX * faceX) / 1.1);
  return colour;
}

/** Where the lamp is mirrored in the cornea, beside the centre of the eyeball. */
function glintOf(optical: Vector3, light: Vector3): [number, number] {
  const half = [light[0], light[1], light[2] - 1] as const;
  const length = Math.sqrt(dot(half, half));
  return [0, 1].map((i) => CORNEA_CENTRE * optical[i]! + (CORNEA_RADIUS * half[i]!) / length) as [
    number,
    number,
  ];
}
