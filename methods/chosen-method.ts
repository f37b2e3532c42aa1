/** Methods as they are asked for, modifiers after plus signs: 'imitation+pm+abm+gm'. */
import { UserError } from '../base/errors.ts';
import { type Values, valuesFor } from '../base/option.ts';
import type { StagePlan, Training } from '../train/training.ts';
import { methods } from './all.ts';
import type { TeacherNeed } from './artifact.ts';
import type { Sizes, TrainingContext } from './context.ts';
import { buildLoss, isOfLoss } from './loss-method.ts';
import { type Method, needsOf, planOf } from './method.ts';
import { parseMethodName } from './method-name.ts';
import { modifiers as allModifiers } from './modifiers/all.ts';
import type { Modifier } from './modifiers/modifier.ts';

export interface ChosenMethod {
  /** As it was written: 'tor+pm'. */
  readonly name: string;
  readonly method: Method;
  /** Each once, in the order of `modifiers/all.ts`. */
  readonly modifiers: readonly Modifier[];
}

/** @throws UserError on an unknown method or add-on, one that is named twice, and one that the method cannot have. */
export function chosenMethod(name: string, known: ReadonlyMap<string, Method> = methods): ChosenMethod {
  const { base, addOns } = parseMethodName(name, [...known.keys()]);
  const method = known.get(base)!;
  if (addOns.length > 0 && !isOfLoss(method))
    throw new UserError(
      `--methods: '${base}' makes its own points; add-ons are for methods with a loss on a batch`,
    );
  const modifiers = addOns.map((addOn) => allModifiers.get(addOn)!);
  const leaders = modifiers.filter(({ stages }) => stages);
  if (leaders.length > 1)
    throw new UserError(
      `--methods: '${name}' has ${leaders.map((each) => `+${each.name}`).join(' and ')}, and each says in which stages it learns; leave one of them out`,
    );
  const untaught = leaders.find(({ isTaught, needs }) => isTaught || needs);
  if (untaught && needsOf(method).length === 0)
    throw new UserError(
      `--methods: '${name}': '${base}' learns from no teacher, and +${untaught.name} is about when it learns from one`,
    );
  return { name, method, modifiers };
}

/** What it wants of a teacher; nothing of methods that have none. */
export function teacherNeeds({ method, modifiers }: ChosenMethod): TeacherNeed[] {
  return [...new Set([...needsOf(method), ...modifiers.flatMap(({ needs }) => needs ?? [])])];
}

/** Whether a method, by its name with add-ons, asks anything of a teacher. */
export function asksTeacher(name: string): boolean {
  return teacherNeeds(chosenMethod(name)).length > 0;
}

/** Its stages, from a study's values and without a device. */
export function stagePlan(
  { method, modifiers }: ChosenMethod,
  values: Values,
  sizes: Pick<Sizes, 'steps' | 'epochSteps'>,
): StagePlan[] {
  const leader = modifiers.find(({ plan }) => plan);
  if (leader) return leader.plan!(valuesFor(leader.options, values), sizes);
  return planOf(method, valuesFor(method.options, values), sizes);
}

/** Whether it learns from rows of the data, in any of its stages. */
export function seesRows(chosen: ChosenMethod, values: Values): boolean {
  return stagePlan(chosen, values, { steps: 1, epochSteps: 1 }).some(({ rows }) => rows !== 'none');
}

export function buildTraining(
  { method, modifiers }: ChosenMethod,
  context: TrainingContext,
  values: Values,
): Training {
  const options = valuesFor(method.options, values);
  if (modifiers.length > 0 && isOfLoss(method))
    return buildLoss(method.lossOf, context, { options, modifiers, values });
  return method.build(context, options);
}
