/** The search of DFA: a student for each group, trained on one half of the rows, and mixtures of the teacher's layers on the other. */
import { grad } from '../../engine/grad.ts';
import { add, detach, mul, square, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { assign } from '../../engine/ops/movement/assign.ts';
import { softmax } from '../../engine/ops/reduce/softmax.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { cosine } from '../../engine/optim/schedules.ts';
import { permutation } from '../../engine/random.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { apart } from '../../losses/features/aggregate.ts';
import { total } from '../../losses/total.ts';
import type { NetworkInput } from '../../models/network.ts';
import type { Named } from '../../models/parameters.ts';
import type { Batch, Stage, StagePlan } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import { connector } from './connector.ts';
import type { GroupPair } from './groups.ts';
import { mixed, type Searched, teacherLayers } from './mixtures.ts';

export interface SearchOptions {
  readonly steps: number;
  /** Of Adam on β. */
  readonly rate: number;
  /** γ of the two paths: student to teacher, and teacher to student. */
  readonly student: number;
  readonly teacher: number;
  /** R(β) is half of it times |β|². */
  readonly decay: number;
  /** Of a step of the weights that β looks ahead; 0 looks at the weights as they are. */
  readonly ahead: number;
}

/** Numbers of the networks beside the student, and of connectors, that the search takes: those below are others'. */
const [SEARCHED, AHEAD] = [0, 32];
/** Each has two connectors a group. */
const FIRST_CONNECTOR = 64;

export function searchPlan(steps: number): StagePlan {
  return { name: 'search', steps, rows: 'student', isPreparation: true };
}

/** Two parts of each seed's rows, the same in every search. */
export function halves(
  rows: readonly Uint32Array[],
  seeds: readonly number[],
): { learn: Uint32Array[]; judge: Uint32Array[] } {
  const orders = rows.map((own, i) =>
    permutation(own.length, { seed: seeds[i]!, epoch: 2 ** 31 }).map((at) => own[at]!),
  );
  const half = (own: Uint32Array) => Math.ceil(own.length / 2);
  return {
    learn: orders.map((own) => own.slice(0, half(own)).toSorted()),
    judge: orders.map((own) => own.slice(half(own)).toSorted()),
  };
}

/** A student and both connectors for each group, and their bridge loss: of a group γ_TS L_TS + γ_ST L_ST. */
export function bridge(
  context: TrainingContext,
  groups: readonly GroupPair[],
  first: number,
  options: Pick<SearchOptions, 'student' | 'teacher'>,
) {
  const { task, leadingAxes } = context;
  const all = groups.map(({ student: block, shapes }, i) => {
    const { deployed } = context.peer(first + i, '');
    const at = FIRST_CONNECTOR + 2 * (first + i);
    const toTeacher = connector(context, at, { from: shapes.student, to: shapes.teacher });
    const toStudent = connector(context, at + 1, { from: shapes.teacher, to: shapes.student });
    return { block, deployed, toTeacher, toStudent };
  });
  return {
    parameters: all.flatMap(({ deployed, toTeacher, toStudent }) => [
      deployed.parameters,
      toTeacher.parameters,
      toStudent.parameters,
    ]),
    /** Blocks up to a group's last learn by the first path, those after it by the second; (models), all groups together. */
    loss({ label, ...input }: Batch, layers: readonly Tensor[], alphas: readonly Tensor[]): Tensor {
      const given = input as unknown as NetworkInput;
      const own = all.map(({ block, deployed, toTeacher, toStudent }, i) => {
        const target = mixed(context, groups[i]!, layers[i]!, alphas[i]!);
        const features = deployed.taps!(given, [block], { training: true })[block]!;
        const learnable = apart(toTeacher.run(features), target, { leadingAxes });
        const pred = deployed.from!(block, { ...given, x: toStudent.run(target) }, { training: true });
        const expressive = task.supervised(pred, label!, { leadingAxes });
        return add(mul(learnable, options.student), mul(expressive, options.teacher));
      });
      return total(own);
    },
  };
}

/** One update of the weights by one half, then one of β by the other; with `ahead` both at the weights as they were. */
export function searchStage(
  context: TrainingContext,
  groups: readonly GroupPair[],
  { betas, parameters }: Searched,
  options: SearchOptions,
): Stage {
  const { rows, seeds, leadingAxes } = context;
  const { steps, ahead, decay } = options;
  const networks = bridge(context, groups, SEARCHED, options);
  const unrolled = ahead > 0 ? bridge(context, groups, AHEAD, options) : undefined;
  const weights = context.player(networks.parameters, {
    learningRate: cosine(context.learningRate, { updates: steps }),
  });
  const mixtures = context.player(parameters, { learningRate: options.rate, beta1: 0.5 });
  const tensors = (of: readonly Named[]) => of.flatMap((each) => Object.values(each));
  const alphas = () => betas.map((beta) => softmax(beta));
  const judged = (of: typeof networks, batch: Batch, layers: readonly Tensor[]) =>
    betas.reduce(
      (loss, beta) => add(loss, mul(sum(square(beta), [leadingAxes]), decay / 2)),
      of.loss(batch, layers, alphas()),
    );
  return {
    ...searchPlan(steps),
    rows: halves(rows, seeds),
    step({ batches }) {
      const { learn, judge } = batches as { learn: Batch; judge: Batch };
      const [seen, unseen] = [learn, judge].map((batch) =>
        teacherLayers(context, groups, batch as unknown as NetworkInput),
      ) as [Tensor[], Tensor[]];
      if (!unrolled) {
        weights.minimise(networks.loss(learn, seen, alphas().map(detach)));
        const loss = judged(networks, judge, unseen);
        mixtures.minimise(loss);
        return loss;
      }
      const own = tensors(networks.parameters);
      const moved = tensors(unrolled.parameters);
      const gradients = grad(sum(networks.loss(learn, seen, alphas())), own, { createGraph: true });
      for (const [k, x] of moved.entries())
        assign(x, sub(detach(own[k]!), mul(detach(gradients[k]!), ahead)));
      const loss = judged(unrolled, judge, unseen);
      const direct = grad(sum(loss), [...betas, ...moved]);
      const products = gradients.map((g, k) => sum(mul(g, direct[betas.length + k]!)));
      const through = grad(total(products), betas);
      mixtures.update(betas.map((_, i) => sub(direct[i]!, mul(through[i]!, ahead))));
      weights.update(gradients.map(detach));
      return loss;
    },
  };
}
