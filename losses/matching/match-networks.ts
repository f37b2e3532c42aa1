/** Teacher-student matching: what a student learns from synthetic points, beside any loss on its batch. */
import { add, detach, mul } from '../../engine/ops/elementwise.ts';
import { concat, slice } from '../../engine/ops/movement.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { ShapeError, show } from '../../engine/shape.ts';
import type { StepSlot } from '../../engine/step.ts';
import { noGrad, withRecording } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { mse } from '../regression.ts';
import { ascend, type AscendOptions, type Forward, leaf } from './ascend.ts';
import { mixUp, perturb, type PerturbOptions, type SyntheticOptions } from './perturb.ts';
import { matchInputGradients, matchSlopes, type ProbeOptions, probesOf } from './slopes.ts';

/** A loss's weight, at least 0, or a slot of the step buffer for a schedule. */
export type Weight = number | StepSlot;

export interface MatchOptions extends Pick<SyntheticOptions, 'seed'> {
  /** Weight of prediction matching (PM): squared error at perturbed points. Off if left out. */
  perturbed?: Weight;
  /** Weight of adversarial matching (ABM): squared error at points where the networks differ. Off if left out. */
  adversarial?: Weight;
  /** Weight of gradient matching (GM): squared distance of input gradients, at all points. Off if left out. */
  gradients?: Weight;
  /** How points are perturbed: Gaussian noise of deviation `sigma`, or mixes of two rows. */
  perturbation?: 'gaussian' | 'mixup';
  sigma?: PerturbOptions['sigma'];
  /** How adversarial points are found from the batch; or, as a tensor (…, rows, inputs), the points: a generator's. */
  ascent?: Omit<AscendOptions, 'leadingAxes'> | Tensor;
  /** Gradients by differentiating twice, or along random directions. */
  slopes?: 'exact' | Pick<ProbeOptions, 'directions' | 'distance'>;
  /** Axes before that of the rows: 1 for (seeds, rows, …). */
  leadingAxes?: number;
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

/** Draws of one step: directions come last, because there may be many. */
const calls = { perturbed: 0, directions: 1 };

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
  { teacher, student }: { teacher: Forward; student: (x: Tensor) => H },
  options: MatchOptions = {},
): Match<H> {
  const { leadingAxes = 0, slopes = 'exact', seed } = options;
  checkOptions(x, options);
  const own = detach(x);
  const points: Record<'original' | 'perturbed' | 'adversarial', Tensor | undefined> = {
    original: own,
    perturbed: options.perturbed === undefined ? undefined : perturbedPoints(own, options),
    adversarial:
      options.adversarial === undefined
        ? undefined
        : adversarialPoints(own, { teacher, student: (given) => student(given).pred }, options),
  };
  const places = new Map<string, [number, number]>();
  let rows = 0;
  const given = Object.entries(points).flatMap(([name, part]) => {
    if (!part) return [];
    places.set(name, [rows, (rows += part.shape[leadingAxes]!)]);
    return [part];
  });
  const isExact = options.gradients !== undefined && slopes === 'exact';
  const probing = options.gradients !== undefined && slopes !== 'exact' ? slopes : undefined;
  const together = given.length > 1 ? noGrad(() => concat(given, leadingAxes)) : own;
  const evaluated = isExact ? leaf(together) : together;
  const probeOptions = { ...probing, seed, call: calls.directions, leadingAxes };
  const all = probing
    ? noGrad(() => concat([together, probesOf(together, probeOptions)], leadingAxes))
    : evaluated;

  const taught = withRecording(isExact, () => teacher(all));
  const heads = student(all);
  const part = (y: Tensor, [from, to]: readonly [number, number]) =>
    from === 0 && to === y.shape[leadingAxes] ? y : slice(y, leadingAxes, from, to);
  const teacherPart = (place: readonly [number, number]) => noGrad(() => part(detach(taught), place));
  const gap = (place: readonly [number, number] | undefined) =>
    place && mse({ pred: part(heads.pred, place), label: teacherPart(place) }, {}, { leadingAxes });
  const gradients = () => {
    if (isExact)
      return matchInputGradients(evaluated, { pred: heads.pred, teacherPred: taught }, { leadingAxes });
    const place = [rows, all.shape[leadingAxes]!] as const;
    return matchSlopes({ pred: part(heads.pred, place), teacherPred: teacherPart(place) }, probeOptions);
  };
  const parts = {
    perturbed: gap(places.get('perturbed')),
    adversarial: gap(places.get('adversarial')),
    gradients: options.gradients === undefined ? undefined : gradients(),
  };
  const weighted = (['perturbed', 'adversarial', 'gradients'] as const).flatMap((name) => {
    const [loss, weight] = [parts[name], options[name]];
    if (!loss || weight === undefined) return [];
    return [mul(loss, typeof weight === 'number' ? weight : stepValue(weight, x.backend))];
  });
  const place = places.get('original')!;
  return {
    // Every head has the student's rows; the cast says that none was added or left out.
    heads: Object.fromEntries(
      Object.entries(heads).map(([name, y]) => [name, y && part(y as Tensor, place)]),
    ) as unknown as H,
    teacher: teacherPart(place),
    loss: weighted.length > 0 ? weighted.reduce((total, loss) => add(total, loss)) : undefined,
    parts,
  };
}

function perturbedPoints(
  x: Tensor,
  { perturbation = 'gaussian', sigma, seed, leadingAxes }: MatchOptions,
): Tensor {
  const draw = { seed, call: calls.perturbed };
  return perturbation === 'mixup' ? mixUp(x, { ...draw, leadingAxes }) : perturb(x, { ...draw, sigma });
}

function adversarialPoints(
  x: Tensor,
  pair: { teacher: Forward; student: Forward },
  { ascent = {}, leadingAxes }: MatchOptions,
): Tensor {
  return 'shape' in ascent ? detach(ascent) : ascend(x, pair, { ...ascent, leadingAxes });
}

function checkOptions(
  x: Tensor,
  { perturbed, adversarial, gradients, perturbation, leadingAxes = 0 }: MatchOptions,
): void {
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
