/** A network that makes points where student and teacher differ: what it is fed, and what it minimises. */
import type { Backend } from '../../engine/backend.ts';
import { checkBackend, checkOptions } from '../../engine/borders.ts';
import { add, mul, neg, square, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import { normal } from '../../engine/random.ts';
import { sizeOf } from '../../engine/shape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';
import { checkPair, checkPenalties, type Pair, type Penalties } from './ascend.ts';
import { syntheticCall, type SyntheticOptions } from './perturb.ts';

export interface LatentOptions extends SyntheticOptions {
  rows: number;
  /** Numbers a row, 50 unless given. */
  size?: number | undefined;
}

/** What a generator is fed, N(0, 1): (rows, size), or (seeds, rows, size) for a list of seeds. New in every step. */
export function latent(backend: Backend, options: LatentOptions): Tensor {
  checkBackend('latent', backend);
  checkOptions('latent', options, 'rows size seed call', true);
  const { rows, size = 50, seed = 0 } = options;
  const call = syntheticCall(backend, 'latent', 2 ** 20, options);
  const lead = typeof seed === 'number' ? [] : [seed.length];
  return normal([...lead, rows, size], backend, { seed, call, stream: 'synthetic' });
}

/**
 * What the generator of Kang & Kang 2021 (ESWA 175:114813) minimises, as their code means it: there the two penalties
 * stand in a statement of their own, without effect. `points` are the generator's outputs, (…, rows, inputs); gradients
 * flow through both networks to them. Both penalties are 1e-5 unless given. Scalar, or (seeds) with `leadingAxes` 1.
 *
 *     -mean( (teacher - student)² ) + inputPenalty mean( ‖points‖² of a row ) + outputPenalty mean( student² )
 *
 * @throws on a penalty below 0.
 */
export function generatorLoss(points: Tensor, pair: Pair, options: Penalties & LossOptions = {}): Tensor {
  checkFloats('generatorLoss', { points });
  checkPair('generatorLoss', pair);
  checkOptions('generatorLoss', options, 'inputPenalty outputPenalty leadingAxes');
  const { teacher, student } = pair;
  const { inputPenalty = 1e-5, outputPenalty = 1e-5, leadingAxes = 0 } = options;
  checkPenalties('generatorLoss', { inputPenalty, outputPenalty });
  const average = (x: Tensor) => mean(x, [...x.shape.keys()].slice(leadingAxes));
  const pred = student(points);
  const gap = average(square(sub(teacher(points), pred)));
  const inputs = sizeOf(points.shape.slice(leadingAxes + 1));
  const size = mul(average(square(points)), inputPenalty * inputs);
  return add(neg(gap), add(size, mul(average(square(pred)), outputPenalty)));
}
