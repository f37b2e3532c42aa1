/**
 * Students without data: teacher and student are compared at points that are made for it, after Kang & Kang 2021 (ESWA
 * 175:114813) and Zhou & Chiam 2023 (arXiv:2301.04338). Reconstructions: see docs/methods.md.
 */
import { integer, most, number, type ValuesOf } from '../../base/option.ts';
import { add, detach, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { concat } from '../../engine/ops/movement/concat.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { normal } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { ascend, type Pair } from '../../losses/matching/ascend.ts';
import { mse } from '../../losses/regression.ts';
import { type Ramp, ramp, RampSlots } from '../../train/ramp.ts';
import { adversary, generatorEvery } from './adversary.ts';
import { impressionNetwork } from './impression-network.ts';
import type { Method } from '../method.ts';
import type { SyntheticContext, SyntheticLoss } from './synthetic.ts';

/** Of the random numbers: beside the draws of matching. */
const CALLS = { sampled: 2 ** 20 + 1, started: 2 ** 20 + 2 };

function sampledPoints({ backend, seeds, rows, inputs }: SyntheticContext, call: number): Tensor {
  return noGrad(() =>
    normal([seeds.length, rows, inputs], backend, { seed: seeds, call, stream: 'synthetic' }),
  );
}

/** Squared error to the teacher, (seeds). */
function gapAt(points: Tensor, { teacher, student }: Pair): Tensor {
  const label = noGrad(() => detach(teacher(points)));
  return mse({ pred: student(points), label }, {}, { leadingAxes: 1 });
}

/** Of methods that seek points: their weight, the rest of 1 being that of normal ones. */
const sought = ramp({
  name: 'sought',
  group: 'training',
  min: 0,
  max: 1,
  default: '1:0',
  help: 'weight of the points of direct, generator, impressions; the rest of 1 is that of normal points',
});

/** (1 - a) mean (T - S)² at x ~ N(0, 1) + a mean (T - S)² at points that are sought. */
function withSought(
  context: SyntheticContext,
  share: Ramp,
  seek: (pair: Pair, phase: string) => Tensor,
  dispose: () => void = () => {},
): SyntheticLoss {
  const { backend, rows, steps } = context;
  const slots = new RampSlots(backend, steps);
  const weight = slots.of(share);
  return {
    loss(pair, phase) {
      if (weight === 0) return gapAt(sampledPoints(context, CALLS.sampled), pair);
      const sought = seek(pair, phase);
      if (weight === 1) return gapAt(sought, pair);
      const points = noGrad(() => concat([sought, sampledPoints(context, CALLS.sampled)], 1));
      const label = noGrad(() => detach(pair.teacher(points)));
      const pred = pair.student(points);
      const part = (from: number) => {
        const of = (y: Tensor) => slice(y, 1, from, from + rows);
        return mse({ pred: of(pred), label: noGrad(() => of(label)) }, {}, { leadingAxes: 1 });
      };
      const [atSought, atSampled] = [part(0), part(rows)];
      const a = typeof weight === 'number' ? weight : stepValue(weight, backend);
      return add(atSampled, mul(sub(atSought, atSampled), a));
    },
    dispose() {
      slots.free();
      dispose();
    },
  };
}

function method<O extends object>(
  own: Pick<Method<O>, 'name' | 'summary' | 'options' | 'synthetic' | 'preparationSteps'>,
): Method<O> {
  return {
    ...own,
    hasTwoHeads: false,
    needsTeacher: true,
    loss() {
      throw new Error(`${own.name}: it makes its own points and has no loss on a batch`);
    },
  };
}

/** Squared error to the teacher at x ~ N(0, 1). */
export const sampling = method({
  name: 'sampling',
  summary: 'no data: the teacher at normal points',
  synthetic: (context) => ({
    loss: (pair) => gapAt(sampledPoints(context, CALLS.sampled), pair),
    dispose() {},
  }),
});

const directOptions = {
  sought,
  /** Uphill. */
  directSteps: integer({
    name: 'direct-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 2,
    help: 'steps uphill of direct',
  }),
  directSize: number({
    name: 'direct-size',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 1,
    help: 'their length, in deviations of the inputs',
  }),
};

/** Points that begin normal and climb to where the two differ. */
export const direct = method<ValuesOf<typeof directOptions>>({
  name: 'direct',
  summary: 'no data: the teacher where the student differs most',
  options: directOptions,
  synthetic: (context, options) =>
    withSought(context, options.sought, (pair) =>
      ascend(sampledPoints(context, CALLS.started), pair, {
        ...{ inputPenalty: 1e-5, outputPenalty: 1e-5 },
        ...{ steps: options.directSteps, stepSize: options.directSize, leadingAxes: 1 },
      }),
    ),
});

const generatorOptions = { sought, generatorEvery };

/** Points of a network that is trained beside the student to make the two differ. */
export const generator = method<ValuesOf<typeof generatorOptions>>({
  name: 'generator',
  summary: 'no data: the teacher at points of an adversary',
  options: generatorOptions,
  synthetic(context, options) {
    const network = adversary({ ...context, every: options.generatorEvery });
    const seek = (pair: Pair, phase: string) => network.points(pair, { rows: context.rows, phase });
    return { ...withSought(context, options.sought, seek, network.dispose), phaseOf: network.phaseOf };
  },
});

const impressionOptions = {
  sought,
  impressionSteps: integer({
    name: 'impression-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 2000,
    help: "steps of impressions' network, before the student",
  }),
};

/** Points of a network that was trained to find inputs for predictions N(0, 1). */
export const impressions = method<ValuesOf<typeof impressionOptions>>({
  name: 'impressions',
  summary: 'no data: the teacher at inputs found for predictions',
  options: impressionOptions,
  preparationSteps: ({ impressionSteps }) => impressionSteps,
  synthetic(context, options) {
    const network = impressionNetwork({ ...context, steps: options.impressionSteps });
    return {
      ...withSought(context, options.sought, network.points, network.dispose),
      prepare: network.train,
    };
  },
});
