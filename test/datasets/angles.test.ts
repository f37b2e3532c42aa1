/** Directions and the angles between them, against cases that can be worked out by hand. */
import { expect, test } from 'vitest';
import {
  gazeDirection,
  headAxes,
  headRotationVector,
  RADIANS,
  sineCosine,
} from '../../datasets/images/angles.ts';
import { angularErrors, gazeAngles, headAngles } from '../../datasets/images/gaze.ts';

const degrees = (...angles: number[]) => angles.map((angle) => angle * RADIANS);

test('angular errors worked out by hand', () => {
  const a = degrees(0, 0, 10, 0, 0, -20, 60, 0, 45, 90, 0, 0);
  const b = degrees(0, 0, -5, 0, 0, 20, 60, 90, 45, -90, 0, 180);
  // cos² 60° cos 90° + sin² 60° = 3/4; at pitch 45° on opposite sides a right angle; then the opposite direction.
  const wanted = [0, 15, 40, Math.acos(0.75) / RADIANS, 90, 180];
  const errors = angularErrors(a, b);
  expect(errors.length).toBe(6);
  for (const [i, error] of wanted.entries()) expect(errors[i]).toBeCloseTo(error, 12);
});

test('small angles keep their digits', () => {
  expect(angularErrors([0.3, 0.2], [0.3 + 1e-9, 0.2])[0]! / (1e-9 / RADIANS)).toBeCloseTo(1, 6);
});

test('lists that do not match are an error', () => {
  expect(() => angularErrors([0, 0], [0, 0, 0, 0])).toThrow('angularErrors: 2 and 4 numbers');
  expect(() => angularErrors([0], [0])).toThrow('(pitch, yaw) pairs');
});

test('sine and cosine by series are those of the engine', () => {
  for (let angle = -Math.PI / 2; angle <= Math.PI / 2; angle += 0.01) {
    const [sine, cosine] = sineCosine(angle);
    expect(Math.abs(sine - Math.sin(angle))).toBeLessThan(3e-16);
    expect(Math.abs(cosine - Math.cos(angle))).toBeLessThan(3e-16);
  }
});

test('directions there and back; up is positive pitch, the image’s left positive yaw', () => {
  expect(gazeDirection(0, 0)).toEqual([-0, -0, -1]);
  const [x, y] = gazeDirection(0.2, 0.3);
  expect(y).toBeLessThan(0);
  expect(x).toBeLessThan(0);
  for (const [pitch, yaw] of [
    [0.3, -0.4],
    [-0.2, 1.2],
  ] as const) {
    const angles = gazeAngles(gazeDirection(pitch, yaw));
    expect(angles[0]).toBeCloseTo(pitch, 14);
    expect(angles[1]).toBeCloseTo(yaw, 14);
  }
});

test('the axes of a head are a right-handed system, and a head looks along its -z', () => {
  const { x, y, z } = headAxes(0.3, -0.5);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  for (const [a, b, wanted] of [
    [x, x, 1],
    [y, y, 1],
    [z, z, 1],
    [x, y, 0],
    [y, z, 0],
    [x, z, 0],
  ] as const)
    expect(dot(a, b)).toBeCloseTo(wanted, 14);
  const cross = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
  for (const i of [0, 1, 2]) {
    expect(cross[i]).toBeCloseTo(z[i]!, 14);
    expect(gazeDirection(0.3, -0.5)[i]).toBeCloseTo(-z[i]!, 14);
  }
});

test('a rotation vector gives the head’s angles back; none for a head that looks ahead', () => {
  expect(headRotationVector(0, 0).map(Math.abs)).toEqual([0, 0, 0]);
  const [x, y, z] = headRotationVector(0, 0.7);
  expect([x, z].map(Math.abs)).toEqual([0, 0]);
  expect(y).toBeCloseTo(0.7, 14);
  for (const angles of [
    [0.3, -0.5],
    [-1e-9, 1e-9],
    [0.1, 1.5],
  ] as const)
    for (const [i, angle] of headAngles(headRotationVector(angles[0], angles[1])).entries())
      expect(angle).toBeCloseTo(angles[i]!, 14);
});
