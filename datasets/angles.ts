/**
 * Directions as MPIIGaze writes them: the camera looks along z, x is to the right and y down in the image; a gaze of
 * pitch 0 and yaw 0 looks into the camera, positive pitch is up, positive yaw to the image's left. All in radians.
 */

export type Vector = readonly [x: number, y: number, z: number];

export const RADIANS = Math.PI / 180;

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
export function gazeDirection(pitch: number, yaw: number): Vector {
  const [sinPitch, cosPitch] = sineCosine(pitch);
  const [sinYaw, cosYaw] = sineCosine(yaw);
  return [-cosPitch * sinYaw, -sinPitch, -cosPitch * cosYaw];
}

/** Pitch and yaw of a direction of any length. */
export function gazeAngles([x, y, z]: Vector): [pitch: number, yaw: number] {
  return [Math.asin(-y / Math.sqrt(x * x + y * y + z * z)), Math.atan2(-x, -z)];
}

/**
 * The axes of a head without roll in camera coordinates: `x` to the image's right, `y` down, `z` out of the back of the
 * head. They are the columns of its rotation matrix.
 */
export function headAxes(pitch: number, yaw: number): { x: Vector; y: Vector; z: Vector } {
  const [sinPitch, cosPitch] = sineCosine(pitch);
  const [sinYaw, cosYaw] = sineCosine(yaw);
  return {
    x: [cosYaw, 0, -sinYaw],
    y: [-sinPitch * sinYaw, cosPitch, -sinPitch * cosYaw],
    z: [cosPitch * sinYaw, sinPitch, cosPitch * cosYaw],
  };
}

/**
 * Angles in degrees between two lists of directions, each (pitch, yaw) in radians, one pair after the other.
 *
 * @throws RangeError unless both have the same even length.
 */
export function angularErrors(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length || a.length % 2 !== 0)
    throw new RangeError(
      `angularErrors: ${a.length} and ${b.length} numbers; wants as many (pitch, yaw) pairs in both`,
    );
  return Float64Array.from({ length: a.length / 2 }, (_, i) =>
    angleBetween(a[2 * i]!, a[2 * i + 1]!, b[2 * i]!, b[2 * i + 1]!),
  );
}

/** By the haversine: exact for small angles, where the arc cosine of a product loses half of the digits. */
function angleBetween(pitchA: number, yawA: number, pitchB: number, yawB: number): number {
  const [pitch, yaw] = [Math.sin((pitchA - pitchB) / 2), Math.sin((yawA - yawB) / 2)];
  const haversine = pitch * pitch + Math.cos(pitchA) * Math.cos(pitchB) * yaw * yaw;
  return (2 * Math.asin(Math.sqrt(Math.min(1, Math.max(0, haversine))))) / RADIANS;
}
