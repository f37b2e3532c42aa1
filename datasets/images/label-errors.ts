/** Errors of annotation, as people and calibrations make them: a little everywhere, and grossly now and then. */
import { dot, gazeDirection, headAxes, RADIANS } from './angles.ts';
import type { Draws } from './draws.ts';
import { gazeAngles, type Vector3 } from './gaze.ts';

export const LABEL_DRAWS = 32;

export interface LabelErrors {
  /** Standard deviation in degrees, on the sphere, of each of the two directions across the gaze. */
  annotationError: number;
  /** Share of labels that have nothing to do with the picture. */
  outlierShare: number;
}

/** A label for a true gaze. Whether it is gross depends on no other option, so levels compare on the same rows. */
export function annotate(
  [pitch, yaw]: readonly [number, number],
  draw: Draws,
  { annotationError, outlierShare }: LabelErrors,
  anyGaze: (draw: Draws) => readonly [number, number],
): { gaze: readonly [number, number]; isOutlier: boolean } {
  const isOutlier = draw.chance(outlierShare);
  const random = anyGaze(draw);
  if (isOutlier) return { gaze: random, isOutlier };
  const [right, down] = [
    draw.normal(0, annotationError) * RADIANS,
    draw.normal(0, annotationError) * RADIANS,
  ];
  if (annotationError === 0) return { gaze: [pitch, yaw], isOutlier };
  const gaze = gazeDirection(pitch, yaw);
  const { x, y } = headAxes(pitch, yaw);
  // Along the great circle: tan turns the angle into a length in the tangent plane.
  const angle = Math.sqrt(right * right + down * down);
  const stretch = angle === 0 ? 1 : Math.tan(angle) / angle;
  const moved = [0, 1, 2].map(
    (i) => gaze[i]! + stretch * (right * x[i]! + down * y[i]!),
  ) as unknown as Vector3;
  const length = Math.sqrt(dot(moved, moved));
  return { gaze: gazeAngles([moved[0] / length, moved[1] / length, moved[2] / length]), isOutlier };
}
