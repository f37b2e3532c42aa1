/** Points where two networks differ, found by a few steps uphill from given ones. */
import { grad } from '../../engine/grad.ts';
import { add, detach, div, equal, mul, square, sub, where } from '../../engine/ops/elementwise.ts';
import { l2Norm, sum } from '../../engine/ops/reduce.ts';
import { withRecording } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';

/** (…, rows, inputs), or images, to (…, rows, outputs); each row by itself, so no statistics of the batch. */
export type Forward = (x: Tensor) => Tensor;

/** The two networks that are compared. */
export interface Pair {
  readonly teacher: Forward;
  readonly student: Forward;
}

/** How large synthetic points and predictions may become. */
export interface Penalties {
  /** Times ‖x‖² of a point, subtracted from what is maximised; at least 0. */
  inputPenalty?: number;
  /** Times the student's squared prediction, likewise. */
  outputPenalty?: number;
}

export interface AscendOptions extends Penalties {
  /** 3 unless given. Each costs a pass of both networks, forward and backward. */
  steps?: number;
  /** Length of a step, in units of the inputs: no point moves further than steps · stepSize. 0.2 unless given. */
  stepSize?: number;
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number;
}

/**
 * Moves each row of `x` uphill on (teacher - student)², less the penalties, by steps of one length along the gradient; a
 * row without a gradient stays. After Zhou & Chiam 2023 (arXiv:2301.04338), who begin at random points and take two
 * steps of RMSProp. The result has x's shape and no gradient.
 *
 * @throws on an option out of its range.
 */
export function ascend(x: Tensor, pair: Pair, options: AscendOptions = {}): Tensor {
  const { steps = 3, stepSize = 0.2, inputPenalty = 0, outputPenalty = 0, leadingAxes = 0 } = options;
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`ascend: steps must be an integer of at least 1, got ${steps}`);
  if (!(stepSize > 0 && stepSize < Infinity))
    throw new Error(`ascend: stepSize must be above 0, got ${stepSize}`);
  checkPenalties('ascend', { inputPenalty, outputPenalty });
  const inputs = [...x.shape.keys()].slice(leadingAxes + 1);
  let points = detach(x);
  for (let i = 0; i < steps; i++) {
    const from = leaf(points);
    const height = withRecording(true, () => heightOf(from, pair, { inputPenalty, outputPenalty }));
    const [slope] = grad(height, [from]);
    const length = l2Norm(slope!, inputs, { keepDims: true });
    points = add(points, mul(slope!, div(stepSize, where(equal(length, 0), 1, length))));
  }
  return points;
}

/** Σ over rows, which do not meet: the gradient of each is its own. */
function heightOf(
  x: Tensor,
  { teacher, student }: Pair,
  { inputPenalty, outputPenalty }: Required<Penalties>,
): Tensor {
  const pred = student(x);
  let height = sum(square(sub(teacher(x), pred)));
  if (outputPenalty > 0) height = sub(height, mul(sum(square(pred)), outputPenalty));
  if (inputPenalty > 0) height = sub(height, mul(sum(square(x)), inputPenalty));
  return height;
}

/** The same numbers as something to differentiate by. */
export function leaf(x: Tensor): Tensor {
  const copy = detach(x);
  copy.requiresGrad = true;
  return copy;
}

export function checkPenalties(name: string, penalties: Required<Penalties>): void {
  for (const [key, value] of Object.entries(penalties))
    if (!(value >= 0 && value < Infinity))
      throw new Error(`${name}: ${key} must be a number of at least 0, got ${value}`);
}
