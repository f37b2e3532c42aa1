/** Similarity-preserving distillation: samples that are alike to the teacher are alike to the student. */
import { checkNamed, checkOptions } from '../../engine/borders.ts';
import { matmul } from '../../engine/ops/matmul/matmul.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { detach } from '../../engine/ops/pointwise/elementwise.ts';
import { l2Normalize } from '../../engine/ops/reduce/normalize.ts';
import { sameShape, ShapeError, show, sizeOf } from '../../engine/shape.ts';
import { noGrad } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';
import { mse } from '../regression.ts';

export interface SimilarityInputs {
  /** The student's, (…, rows, features), or with more axes behind the rows, such as (rows, channels, height, width). */
  features: Tensor;
  /** The teacher's, of the same rows, any number of features. No gradient flows there. */
  teacherFeatures: Tensor;
}

/**
 * Similarities of the rows of a batch (Tung and Mori 2019, arXiv:1907.09682): products of each row with all, each row of products
 * divided by its length.
 *
 *     G = rows of F Fᵀ, each of length 1;  mean over all pairs of (G - G of the teacher)²
 *
 * Scalar, or (seeds) with `leadingAxes` 1; the axis after those counts rows. A row of zeros has similarities of 0.
 *
 * @throws ShapeError unless both have the leading axes and the rows in common, and features.
 */
export function similarityPreserving(inputs: SimilarityInputs, options: LossOptions = {}): Tensor {
  const name = 'similarityPreserving';
  checkNamed(name, inputs, 'features teacherFeatures');
  const { features, teacherFeatures } = inputs;
  checkFloats(name, { features, teacherFeatures });
  checkOptions(name, options, 'leadingAxes');
  const { leadingAxes = 0 } = options;
  const [own, other] = [features.shape, teacherFeatures.shape];
  const isFitting = Number.isInteger(leadingAxes) && leadingAxes >= 0;
  const rows = isFitting ? leadingAxes + 1 : Infinity;
  if (Math.min(own.length, other.length) <= rows || !sameShape(own.slice(0, rows), other.slice(0, rows)))
    throw new ShapeError(
      `${name}: features ${show(own)} and teacherFeatures ${show(other)} with ${leadingAxes} leading axes; wants (…, rows, features) with the same rows`,
    );
  const label = noGrad(() => similarities(detach(teacherFeatures), rows));
  return mse({ pred: similarities(features, rows), label }, {}, options);
}

/** (…, rows, rows), of what has so many axes before the features. */
function similarities(features: Tensor, axes: number): Tensor {
  const lead = features.shape.slice(0, axes);
  const flat = reshape(features, [...lead, sizeOf(features.shape.slice(axes))]);
  return l2Normalize(matmul(flat, flat, { transposeB: true }));
}
