/**
 * Students without data: teacher and student are compared at points that are made for it, after Kang & Kang 2021 (ESWA
 * 175:114813) and Zhou & Chiam 2023 (arXiv:2301.04338). Reconstructions: see docs/methods.md.
 */
import { add, detach, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { concat } from '../../engine/ops/movement/concat.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { normal } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { Pair } from '../../losses/matching/ascend.ts';
import { mse } from '../../losses/regression.ts';
import { type Ramp, ramp } from '../../train/ramp.ts';
import type { StagePlan, Training } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';

/** Of the random numbers: beside the draws of matching. */
export const calls = { sampled: 2 ** 20 + 1, started: 2 ** 20 + 2 };

/** x ~ N(0, 1), (seeds, rows, inputs). */
export function sampledPoints({ backend, seeds, sizes }: TrainingContext, call: number): Tensor {
  const shape = [seeds.length, sizes.rows, sizes.inputs];
  return noGrad(() => normal(shape, backend, { seed: seeds, call, stream: 'synthetic' }));
}

/** Of methods that seek points: their weight, the rest of 1 being that of normal ones. */
export const sought = ramp({
  name: 'sought',
  group: 'training',
  min: 0,
  max: 1,
  default: '1:0',
  help: 'weight of the points of direct, generator, impressions; the rest of 1 is that of normal points',
});

/** The stage of a student that sees no rows. */
export function trainingPlan(steps: number): StagePlan {
  return { name: 'train', steps, rows: 'none' };
}

export interface SeekOptions {
  /** Weight of the points that are sought: 0 unless given. */
  readonly share?: Ramp;
  readonly phaseOf?: (done: number) => string;
  /** Points of this step, (seeds, rows, inputs), without a gradient; needed for a share above 0. */
  seek?(pair: Pair, phase: string): Tensor;
}

/** Minimises (1 - a) mean (T - S)² at x ~ N(0, 1) + a mean (T - S)² at points that are sought; a is their share. */
export function trainedAtPoints(
  context: TrainingContext,
  { share = 0, phaseOf, seek }: SeekOptions = {},
): Training {
  const { backend, sizes } = context;
  const student = context.student();
  const player = context.player(student.parameters);
  const teacher = context.teacher();
  const pair: Pair = {
    teacher: (x) => teacher.forward({ x }),
    student: (x) => student.run({ x }, { training: true }).heads.label!,
  };
  const weight = context.schedule(share);
  const lossOf = (phase: string) => {
    if (!seek || weight === 0) return gapAt(sampledPoints(context, calls.sampled), pair);
    const found = seek(pair, phase);
    if (weight === 1) return gapAt(found, pair);
    const points = noGrad(() => concat([found, sampledPoints(context, calls.sampled)], 1));
    const label = noGrad(() => detach(pair.teacher(points)));
    const pred = pair.student(points);
    const part = (from: number) => {
      const of = (y: Tensor) => slice(y, 1, from, from + sizes.rows);
      return mse({ pred: of(pred), label: noGrad(() => of(label)) }, {}, { leadingAxes: 1 });
    };
    const [atFound, atSampled] = [part(0), part(sizes.rows)];
    const a = typeof weight === 'number' ? weight : stepValue(weight, backend);
    return add(atSampled, mul(sub(atFound, atSampled), a));
  };
  const step = ({ phase }: { phase: string }) => {
    const loss = lossOf(phase);
    player.minimise(loss);
    return loss;
  };
  return {
    deployed: student.deployed,
    stages: [{ ...trainingPlan(sizes.steps), phaseOf, step }],
  };
}

/** Squared error to the teacher, (seeds). */
function gapAt(points: Tensor, { teacher, student }: Pair): Tensor {
  const label = noGrad(() => detach(teacher(points)));
  return mse({ pred: student(points), label }, {}, { leadingAxes: 1 });
}
