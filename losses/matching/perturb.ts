/** Synthetic points near the data, new in every step: where a student can be compared with its teacher without labels. */
import type { Backend } from '../../engine/backend.ts';
import { checkOptions } from '../../engine/borders.ts';
import { add, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { concat } from '../../engine/ops/movement/concat.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { callOf, normal, uniform } from '../../engine/random.ts';
import { ShapeError, show } from '../../engine/shape.ts';
import type { StepSlot } from '../../engine/step.ts';
import { noGrad } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';

export interface SyntheticOptions {
  /** Of the random numbers. A list for as many models side by side: each draws what it would alone. */
  seed?: number | readonly number[] | undefined;
  /**
   * Tells draws within one step apart. Left out, noise is draw 0, directions are 1, 2, …, and a generator's latent
   * numbers 2^20, and so on from 2^21 with the next ones of the step: they never meet.
   */
  call?: number | undefined;
}

/** What an `n`-th draw of one kind in a step begins with: `first` of the n-th 2^21 calls. */
export function syntheticCall(
  backend: Backend,
  kind: string,
  first: number,
  options: SyntheticOptions,
): number {
  return options.call ?? first + 2 ** 21 * callOf(backend, kind, options);
}

export interface PerturbOptions extends SyntheticOptions {
  /** Deviation of the noise, in units of the inputs; a slot of the step buffer for a schedule. 0.5 unless given. */
  sigma?: number | StepSlot | undefined;
}

export interface MixUpOptions extends SyntheticOptions {
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number | undefined;
}

/**
 * x + sigma·N(0, 1), of x's shape, without a gradient. Inputs should be standardised.
 *
 * @throws unless sigma is at least 0.
 */
export function perturb(x: Tensor, options: PerturbOptions = {}): Tensor {
  checkFloats('perturb', { x });
  checkOptions('perturb', options, 'sigma seed call');
  const { sigma = 0.5, seed } = options;
  if (typeof sigma === 'number' && !(sigma >= 0 && sigma < Infinity))
    throw new Error(`perturb: sigma must be a number of at least 0, got ${sigma}`);
  return noGrad(() => {
    const call = syntheticCall(x.backend, 'noise', 0, options);
    const noise = normal(x.shape, x.backend, { seed, call, stream: 'synthetic' });
    return add(x, mul(noise, typeof sigma === 'number' ? sigma : stepValue(sigma, x.backend)));
  });
}

/**
 * u x_i + (1 - u) x_j with u uniform in [0, 1), one for each row, j the row after i (Zhang et al. 2018, arXiv:1710.09412,
 * with α = 1): batches are shuffled, so that is a random row. Of x's shape, without a gradient.
 *
 * @throws ShapeError unless x has at least two rows.
 */
export function mixUp(x: Tensor, options: MixUpOptions = {}): Tensor {
  checkFloats('mixUp', { x });
  checkOptions('mixUp', options, 'seed call leadingAxes');
  const { seed, leadingAxes: axis = 0 } = options;
  const rows = x.shape[axis];
  if (rows === undefined || rows < 2)
    throw new ShapeError(`mixUp: x ${show(x.shape)} with ${axis} leading axes; wants at least two rows`);
  return noGrad(() => {
    const call = syntheticCall(x.backend, 'noise', 0, options);
    const share = uniform(x.shape.slice(0, axis + 1), x.backend, { seed, call, stream: 'synthetic' });
    const u = reshape(
      share,
      x.shape.map((length, i) => (i <= axis ? length : 1)),
    );
    const next = concat([slice(x, axis, 1, rows), slice(x, axis, 0, 1)], axis);
    return add(next, mul(u, sub(x, next)));
  });
}
