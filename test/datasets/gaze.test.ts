/** Directions as angles and back, by hand; splits by person. */
import { expect, test } from 'vitest';
import {
  angularError,
  type Angles,
  gazeAngles,
  gazeVector,
  headAngles,
  headRotation,
  type Vector3,
} from '../../datasets/images/gaze.ts';
import { leaveOneOut, subjectFolds } from '../../datasets/splits.ts';

const half = Math.SQRT1_2;
const { PI } = Math;

function expectClose(got: readonly number[], wanted: readonly number[]) {
  expect(got.length).toBe(wanted.length);
  got.forEach((value, i) => expect(Math.abs(value - wanted[i]!), `${got} ≠ ${wanted}`).toBeLessThan(1e-6));
}

test.each<[Vector3, Angles]>([
  [
    [0, 0, -1],
    [0, 0],
  ],
  [
    [-0.6, 0, -0.8],
    [0, 0.6435011088],
  ],
  [
    [0.6, 0, -0.8],
    [0, -0.6435011088],
  ],
  [
    [0, -0.6, -0.8],
    [0.6435011088, 0],
  ],
  [
    [0, half, -half],
    [-PI / 4, 0],
  ],
  [
    [-0.5, -half, -0.5],
    [PI / 4, PI / 4],
  ],
  [
    [-1, 0, 0],
    [0, PI / 2],
  ],
])('gaze %j is (pitch, yaw) %j', (vector, angles) => {
  expectClose(gazeAngles(vector), angles);
  expectClose(gazeVector(angles), vector);
});

test.each<[Vector3, Angles]>([
  [
    [0, 0, 0],
    [0, 0],
  ],
  [
    [0, 0.3, 0],
    [0, 0.3],
  ],
  [
    [0, -0.3, 0],
    [0, -0.3],
  ],
  [
    [0.3, 0, 0],
    [-0.3, 0],
  ],
  [
    [0, 0, 0.7],
    [0, 0],
  ],
  // A quarter turn about (1, 1, 0) takes z to (1, -1, 0)/√2.
  [
    [(PI / 2) * half, (PI / 2) * half, 0],
    [-PI / 4, PI / 2],
  ],
  // A third of a turn about (1, 1, 1) takes z to x.
  [
    [(2 * PI) / 3 ** 1.5, (2 * PI) / 3 ** 1.5, (2 * PI) / 3 ** 1.5],
    [0, PI / 2],
  ],
])('a head turned by %j looks to (pitch, yaw) %j', (rotation, angles) => {
  expectClose(headAngles(rotation), angles);
  expectClose(headAngles(headRotation(angles)), angles);
});

test('there and back, for many angles', () => {
  for (let pitch = -1.5; pitch <= 1.5; pitch += 0.25) {
    for (let yaw = -3.1; yaw <= 3.1; yaw += 0.31) {
      expectClose(gazeAngles(gazeVector([pitch, yaw])), [pitch, yaw]);
      expectClose(headAngles(headRotation([pitch, yaw])), [pitch, yaw]);
    }
  }
  expectClose(headRotation([0, 0.3]), [0, 0.3, 0]);
  expectClose(headAngles(headRotation([0, PI])), [0, PI]);
});

test('angular error in degrees, also of tiny and of opposite directions', () => {
  expect(angularError([0, 0], [0, PI / 6])).toBeCloseTo(30, 9);
  expect(angularError([0.2, -0.1], [0.2, -0.1])).toBe(0);
  expect(angularError([0, 0], [1e-9, 0])).toBeCloseTo((1e-9 * 180) / PI, 15);
  expect(angularError([0, 0], [0, PI])).toBeCloseTo(180, 9);
});

test('leave one out: nobody is in both parts, everybody is tested once', () => {
  const subjects = [4, 1, 4, 2, 1, 4];
  expect(leaveOneOut(subjects)).toEqual([
    { subjects: [1], train: Uint32Array.of(0, 2, 3, 5), test: Uint32Array.of(1, 4) },
    { subjects: [2], train: Uint32Array.of(0, 1, 2, 4, 5), test: Uint32Array.of(3) },
    { subjects: [4], train: Uint32Array.of(1, 3, 4), test: Uint32Array.of(0, 2, 5) },
  ]);
});

test('folds by subject are about equally large', () => {
  const subjects = [7, 7, 7, 7, 1, 1, 2, 3, 3, 3];
  const folds = subjectFolds(subjects, { folds: 3 });
  expect(folds.map((fold) => fold.subjects)).toEqual([[7], [3], [1, 2]]);
  expect(folds.map(({ test: part }) => part.length)).toEqual([4, 3, 3]);
  expect(folds.flatMap(({ test: part }) => [...part]).sort((a, b) => a - b)).toEqual([...subjects.keys()]);
  expect(() => subjectFolds(subjects, { folds: 5 })).toThrow('wants 2 to 4, the number of subjects, got 5');
  expect(() => leaveOneOut([1, 1])).toThrow('wants 2 to 1');
});
