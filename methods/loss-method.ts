/** Methods that are a loss on a student's heads and a batch: most of them. Modifiers can join them. */
import { type Values, valuesFor } from '../base/option.ts';
import { grad } from '../engine/grad.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import type { Player } from '../engine/optim/player.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Pair } from '../losses/matching/ascend.ts';
import { matchNetworks } from '../losses/matching/match-networks.ts';
import type { NetworkInput, StudentNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';
import type { Keeping, Task } from '../tasks/task.ts';
import type { Batch, StepInput, Training } from '../train/training.ts';
import type { Artifact } from './artifact.ts';
import type { TrainingContext } from './context.ts';
import { type Method, needsOf } from './method.ts';
import type { Learner } from './modifiers/learner.ts';
import { matchingOf, type Modifier, pointMakerOf } from './modifiers/modifier.ts';

/** What a loss is given; `N` are the columns that it uses, `H` the name of the second head, `P` its parts. */
export interface At<N extends string = string, H extends string = string, P extends Parts = Parts> {
  /** `label`, and the second one if there is one, (seeds, rows, outputs). */
  readonly heads: Readonly<Record<'label' | H, Tensor>>;
  /** What `Parts.also` gives for the same rows. */
  readonly also: ReturnType<NonNullable<P['also']>>;
  /** `label`, and the columns that the method uses, (seeds, rows, outputs) each. */
  readonly batch: Readonly<Record<'label' | N, Tensor>>;
  /** What the student was given. */
  readonly input: NetworkInput;
  readonly task: Task;
  readonly keeping: Keeping;
}

/** What the tapped blocks of a student put out, by their names. */
export type Taps = Readonly<Record<string, Tensor>>;

/** What is made once a training. */
export interface Parts {
  /** Trained with the student, and not deployed. */
  readonly parameters?: Named;
  /** Blocks of the student whose outputs `also` is given. */
  readonly taps?: readonly string[];
  /** What else the student's pass gives, on all points: joins the heads. */
  also?(taps: Taps): Readonly<Record<string, Tensor>>;
}

/** What is a head for: a prediction, whose error is reported, or something else, such as a variance. */
export type HeadKind = 'prediction' | 'other';

/** A method but for its stages, which follow from its loss. */
export interface LossMethod<
  O extends object = object,
  N extends string = string,
  H extends string = string,
  P extends Parts = Parts,
> extends Omit<Method<O>, 'plan' | 'build' | 'uses'> {
  readonly uses?: readonly Artifact<N>[];
  /** Besides `label`, which is deployed: one more at most. */
  readonly secondHead?: { readonly name: H; readonly kind: HeadKind };
  parts?(context: TrainingContext, student: StudentNetworks, options: O): P;
  /** What to minimise, scalar or (seeds): for each seed, the loss of its student on its batch. */
  loss(at: At<N, H, P>, options: O, parts: P): Tensor;
}

/** A method of a loss. */
export type OfLoss<O extends object = object> = Method<O> & { readonly lossOf: LossMethod };

/**
 * A method from its loss.
 *
 *     export const imitation = lossMethod({
 *       name: 'imitation',
 *       summary: "squared error to the teacher's predictions",
 *       uses: [teacher],
 *       loss: ({ heads, batch, task, keeping }) => task.imitation(heads.label, batch.teacher, keeping),
 *     });
 */
export function lossMethod<
  O extends object = object,
  N extends string = never,
  H extends string = never,
  P extends Parts = Parts,
>(of: LossMethod<O, N, H, P>): OfLoss<O> {
  const { parts: _parts, loss: _loss, secondHead: _second, ...method } = of;
  // The cast: whoever calls it has options, columns and heads by the same declarations.
  const lossOf = of as unknown as LossMethod;
  const build: Method['build'] = (context, options) => buildLoss(lossOf, context, { options });
  builds.set(lossOf, build);
  return { ...method, lossOf, build };
}

export interface Joined {
  /** Values of the method's options. */
  readonly options: object;
  /** In the order of `methods/modifiers/all.ts`. */
  readonly modifiers?: readonly Modifier[];
  /** Values of the modifiers' options, and any others. */
  readonly values?: Values;
}

/** The training of a loss, with what modifiers add to it: one stage, unless one of them says in which it learns. */
export function buildLoss(method: LossMethod, context: TrainingContext, joined: Joined): Training {
  const { modifiers = [], values = {} } = joined;
  const needs = [...needsOf(method), ...modifiers.flatMap((each) => (each.matching && each.needs) ?? [])];
  const learner = (own: TrainingContext) => learnerOf(method, own, joined);
  const leader = modifiers.find(({ stages }) => stages);
  if (leader) return leader.stages!({ needs, learner }, context, valuesFor(leader.options, values));
  const { deployed, heads, player, byLoss } = learner(context);
  return { deployed, heads, stages: [{ name: 'train', steps: context.sizes.steps, ...byLoss(player()) }] };
}

/** A student that learns by a loss. It runs once a step, on the batch and all further points. */
function learnerOf(
  method: LossMethod,
  context: TrainingContext,
  { options, modifiers: all = [], values = {} }: Joined,
): Learner {
  const modifiers = all.filter(({ matching }) => matching);
  const { secondHead, loss } = method;
  const { task, leadingAxes, seeds: seed } = context;
  const keeping = { leadingAxes };
  const networks = context.student(['label', ...(secondHead ? [secondHead.name] : [])]);
  const parts = method.parts?.(context, networks, options) ?? {};
  const matching = { ...matchingOf(modifiers, context, values), seed, leadingAxes };
  const maker = pointMakerOf(modifiers, context, values);
  const step = (batch: Batch, phase: string): Tensor => {
    const { x, extras } = batch as { x: Tensor; extras?: Tensor };
    const run = (points: Tensor): Readonly<Record<string, Tensor>> => {
      const pass = networks.run({ x: points, extras }, { training: true, taps: parts.taps ?? [] });
      return { ...pass.heads, ...parts.also?.(pass.taps) };
    };
    const lossOf = (pass: Readonly<Record<string, Tensor>>) => {
      const own = { heads: pass as At['heads'], also: pass, batch: batch as At['batch'] };
      return loss({ ...own, input: { x, extras }, task, keeping }, options, parts);
    };
    if (modifiers.length === 0) return lossOf(run(x));
    const teacher = (points: Tensor) => context.teacher().forward({ x: points, extras });
    // Matching calls what it compares `pred`.
    const student = (points: Tensor) => {
      const { label, ...others } = run(points);
      return { ...others, pred: label! };
    };
    const pair: Pair = { teacher, student: (points) => student(points).pred };
    const points = maker?.points(pair, { rows: x.shape[leadingAxes]!, phase });
    const ascent = points ? { ascent: points } : {};
    const { heads, loss: matched } = matchNetworks(x, { teacher, student }, { ...matching, ...ascent });
    const { pred: label, ...others } = heads;
    return add(lossOf({ label, ...others }), matched!);
  };
  const heads =
    secondHead?.kind === 'prediction'
      ? Object.fromEntries(
          ['label', secondHead.name].map((name) => [
            name,
            (input: NetworkInput) => networks.run(input).heads[name]!,
          ]),
        )
      : undefined;
  const toLabels = (batch: Batch): Tensor => {
    const { x, extras, label } = batch as { x: Tensor; extras?: Tensor; label: Tensor };
    return task.supervised(networks.run({ x, extras }, { training: true }).heads.label!, label, keeping);
  };
  return {
    deployed: networks.deployed,
    heads,
    player: () =>
      context.player(parts.parameters ? [networks.parameters, parts.parameters] : networks.parameters),
    byLoss(player) {
      const update = ({ batch, phase }: StepInput) => {
        const value = step(batch, phase);
        player.minimise(value);
        return value;
      };
      // Modules and add-ons do more in a step than a network and one loss.
      const isOnly = modifiers.length === 0 && !parts.parameters && !parts.taps;
      const only = isOnly ? { player, loss: (batch: Batch) => step(batch, ''), step: update } : undefined;
      return { step: update, only, phaseOf: maker?.phaseOf };
    },
    byLabels(player) {
      const isAll = !secondHead && !parts.parameters;
      const update = ({ batch }: StepInput) => {
        const value = toLabels(batch);
        if (isAll) player.minimise(value);
        else player.update(gradientsWithZeros(player, value));
        return value;
      };
      return { step: update, only: isAll ? { player, loss: toLabels, step: update } : undefined };
    },
  };
}

/** Zeros for parameters that a loss does not depend on: a second head, modules. */
function gradientsWithZeros({ parameters, seeds }: Player, loss: Tensor): Tensor[] {
  return grad(loss, Object.values(parameters), { perSeed: seeds !== undefined, allowUnused: true });
}

/** What `lossMethod` made of each: a method that was given another `build` since is no more than that. */
const builds = new WeakMap<LossMethod, Method['build']>();

export function isOfLoss(method: Method): method is OfLoss {
  return 'lossOf' in method && builds.get((method as OfLoss).lossOf) === method.build;
}
