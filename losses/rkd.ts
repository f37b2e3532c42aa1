/** Relational distillation: not what a network says of a sample, but how samples lie relative to one another. */
import { checkNamed, checkOptions } from '../engine/borders.ts';
import {
  add,
  detach,
  div,
  equal,
  lessEqual,
  maximum,
  mul,
  sqrt,
  square,
  sub,
  where,
} from '../engine/ops/pointwise/elementwise.ts';
import { matmul } from '../engine/ops/matmul/matmul.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { slice } from '../engine/ops/movement/slice.ts';
import { mean } from '../engine/ops/reduce/reduce.ts';
import { sum } from '../engine/ops/reduce/sum.ts';
import { sameShape, ShapeError, show } from '../engine/shape.ts';
import { noGrad } from '../engine/tape.ts';
import { checkFloats, type Tensor } from '../engine/tensor.ts';
import { type LossOptions } from './loss.ts';
import { huber } from './regression.ts';

export interface RelationInputs {
  /** The student's, (…, rows, features). */
  features: Tensor;
  /** The teacher's, (…, rows, other features): the same rows; no gradient flows there. */
  teacherFeatures: Tensor;
}

export interface AngleOptions extends LossOptions {
  /** The first so many rows of a batch form triplets: time and memory grow with the third power. 32 unless given. */
  rows?: number | undefined;
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
export function rkdDistance(inputs: RelationInputs, options: LossOptions = {}): Tensor {
  checkRows('rkdDistance', inputs);
  const { features, teacherFeatures } = inputs;
  const label = noGrad(() => scaledDistances(detach(teacherFeatures)));
  return huber({ pred: scaledDistances(features), label }, {}, options);
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
export function rkdAngle(inputs: RelationInputs, given: AngleOptions = {}): Tensor {
  checkRows('rkdAngle', inputs);
  checkOptions('rkdAngle', given, 'rows leadingAxes');
  const { features, teacherFeatures } = inputs;
  const { rows = 32, ...options } = given;
  if (!(Number.isInteger(rows) && rows >= 2))
    throw new Error(`rkdAngle: rows must be an integer of at least 2, got ${rows}`);
  const first = (x: Tensor) => slice(x, -2, 0, Math.min(rows, x.shape.at(-2)!));
  const label = noGrad(() => cosines(first(detach(teacherFeatures))));
  return huber({ pred: cosines(first(features)), label }, {}, options);
}

/** What the rows of one network are to each other, (…, rows, rows) each. */
interface Relations {
  /** Products of rows, from which the mean row was subtracted: that changes no difference, and leaves more digits. */
  readonly products: Tensor;
  /** ‖f_i‖² as a column. */
  readonly squares: Tensor;
  /** 1 where two rows differ, else 0: on the diagonal, and where they are alike up to rounding. */
  readonly isApart: Tensor;
  /** ‖f_i - f_j‖, 0 where they do not differ. */
  readonly distances: Tensor;
}

/** Rows whose squared distance is a smaller share of their squared lengths count as one: it would be mostly rounding. */
const ALIKE = 1e-5;

/** By products of rows instead of their differences, which would be as many times larger as there are features. */
function relationsOf(x: Tensor): Relations {
  const centred = sub(x, mean(x, -2, { keepDims: true }));
  const products = matmul(centred, centred, { transposeB: true });
  const squares = sum(square(centred), -1, { keepDims: true });
  const both = add(squares, transposed(squares));
  const apart = sub(both, mul(products, 2));
  // Also where a number is NaN, which must not look like a distance of 0.
  const isApart = noGrad(() => sub(1, lessEqual(apart, mul(both, ALIKE))));
  const distances = where(isApart, sqrt(where(isApart, apart, 1)), 0);
  return { products, squares, isApart, distances };
}

/** Distances of mean 1, those that are 0 not counted. */
function scaledDistances(x: Tensor): Tensor {
  const { distances, isApart } = relationsOf(x);
  const total = sum(distances, [-2, -1], { keepDims: true });
  const count = noGrad(() => maximum(sum(isApart, [-2, -1], { keepDims: true }), 1));
  const average = div(total, count);
  // All rows may be alike.
  return div(distances, where(equal(average, 0), 1, average));
}

/** u_ij·u_ik, (…, i, j, k): (f_j - f_i)·(f_k - f_i) by products of rows, over both distances; 0 where one of them is. */
function cosines(x: Tensor): Tensor {
  const { products, squares, isApart, distances } = relationsOf(x);
  const inverse = div(isApart, where(isApart, distances, 1));
  const [lead, rows] = [x.shape.slice(0, -2), x.shape.at(-2)!];
  const byJK = reshape(products, [...lead, 1, rows, rows]);
  const byIJ = (y: Tensor) => reshape(y, [...lead, rows, rows, 1]);
  const byIK = (y: Tensor) => reshape(y, [...lead, rows, 1, rows]);
  const rest = sub(squares, products);
  const product = add(sub(byJK, byIJ(products)), byIK(rest));
  return mul(mul(product, byIJ(inverse)), byIK(inverse));
}

function transposed(column: Tensor): Tensor {
  return reshape(column, [...column.shape.slice(0, -2), 1, column.shape.at(-2)!]);
}

function checkRows(name: string, inputs: RelationInputs): void {
  checkNamed(name, inputs, 'features teacherFeatures');
  const { features, teacherFeatures } = inputs;
  checkFloats(name, { features, teacherFeatures });
  const [own, other] = [features.shape, teacherFeatures.shape];
  if (own.length >= 2 && own.at(-2)! >= 2 && sameShape(own.slice(0, -1), other.slice(0, -1))) return;
  throw new ShapeError(
    `${name}: features ${show(own)} and teacherFeatures ${show(other)}; wants (…, rows, features) with the same rows, at least two`,
  );
}
