/** Methods with add-ons: `imitation+pm+abm+gm` is imitation, and the teacher matched at synthetic points as well. */
import { type Values, valuesFor } from '../base/option.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Forward } from '../losses/matching/ascend.ts';
import { matchNetworks, type MatchOptions, type Weight } from '../losses/matching/match-networks.ts';
import { UserError } from '../base/errors.ts';
import type { Ramp } from '../train/ramp.ts';
import { type AddOn, addOns } from './add-ons/add-ons.ts';
import { methods } from './all.ts';
import { parseMethodName } from './method-name.ts';
import type { Heads } from '../models/heads.ts';
import type { DistillationBatch, LossContext, Method } from './method.ts';

export interface MatchedMethod {
  /** As it was written: 'tor+pm'. */
  readonly name: string;
  readonly method: Method;
  /** Each once, in the order of `addOns`. With any, a teacher's network must be at hand, on the device of the students. */
  readonly addOns: readonly AddOn[];
}

/**
 * A method, or one with add-ons after plus signs.
 *
 * @throws UserError on an unknown method or add-on, and on one that is named twice.
 */
export function matchedMethod(name: string, known: ReadonlyMap<string, Method> = methods): MatchedMethod {
  const { base, addOns: chosen } = parseMethodName(name, [...known.keys()]);
  const method = known.get(base)!;
  if (method.synthetic && chosen.length > 0)
    throw new UserError(`--methods: '${base}' makes its own points; add-ons are for methods with data`);
  return { name, method, addOns: chosen };
}

/** What the add-ons make of a study's values: how points are made, what is compared there, with which weight. */
export function matchingOf(
  { addOns: chosen }: Pick<MatchedMethod, 'addOns'>,
  values: Values,
  at: (number: Ramp) => Weight,
): MatchOptions {
  const each = chosen.map((name) => {
    const { options, matching } = addOns.get(name)!;
    return matching(valuesFor(options, values), at);
  });
  return Object.assign({}, ...each) as MatchOptions;
}

export interface MatchedLossOptions extends LossContext {
  /** The values of the method's options; there may be others. */
  readonly values: Values;
  /** Of the add-ons, as `matchingOf` makes it, with the seeds of the students. */
  readonly matching: MatchOptions;
}

/**
 * The method's loss on the batch, and its add-ons' on synthetic points around x; (seeds). The student runs once, on all
 * points. The method's own part keeps the teacher's predictions of the batch, which may be out of fold.
 */
export function matchedLoss(
  { method, addOns: chosen }: MatchedMethod,
  { x, ...batch }: DistillationBatch & { readonly x: Tensor },
  { teacher, student }: { teacher: Forward; student: (x: Tensor) => Heads },
  { matching, values, leadingAxes }: MatchedLossOptions,
): Tensor {
  const options = { ...valuesFor(method.options, values), leadingAxes };
  if (chosen.length === 0) return method.loss(student(x), batch, options);
  const match = matchNetworks(x, { teacher, student }, { ...matching, leadingAxes });
  return add(method.loss(match.heads, batch, options), match.loss!);
}
