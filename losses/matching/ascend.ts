/** Points where two networks differ, found by a few steps uphill from where one begins. */
import { checkFunction, checkNamed, checkOptions } from '../../engine/borders.ts';
import { grad } from '../../engine/grad.ts';
import { add, detach, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { l2Normalize } from '../../engine/ops/reduce/normalize.ts';
import { noGrad, withRecording } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';

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
  inputPenalty?: number | undefined;
  /** Times the student's squared prediction, likewise. */
  outputPenalty?: number | undefined;
}

export interface AscendOptions extends Penalties {
  /** 3 unless given. Each costs a pass of both networks, forward and backward. */
  steps?: number | undefined;
  /** Length of a step, in units of the inputs: no point moves further than steps · stepSize. 0.2 unless given. */
  stepSize?: number | undefined;
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number | undefined;
}

/**
 * Moves each row of `x` uphill on (teacher - student)², less the penalties, by steps of one length along the gradient; a
 * row without a gradient stays. After Zhou & Chiam 2023 (arXiv:2301.04338), who begin at random points and take two
 * steps of RMSProp. The result has x's shape and no gradient.
 *
 * @throws on an option out of its range.
 */
export function ascend(x: Tensor, pair: Pair, options: AscendOptions = {}): Tensor {
  checkFloats('ascend', { x });
  checkPair('ascend', pair);
  checkOptions('ascend', options, 'steps stepSize inputPenalty outputPenalty leadingAxes');
  const { steps = 3, stepSize = 0.2, inputPenalty = 0, outputPenalty = 0, leadingAxes = 0 } = options;
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`ascend: steps must be an integer of at least 1, got ${steps}`);
  if (!(stepSize > 0 && stepSize < Infinity))
    throw new Error(`ascend: stepSize must be above 0, got ${stepSize}`);
  checkPenalties('ascend', { inputPenalty, outputPenalty });
  const rows = [...x.shape.slice(0, leadingAxes + 1), -1];
  let points = detach(x);
  for (let i = 0; i < steps; i++) {
    const slope = slopeOf(leaf(points), pair, { inputPenalty, outputPenalty });
    const step = mul(l2Normalize(reshape(slope, rows)), stepSize);
    points = add(points, reshape(step, x.shape));
  }
  return points;
}

/** Half the gradient of (T - S)² - outputPenalty S² - inputPenalty x², each row's own, because rows do not meet. */
function slopeOf(
  x: Tensor,
  { teacher, student }: Pair,
  { inputPenalty, outputPenalty }: Required<Penalties>,
): Tensor {
  const [taught, pred] = withRecording(true, () => [teacher(x), student(x)] as const);
  return noGrad(() => {
    const gap = sub(taught, pred);
    const pull = outputPenalty > 0 ? add(gap, mul(pred, outputPenalty)) : gap;
    const [up] = grad(taught, [x], { seed: gap });
    const [down] = grad(pred, [x], { seed: pull });
    const slope = sub(up!, down!);
    return inputPenalty > 0 ? sub(slope, mul(x, inputPenalty)) : slope;
  });
}

/** The same numbers as something to differentiate by. */
export function leaf(x: Tensor): Tensor {
  const copy = detach(x);
  copy.requiresGrad = true;
  return copy;
}

export function checkPair(name: string, pair: Pair): void {
  checkNamed(name, pair, 'teacher student');
  checkFunction(name, 'teacher', pair.teacher);
  checkFunction(name, 'student', pair.student);
}

export function checkPenalties(name: string, penalties: Required<Penalties>): void {
  for (const [key, value] of Object.entries(penalties))
    if (!(value >= 0 && value < Infinity))
      throw new Error(`${name}: ${key} must be a number of at least 0, got ${value}`);
}
