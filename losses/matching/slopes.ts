/** Whether two networks change alike where their inputs change: exactly, and along random directions. */
import { checkNamed, checkOptions } from '../../engine/borders.ts';
import { grad } from '../../engine/grad.ts';
import { add, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { ones } from '../../engine/ops/fill.ts';
import { concat, split } from '../../engine/ops/movement/concat.ts';
import { normal } from '../../engine/random.ts';
import { ShapeError, show, sizeOf } from '../../engine/shape.ts';
import { noGrad } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';
import { mse } from '../regression.ts';
import { syntheticCall, type SyntheticOptions } from './perturb.ts';

/** Predictions of both networks for the same points, (…, rows, outputs). */
export interface Predictions {
  readonly pred: Tensor;
  readonly teacherPred: Tensor;
}

/**
 * The squared distance of the networks' input gradients, by differentiating twice: the gradients are part of the loss, and
 * the loss is differentiated by the student's weights. `points` is what both predictions were computed from, recorded
 * (`requiresGrad`); the teacher's weights get no gradient. One backward pass of both networks for each output. Scalar, or
 * (seeds) with `leadingAxes` 1.
 *
 *     mean over rows and outputs of Σ over inputs of (∂teacher/∂x - ∂student/∂x)²
 *
 * @throws ShapeError unless both have as many outputs; an error where a prediction was not computed from `points`.
 */
export function matchInputGradients(
  points: Tensor,
  predictions: Predictions,
  options: LossOptions = {},
): Tensor {
  checkFloats('matchInputGradients', { points });
  checkPredictions('matchInputGradients', predictions);
  checkOptions('matchInputGradients', options, 'leadingAxes');
  const { pred, teacherPred } = predictions;
  const { leadingAxes = 0 } = options;
  const outputs = pred.shape.at(-1)!;
  if (teacherPred.shape.at(-1) !== outputs)
    throw new ShapeError(
      `matchInputGradients: pred ${show(pred.shape)} and teacherPred ${show(teacherPred.shape)}; wants as many outputs`,
    );
  const inputs = sizeOf(points.shape.slice(leadingAxes + 1));
  const slopes = (y: Tensor, createGraph: boolean) =>
    (outputs === 1 ? [y] : split(y, outputs, -1)).map(
      (column) => grad(column, [points], { seed: ones(column.shape, y.backend), createGraph })[0]!,
    );
  const wanted = slopes(teacherPred, false);
  const each = slopes(pred, true).map((own, k) => mse({ pred: own, label: wanted[k]! }, {}, { leadingAxes }));
  return mul(
    each.reduce((total, loss) => add(total, loss)),
    inputs / outputs,
  );
}

export interface ProbeOptions extends SyntheticOptions {
  /** Random directions a point, 1 unless given. */
  directions?: number | undefined;
  /** Distance along a direction, in units of standardised inputs: 1e-2 unless given, about best in float32. */
  distance?: number | undefined;
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number | undefined;
}

/**
 * Where to evaluate both networks for `matchSlopes`: for each direction v ~ N(0, I) the points + distance·v, then the
 * points - distance·v, one after another along the rows. Without a gradient.
 *
 * @throws on options out of range.
 */
export function probesOf(points: Tensor, options: ProbeOptions = {}): Tensor {
  checkFloats('probesOf', { points });
  checkOptions('probesOf', options, 'directions distance seed call leadingAxes');
  const { directions = 1, distance = 1e-2, seed, leadingAxes = 0 } = options;
  if (!(Number.isInteger(directions) && directions >= 1))
    throw new Error(`probesOf: directions must be an integer of at least 1, got ${directions}`);
  checkDistance('probesOf', distance);
  const call = syntheticCall(points.backend, 'directions', 1, options);
  return noGrad(() => {
    const parts = Array.from({ length: directions }, (_, i) => {
      const draw = { seed, call: call + i, stream: 'synthetic' } as const;
      const along = mul(normal(points.shape, points.backend, draw), distance);
      return [add(points, along), sub(points, along)];
    });
    return concat(parts.flat(), leadingAxes);
  });
}

/**
 * The squared difference of the networks' slopes along random directions, by finite differences: its expectation tends to
 * `matchInputGradients` as the distance goes to 0. `pred` and `teacherPred` are for `probesOf` the points, with the same
 * options. No second derivatives. Scalar, or (seeds) with `leadingAxes` 1.
 *
 *     mean over points, directions and outputs of ((T₊ - T₋) - (S₊ - S₋))² / (4 distance²)
 *
 * @throws ShapeError unless there are two rows for each point and direction.
 */
export function matchSlopes(predictions: Predictions, options: ProbeOptions = {}): Tensor {
  checkPredictions('matchSlopes', predictions);
  checkOptions('matchSlopes', options, 'directions distance seed call leadingAxes');
  const { pred, teacherPred } = predictions;
  const { directions = 1, distance = 1e-2, leadingAxes: axis = 0 } = options;
  checkDistance('matchSlopes', distance);
  const rows = pred.shape[axis];
  if (rows === undefined || rows % (2 * directions) !== 0)
    throw new ShapeError(
      `matchSlopes: pred ${show(pred.shape)} with ${directions} directions; wants 2 · directions rows a point`,
    );
  const rises = (y: Tensor) => {
    const parts = split(y, 2 * directions, axis);
    return Array.from({ length: directions }, (_, i) =>
      mul(sub(parts[2 * i]!, parts[2 * i + 1]!), 0.5 / distance),
    );
  };
  const wanted = noGrad(() => rises(teacherPred));
  const each = rises(pred).map((own, i) => mse({ pred: own, label: wanted[i]! }, {}, { leadingAxes: axis }));
  return mul(
    each.reduce((total, loss) => add(total, loss)),
    1 / directions,
  );
}

function checkPredictions(name: string, predictions: Predictions): void {
  checkNamed(name, predictions, 'pred teacherPred');
  checkFloats(name, { pred: predictions.pred, teacherPred: predictions.teacherPred });
}

function checkDistance(name: string, distance: number): void {
  if (!(distance > 0 && distance < Infinity))
    throw new Error(`${name}: distance must be above 0, got ${distance}`);
}
