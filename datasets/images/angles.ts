/**
 * Directions of `gaze.ts` from angles, computed alike in every engine, for pictures that have to be the same everywhere;
 * and a head's axes.
 */
import type { Vector3 } from './gaze.ts';

export const RADIANS = Math.PI / 180;

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

const SERIES_TERMS = 12;

/**
 * Sine and cosine for angles up to a right one, by their series: additions, products and divisions alone, which IEEE 754
 * fixes, so that pixels are the same in every engine. `Math.sin` is not: each may round as it likes.
 */
export function sineCosine(angle: number): [sine: number, cosine: number] {
  const square = angle * angle;
  let [sine, cosine] = [1, 1];
  for (let k = SERIES_TERMS; k > 0; k--) {
    sine = 1 - (square * sine) / (2 * k * (2 * k + 1));
    cosine = 1 - (square * cosine) / ((2 * k - 1) * (2 * k));
  }
  return [angle * sine, cosine];
}

/** The unit vector from the eye to what it looks at. */
export function gazeDirection(pitch: number, yaw: number): Vector3 {
  const [sinPitch, cosPitch] = sineCosine(pitch);
  const [sinYaw, cosYaw] = sineCosine(yaw);
  return [-cosPitch * sinYaw, -sinPitch, -cosPitch * cosYaw];
}

/**
 * The axes of a head without roll in camera coordinates: `x` to the image's right, `y` down, `z` out of the back of the
 * head. They are the columns of its rotation matrix.
 */
export function headAxes(pitch: number, yaw: number): { x: Vector3; y: Vector3; z: Vector3 } {
  const [sinPitch, cosPitch] = sineCosine(pitch);
  const [sinYaw, cosYaw] = sineCosine(yaw);
  return {
    x: [cosYaw, 0, -sinYaw],
    y: [-sinPitch * sinYaw, cosPitch, -sinPitch * cosYaw],
    z: [cosPitch * sinYaw, sinPitch, cosPitch * cosYaw],
  };
}

/** A head's rotation as MPIIGaze stores it: the axis that it turns about, as long as the angle (Rodrigues). */
export function headRotationVector(pitch: number, yaw: number): Vector3 {
  const { x, y, z } = headAxes(pitch, yaw);
  const axis = [y[2] - z[1], z[0] - x[2], x[1] - y[0]] as const;
  const sine = Math.sqrt(dot(axis, axis)) / 2;
  const angle = Math.atan2(sine, (x[0] + y[1] + z[2] - 1) / 2);
  const scale = sine === 0 ? 0.5 : angle / (2 * sine);
  return [scale * axis[0], scale * axis[1], scale * axis[2]];
}
