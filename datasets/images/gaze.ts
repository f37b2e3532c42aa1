/**
 * Directions of gaze and head as (pitch, yaw) in radians, in the conventions of MPIIGaze: camera coordinates, x to the
 * right, y down, z away from the camera. A gaze of (0, 0) is straight into the camera; its pitch is positive upwards.
 */
import { checkNumberList, inWords } from '../../base/borders.ts';

export type Vector3 = readonly [number, number, number];
export type Angles = readonly [pitch: number, yaw: number];

/** Of a unit vector from the eye towards the target: pitch = asin(-y), yaw = atan2(-x, -z). */
export function gazeAngles(direction: Vector3): Angles {
  checkTuple('gazeAngles', direction, '[x, y, z]', 3);
  const [x, y, z] = direction;
  return [Math.asin(clamped(-y)), Math.atan2(-x, -z)];
}

/** The unit vector of a gaze: (-cos p · sin w, -sin p, -cos p · cos w). */
export function gazeVector(gaze: Angles): Vector3 {
  checkAngles('gazeVector', gaze);
  return vectorOf(gaze);
}

function vectorOf([pitch, yaw]: Angles): Vector3 {
  const level = Math.cos(pitch);
  return [-level * Math.sin(yaw), -Math.sin(pitch), -level * Math.cos(yaw)];
}

/**
 * Of a head's rotation vector (axis times angle in radians, after Rodrigues): where its z axis points, pitch = asin(y),
 * yaw = atan2(x, z). Roll is lost.
 */
export function headAngles(rotation: Vector3): Angles {
  checkTuple('headAngles', rotation, 'a rotation vector [x, y, z]', 3);
  const angle = Math.hypot(...rotation);
  if (angle === 0) return [0, 0];
  const [kx, ky, kz] = rotation.map((value) => value / angle) as [number, number, number];
  const [sin, rest] = [Math.sin(angle), 1 - Math.cos(angle)];
  // The third column of the rotation matrix.
  const [x, y, z] = [kx * kz * rest + ky * sin, ky * kz * rest - kx * sin, 1 - rest + kz * kz * rest];
  return [Math.asin(clamped(y)), Math.atan2(x, z)];
}

/** The rotation vector without roll about z that turns a head so: `headAngles` gives the angles back. */
export function headRotation(angles: Angles): Vector3 {
  checkAngles('headRotation', angles);
  const [pitch, yaw] = angles;
  const level = Math.cos(pitch);
  const [x, y, z] = [level * Math.sin(yaw), Math.sin(pitch), level * Math.cos(yaw)];
  const sin = Math.hypot(x, y);
  const angle = Math.atan2(sin, z);
  // Straight back: any axis in the plane will do.
  if (sin < 1e-15) return [0, z > 0 ? 0 : Math.PI, 0];
  return [(-y / sin) * angle, (x / sin) * angle, 0];
}

/** Between two gazes, in degrees: 0 to 180, exact for small angles too. */
export function angularError(a: Angles, b: Angles): number {
  checkAngles('angularError', a);
  checkAngles('angularError', b);
  return errorBetween(a, b);
}

function errorBetween(a: Angles, b: Angles): number {
  const [u, v] = [vectorOf(a), vectorOf(b)];
  const cross = Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
  return (Math.atan2(cross, u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) * 180) / Math.PI;
}

/**
 * `angularError` of each row of two lists of (pitch, yaw), in degrees.
 *
 * @throws RangeError unless both have the same even length.
 */
export function angularErrors(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  checkNumberList('angularErrors', a);
  checkNumberList('angularErrors', b);
  if (a.length !== b.length || a.length % 2 !== 0)
    throw new RangeError(
      `angularErrors: ${a.length} and ${b.length} numbers; wants as many (pitch, yaw) pairs in both`,
    );
  const pair = (list: ArrayLike<number>, i: number): Angles => [list[2 * i]!, list[2 * i + 1]!];
  return Float64Array.from({ length: a.length / 2 }, (_, i) => errorBetween(pair(a, i), pair(b, i)));
}

function checkAngles(where: string, angles: Angles): void {
  checkTuple(where, angles, '[pitch, yaw] in radians', 2);
}

function checkTuple(where: string, given: ArrayLike<number>, wants: string, length: number): void {
  const isTuple = given !== null && typeof given === 'object' && given.length === length;
  for (let i = 0; i < length; i++)
    if (!isTuple || typeof given[i] !== 'number')
      throw new Error(`${where}: wants ${wants}, got ${inWords(given)}`);
}

/** Rounding may take a component of a unit vector over 1. */
function clamped(sine: number): number {
  return Math.max(-1, Math.min(1, sine));
}
