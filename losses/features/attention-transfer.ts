/** Attention transfer: a student looks where its teacher looks. */
import { checkNumber } from '../../base/borders.ts';
import { checkNamed, checkOptions } from '../../engine/borders.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { abs, detach, pow, square } from '../../engine/ops/pointwise/elementwise.ts';
import { l2Normalize } from '../../engine/ops/reduce/normalize.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import { sameShape, ShapeError, show } from '../../engine/shape.ts';
import { noGrad } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';
import { mse } from '../regression.ts';

export interface FeatureMaps {
  /** The student's, (…, rows, channels, height, width). */
  features: Tensor;
  /** The teacher's, of the same rows, height and width; any number of channels. No gradient flows there. */
  teacherFeatures: Tensor;
}

export interface AttentionOptions extends LossOptions {
  /** Of the channels' magnitudes, above 0; 2 unless given. A larger one looks at the strongest channels. */
  power?: number | undefined;
}

/**
 * Attention transfer, the activation-based form of Zagoruyko and Komodakis 2017 (arXiv:1612.03928). A row's map is the mean over
 * its channels of |feature|^power, divided by its length, the root of the sum of squares over positions.
 *
 *     mean over rows and positions of (map - map of the teacher)²
 *
 * Scalar, or (seeds) with `leadingAxes` 1. A map that is 0 everywhere stays 0.
 *
 * @throws ShapeError unless rows, height and width are the same; an error unless `power` is above 0.
 */
export function attentionTransfer(maps: FeatureMaps, given: AttentionOptions = {}): Tensor {
  const name = 'attentionTransfer';
  checkNamed(name, maps, 'features teacherFeatures');
  const { features, teacherFeatures } = maps;
  checkFloats(name, { features, teacherFeatures });
  checkOptions(name, given, 'power leadingAxes');
  const { power = 2, ...options } = given;
  checkNumber(name, 'power', power, { from: 2 ** -10 });
  const [own, other] = [features.shape, teacherFeatures.shape];
  const alike = (shape: readonly number[]) => [...shape.slice(0, -3), ...shape.slice(-2)];
  if (own.length < 4 || own.length !== other.length || !sameShape(alike(own), alike(other)))
    throw new ShapeError(
      `${name}: features ${show(own)} and teacherFeatures ${show(other)}; wants (…, rows, channels, height, width), alike but for channels`,
    );
  const label = noGrad(() => attentionOf(detach(teacherFeatures), power));
  return mse({ pred: attentionOf(features, power), label }, {}, options);
}

/** (…, rows, positions), each row of length 1. */
function attentionOf(features: Tensor, power: number): Tensor {
  const strength = power === 2 ? square(features) : pow(abs(features), power);
  const map = mean(strength, -3);
  const [height, width] = map.shape.slice(-2);
  return l2Normalize(reshape(map, [...map.shape.slice(0, -2), height! * width!]));
}
