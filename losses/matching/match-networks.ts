/** Teacher-student matching: what a student learns from synthetic points, beside any loss on its batch. */
import { checkFunction, checkNamed, checkOptions as checkNames } from '../../engine/borders.ts';
import { add, detach, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { concat } from '../../engine/ops/movement/concat.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { ShapeError, show } from '../../engine/shape.ts';
import type { StepSlot } from '../../engine/step.ts';
import { noGrad, withRecording } from '../../engine/tape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import { mse } from '../regression.ts';
import { ascend, type AscendOptions, type Forward, leaf, type Pair } from './ascend.ts';
import { mixUp, perturb, type PerturbOptions, type SyntheticOptions } from './perturb.ts';
import { matchInputGradients, matchSlopes, type ProbeOptions, probesOf } from './slopes.ts';

/** A loss's weight, at least 0, or a slot of the step buffer for a schedule. */
export type Weight = number | StepSlot;

export interface MatchOptions extends Pick<SyntheticOptions, 'seed'> {
  /** Weight of prediction matching (PM): squared error at perturbed points. Off if left out. */
  perturbed?: Weight | undefined;
  /** Weight of adversarial matching (ABM): squared error at points where the networks differ. Off if left out. */
  adversarial?: Weight | undefined;
  /** Weight of gradient matching (GM): squared distance of input gradients, at all points. Off if left out. */
  gradients?: Weight | undefined;
  /** How points are perturbed: Gaussian noise of deviation `sigma`, or mixes of two rows. */
  perturbation?: 'gaussian' | 'mixup' | undefined;
  sigma?: PerturbOptions['sigma'] | undefined;
  /** How adversarial points are found from the batch; or, as a tensor (…, rows, inputs), the points: a generator's. */
  ascent?: Omit<AscendOptions, 'leadingAxes'> | Tensor | undefined;
  /** Gradients by differentiating twice, or along random directions. */
  slopes?: 'exact' | Pick<ProbeOptions, 'directions' | 'distance'> | undefined;
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number | undefined;
}

/** A student that may have several heads: `pred` is matched. */
export interface StudentHeads {
  readonly pred: Tensor;
}

export interface Match<H extends StudentHeads> {
  /** The student's heads for the batch itself: for the method's own loss. */
  readonly heads: H;
  /** The teacher's predictions for the batch, without a gradient. */
  readonly teacher: Tensor;
  /** The weighted sum of the parts, scalar or (seeds); undefined where all are off. */
  readonly loss: Tensor | undefined;
  /** What each part is before its weight. */
  readonly parts: { readonly perturbed?: Tensor; readonly adversarial?: Tensor; readonly gradients?: Tensor };
}

interface Networks<H extends StudentHeads> {
  readonly teacher: Forward;
  readonly student: (x: Tensor) => H;
}

/** First and last row, exclusive. */
type Place = readonly [from: number, to: number];

/**
 * Teacher-student matching after Kang & Kang 2024 (EAAI 132:108001), a reconstruction: see docs/methods.md. Teacher and
 * student run once, on [x; x_p; x_a] (and on the probes, for gradients along directions); adversarial steps come before.
 *
 *     perturbed mean((T - S)² at x_p) + adversarial mean((T - S)² at x_a) + gradients mean(‖∇T - ∇S‖² at all)
 *
 * Nothing is read back: it may be captured. Networks must treat each row by itself.
 *
 * @throws ShapeError unless x has an axis of rows; an error on an option out of range.
 */
export function matchNetworks<H extends StudentHeads>(
  x: Tensor,
  networks: Networks<H>,
  options: MatchOptions = {},
): Match<H> {
  checkFloats('matchNetworks', { x });
  checkNamed('matchNetworks', networks, 'teacher student');
  checkFunction('matchNetworks', 'teacher', networks.teacher);
  checkFunction('matchNetworks', 'student', networks.student);
  checkOptions(x, options);
  const { leadingAxes: axis = 0 } = options;
  const { points, places } = pointsOf(detach(x), networks, options);
  const { heads, taught, gradients } = evaluate(points, networks, options);
  const gapAt = (place: Place | undefined) =>
    place &&
    mse({ pred: rows(heads.pred, axis, place), label: rows(taught, axis, place) }, {}, { leadingAxes: axis });
  const parts = {
    perturbed: gapAt(places.perturbed),
    adversarial: gapAt(places.adversarial),
    gradients,
  };
  const weighted = (['perturbed', 'adversarial', 'gradients'] as const).flatMap((name) => {
    const [loss, weight] = [parts[name], options[name]];
    if (!loss || weight === undefined) return [];
    return [mul(loss, typeof weight === 'number' ? weight : stepValue(weight, x.backend))];
  });
  const own = ([name, y]: [string, Tensor | undefined]) => [name, y && rows(y, axis, places.original)];
  return {
    // The cast: the same heads, none added or left out.
    heads: Object.fromEntries(Object.entries(heads).map(own)) as H,
    teacher: rows(taught, axis, places.original),
    loss: weighted.length > 0 ? weighted.reduce((total, loss) => add(total, loss)) : undefined,
    parts,
  };
}

interface Points {
  /** x and the synthetic points, one after another along the rows. */
  readonly points: Tensor;
  readonly places: { original: Place; perturbed?: Place; adversarial?: Place };
}

function pointsOf(x: Tensor, { teacher, student }: Networks<StudentHeads>, options: MatchOptions): Points {
  const { leadingAxes: axis = 0 } = options;
  const given = [x];
  let count = x.shape[axis]!;
  const append = (part: Tensor): Place => {
    given.push(part);
    return [count, (count += part.shape[axis]!)];
  };
  const places: Points['places'] = { original: [0, count] };
  if (options.perturbed !== undefined) places.perturbed = append(perturbedPoints(x, options));
  if (options.adversarial !== undefined) {
    const pair = { teacher, student: (at: Tensor) => student(at).pred };
    places.adversarial = append(adversarialPoints(x, pair, options));
  }
  return { points: given.length > 1 ? noGrad(() => concat(given, axis)) : x, places };
}

interface Evaluation<H> {
  readonly heads: H;
  /** The teacher's predictions, without a gradient. */
  readonly taught: Tensor;
  readonly gradients?: Tensor;
}

/** Both networks at the points, and how far their gradients there are apart. */
function evaluate<H extends StudentHeads>(
  points: Tensor,
  { teacher, student }: Networks<H>,
  { gradients, slopes = 'exact', seed, leadingAxes = 0 }: MatchOptions,
): Evaluation<H> {
  if (gradients === undefined) return { taught: noGrad(() => teacher(points)), heads: student(points) };
  if (slopes === 'exact') {
    const at = leaf(points);
    const [teacherPred, heads] = [withRecording(true, () => teacher(at)), student(at)];
    const apart = matchInputGradients(at, { pred: heads.pred, teacherPred }, { leadingAxes });
    return { taught: detach(teacherPred), heads, gradients: apart };
  }
  const probing = { ...slopes, seed, leadingAxes };
  const all = noGrad(() => concat([points, probesOf(points, probing)], leadingAxes));
  const [taught, heads] = [noGrad(() => teacher(all)), student(all)];
  const probes = [points.shape[leadingAxes]!, all.shape[leadingAxes]!] as const;
  const atProbes = (y: Tensor) => rows(y, leadingAxes, probes);
  const apart = matchSlopes({ pred: atProbes(heads.pred), teacherPred: atProbes(taught) }, probing);
  return { taught, heads, gradients: apart };
}

function rows(y: Tensor, axis: number, [from, to]: Place): Tensor {
  return from === 0 && to === y.shape[axis] ? y : slice(y, axis, from, to);
}

function perturbedPoints(
  x: Tensor,
  { perturbation = 'gaussian', sigma, seed, leadingAxes }: MatchOptions,
): Tensor {
  return perturbation === 'mixup' ? mixUp(x, { seed, leadingAxes }) : perturb(x, { seed, sigma });
}

function adversarialPoints(x: Tensor, pair: Pair, { ascent = {}, leadingAxes }: MatchOptions): Tensor {
  return 'shape' in ascent ? detach(ascent) : ascend(x, pair, { ...ascent, leadingAxes });
}

const KNOWN = 'perturbed adversarial gradients perturbation sigma ascent slopes leadingAxes seed';

function checkOptions(x: Tensor, options: MatchOptions): void {
  checkNames('matchNetworks', options, KNOWN);
  const { perturbed, adversarial, gradients, perturbation, leadingAxes = 0 } = options;
  if (x.shape.length < leadingAxes + 2)
    throw new ShapeError(
      `matchNetworks: x ${show(x.shape)} with ${leadingAxes} leading axes; wants rows, and inputs after them`,
    );
  for (const [name, weight] of Object.entries({ perturbed, adversarial, gradients }))
    if (typeof weight === 'number' && !(weight >= 0 && weight < Infinity))
      throw new Error(`matchNetworks: ${name} must be a number of at least 0, got ${weight}`);
  if (perturbation !== undefined && perturbation !== 'gaussian' && perturbation !== 'mixup')
    throw new Error(`matchNetworks: unknown perturbation '${String(perturbation)}'; gaussian or mixup`);
}
