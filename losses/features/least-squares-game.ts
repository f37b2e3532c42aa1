/** The least-squares game between a discriminator and what it judges (Mao et al. 2017, arXiv:1611.04076). */
import { add, square, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';

/** What a discriminator says, (…, rows, …): 1 for what it takes for real. */
export interface Verdicts {
  readonly real: Tensor;
  readonly fake: Tensor;
}

/** mean (1 - D(real))² + mean D(fake)², to be minimised by the discriminator; scalar, or (seeds) with `leadingAxes` 1. */
export function discriminatorLoss({ real, fake }: Verdicts, options: LossOptions = {}): Tensor {
  return add(foolingLoss(real, options), meanOf(square(fake), options));
}

/** mean (1 - D(fake))², to be minimised by what makes the fake, likewise. */
export function foolingLoss(fake: Tensor, options: LossOptions = {}): Tensor {
  return meanOf(square(sub(1, fake)), options);
}

/** Over all but the leading axes. */
export function meanOf(x: Tensor, { leadingAxes = 0 }: LossOptions = {}): Tensor {
  return mean(
    x,
    x.shape.map((_, axis) => axis).filter((axis) => axis >= leadingAxes),
  );
}
