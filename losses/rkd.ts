/** Relational distillation: not what a network says of a sample, but how samples lie to each other. */
import { detach, div, equal, greater, maximum, sub, where } from '../engine/ops/elementwise.ts';
import { matmul } from '../engine/ops/matmul.ts';
import { reshape, slice } from '../engine/ops/movement.ts';
import { l2Norm, sum } from '../engine/ops/reduce.ts';
import { sameShape, ShapeError, show } from '../engine/shape.ts';
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type LossOptions } from './loss.ts';
import { huber } from './regression.ts';

export interface RelationInputs {
  /** The student's, (…, rows, features). */
  features: Tensor;
  /** The teacher's, (…, rows, other features): the same rows; no gradient flows there. */
  teacherFeatures: Tensor;
}

export interface AngleOptions extends LossOptions {
  /** The first so many rows of a batch form triplets: time and memory grow with the third power. 64 unless given. */
  rows?: number;
}

/**
 * Distances between rows, each set divided by its own mean: RKD-D of Park et al. 2019 (arXiv:1904.05068).
 *
 *     d = ‖f_i - f_j‖ / mean of those above 0;  mean over all i, j of smooth L1 (d - d of the teacher)
 *
 * Scalar, or (seeds) with `leadingAxes` 1. Both networks may have any number of features.
 *
 * @throws ShapeError unless both have the leading axes and at least two rows in common.
 */
export function rkdDistance(
  { features, teacherFeatures }: RelationInputs,
  options: LossOptions = {},
): Tensor {
  checkRows('rkdDistance', features, teacherFeatures);
  const label = noGrad(() => distances(detach(teacherFeatures)));
  return huber({ pred: distances(features), label }, {}, options);
}

/**
 * Cosines of the angles that rows j and k form at row i: RKD-A of Park et al. 2019 (arXiv:1904.05068).
 *
 *     u_ij = (f_j - f_i) / ‖f_j - f_i‖;  mean over all i, j, k of smooth L1 (u_ij·u_ik - that of the teacher)
 *
 * Scalar, or (seeds) with `leadingAxes` 1. With one feature all cosines are ±1, and there is nothing to learn.
 *
 * @throws ShapeError as `rkdDistance`; an error unless `rows` is an integer of at least 2.
 */
export function rkdAngle(
  { features, teacherFeatures }: RelationInputs,
  { rows = 64, ...options }: AngleOptions = {},
): Tensor {
  checkRows('rkdAngle', features, teacherFeatures);
  if (!(Number.isInteger(rows) && rows >= 2))
    throw new Error(`rkdAngle: rows must be an integer of at least 2, got ${rows}`);
  const cosines = (x: Tensor) => {
    const units = directions(slice(x, -2, 0, Math.min(rows, x.shape.at(-2)!)));
    return matmul(units, units, { transposeB: true });
  };
  const label = noGrad(() => cosines(detach(teacherFeatures)));
  return huber({ pred: cosines(features), label }, {}, options);
}

/** f_j - f_i, (…, i, j, features). */
function differences(x: Tensor): Tensor {
  const lead = x.shape.slice(0, -2);
  const [rows, features] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return sub(reshape(x, [...lead, 1, rows, features]), reshape(x, [...lead, rows, 1, features]));
}

/** (…, rows, rows), of mean 1 without the zeros. */
function distances(x: Tensor): Tensor {
  const d = l2Norm(differences(x), -1);
  const total = sum(d, [-2, -1], { keepDims: true });
  const count = sum(greater(d, 0), [-2, -1], { keepDims: true });
  // Rows that are all alike have no distance above 0.
  const mean = div(total, maximum(count, 1));
  return div(d, where(equal(mean, 0), 1, mean));
}

function directions(x: Tensor): Tensor {
  const d = differences(x);
  const length = l2Norm(d, -1, { keepDims: true });
  return div(d, where(equal(length, 0), 1, length));
}

function checkRows(name: string, features: Tensor, teacherFeatures: Tensor): void {
  const [own, other] = [features.shape, teacherFeatures.shape];
  if (own.length >= 2 && own.at(-2)! >= 2 && sameShape(own.slice(0, -1), other.slice(0, -1))) return;
  throw new ShapeError(
    `${name}: features ${show(own)} and teacherFeatures ${show(other)}; wants (…, rows, features) with the same rows, at least two`,
  );
}
