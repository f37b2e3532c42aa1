/** Methods with add-ons: `imitation+pm+abm+gm` is imitation, and the teacher matched at synthetic points as well. */
import { add } from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Forward } from '../losses/matching/ascend.ts';
import { matchNetworks, type MatchOptions, type Weight } from '../losses/matching/match-networks.ts';
import { UserError } from '../base/errors.ts';
import { methods } from './all.ts';
import { type AddOn, parseMethodName } from './method-name.ts';
import type { Heads } from '../models/heads.ts';
import type { DistillationBatch, Method, MethodOptions } from './method.ts';

/** Parts of `matchNetworks`, by their weights' names there. */
const parts = { pm: 'perturbed', abm: 'adversarial', gm: 'gradients' } as const satisfies Record<
  AddOn,
  string
>;

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
  const { base, addOns } = parseMethodName(name, [...known.keys()]);
  const method = known.get(base)!;
  if (method.synthetic && addOns.length > 0)
    throw new UserError(`--methods: '${base}' makes its own points; add-ons are for methods with data`);
  return { name, method, addOns };
}

export interface MatchedLossOptions extends MethodOptions {
  /** How points are made and gradients compared, with the seeds of the students. */
  readonly matching: Omit<MatchOptions, 'leadingAxes' | (typeof parts)[AddOn]>;
  /** Of the add-ons, 1 unless given. */
  readonly weights?: Readonly<Partial<Record<AddOn, Weight>>>;
}

/**
 * The method's loss on the batch, and its add-ons' on synthetic points around x; (seeds). The student runs once, on all
 * points. The method's own part keeps the teacher's predictions of the batch, which may be out of fold.
 */
export function matchedLoss(
  { method, addOns: chosen }: MatchedMethod,
  { x, ...batch }: DistillationBatch & { readonly x: Tensor },
  { teacher, student }: { teacher: Forward; student: (x: Tensor) => Heads },
  { matching, weights = {}, ...options }: MatchedLossOptions,
): Tensor {
  if (chosen.length === 0) return method.loss(student(x), batch, options);
  const chosenWeights = Object.fromEntries(chosen.map((addOn) => [parts[addOn], weights[addOn] ?? 1]));
  const { leadingAxes } = options;
  const match = matchNetworks(x, { teacher, student }, { ...matching, ...chosenWeights, leadingAxes });
  return add(method.loss(match.heads, batch, options), match.loss!);
}
