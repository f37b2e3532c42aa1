/** Mixtures of a teacher's layers: differentiable feature aggregation (Guan et al. 2020, arXiv:2008.00506), equation by equation. */
import { checkList } from '../../engine/borders.ts';
import { add, div, mul, sqrt, square, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { stack } from '../../engine/ops/movement/stack.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { ShapeError, show, sizeOf } from '../../engine/shape.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';

/** Keeps a layer that is silent for a whole batch at 0. */
const LEAST = 1e-12;

export interface MixtureOptions {
  /** Axes of models side by side, 1 or 0. */
  readonly leadingAxes: number;
}

/**
 * Layers' outputs of one shape, (…, rows, …shape) each, as what `mixture` takes, (…, layers, rows·…shape): each divided by the
 * root of its mean square over the batch, or the weights would follow the layers' scales. No gradient flows to them.
 */
export function mixable(layers: readonly Tensor[], { leadingAxes }: MixtureOptions): Tensor {
  checkList('mixable', 'layers', layers);
  return noGrad(() => {
    const rows = layers.map((x) => {
      const lead = x.shape.slice(0, leadingAxes);
      return reshape(x, [...lead, sizeOf(x.shape.slice(leadingAxes))]);
    });
    const all = stack(rows, leadingAxes);
    return div(all, sqrt(add(mean(square(all), [-1], { keepDims: true }), LEAST)));
  });
}

/**
 * Σ_j α_j T_j: the mixture of layers by weights (…, layers), in the shape of one of them. The derivative by α_j is the inner
 * product of the cotangent with T_j: one reduction for all layers.
 *
 * @throws ShapeError where there is not a weight for each layer.
 */
export function mixture(layers: Tensor, alpha: Tensor, shape: readonly number[]): Tensor {
  const count = layers.shape.at(-2);
  if (alpha.shape.at(-1) !== count || alpha.shape.length !== layers.shape.length - 1)
    throw new ShapeError(`mixture: weights ${show(alpha.shape)} for layers ${show(layers.shape)}`);
  return reshape(sum(mul(layers, reshape(alpha, [...alpha.shape, 1])), [-2]), shape);
}

/** The mean square of a - b, scalar or (models): gradients flow to both, unlike in `mse`, whose label is a constant. */
export function apart(a: Tensor, b: Tensor, { leadingAxes }: MixtureOptions): Tensor {
  const axes = a.shape.map((_, axis) => axis).slice(leadingAxes);
  return mean(square(sub(a, b)), axes);
}
