/** The weights by which a teacher's layers are mixed, group by group: searched for, or given. */
import type { Aggregation } from '../../base/aggregation.ts';
import { assign } from '../../engine/ops/movement/assign.ts';
import { softmax } from '../../engine/ops/reduce/softmax.ts';
import { uniformValues } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import { full } from '../../engine/ops/fill.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import { mixable, mixture } from '../../losses/features/aggregate.ts';
import type { NetworkInput } from '../../models/network.ts';
import { type Named, ParameterBuilder } from '../../models/parameters.ts';
import { seedsOf } from '../../models/roles.ts';
import type { TrainingContext } from '../context.ts';
import type { GroupPair } from './groups.ts';

/** Readings of a search that are kept, and what stands where there is none yet. */
const [MOST_READINGS, NONE] = [64, -1];

/** The teacher's layers of every group for some rows, (…, layers, rows·…shape) each. */
export function teacherLayers(
  context: TrainingContext,
  groups: readonly GroupPair[],
  input: NetworkInput,
): Tensor[] {
  const names = groups.flatMap(({ layers }) => layers);
  const taps = noGrad(() => context.teacher().taps!(input, names));
  return groups.map(({ layers }) =>
    mixable(
      layers.map((name) => taps[name]!),
      context,
    ),
  );
}

/** Σ_j α_j T_j of a group as its layers are: (…, rows, …shape). */
export function mixed(
  { leadingAxes }: TrainingContext,
  { shapes }: GroupPair,
  layers: Tensor,
  alpha: Tensor,
): Tensor {
  const [size, lead] = [shapes.teacher.reduce((a, b) => a * b, 1), layers.shape.slice(0, leadingAxes)];
  return mixture(layers, alpha, [...lead, layers.shape.at(-1)! / size, ...shapes.teacher]);
}

/** Weights that stay: of each group and seed a list. */
export function fixedAlphas(
  { backend, seeds }: TrainingContext,
  groups: readonly GroupPair[],
  of: (group: number, seed: number) => readonly number[],
): Tensor[] {
  return groups.map(({ layers }, i) => {
    const shape = [seeds.length, layers.length];
    return tensor(
      seeds.flatMap((seed) => [...of(i, seed)]),
      shape,
      backend,
    );
  });
}

/** Uniform over all mixtures of so many layers: exponential numbers by their sum. */
export function randomAlpha(layers: number, seed: number, call: number): number[] {
  const drawn = uniformValues(layers, { seed: seedsOf('mixture', seed) as number, call, stream: 'data' });
  const parts = Array.from(drawn, (u) => -Math.log(1 - u));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

export interface Searched {
  /** β of each group, (…, layers): what is searched. */
  readonly betas: readonly Tensor[];
  readonly parameters: Named;
  /** How the search went, to be saved with it. */
  readonly state: Named;
  note(step: number): Promise<void>;
  found(): Promise<Aggregation[]>;
}

/** Mixtures that begin even, but for 1e-3 of normal numbers. */
export function searchedMixtures(context: TrainingContext, groups: readonly GroupPair[]): Searched {
  const { backend, seeds } = context;
  const { parameters } = context.make('mixture', (given) => {
    const builder = new ParameterBuilder('mixture', given.backend, given.seed, { arena: given.arena });
    for (const [i, { layers }] of groups.entries())
      builder.parameter(`beta.${i}`, [layers.length], { normal: 1e-3 });
    return builder;
  });
  const betas = Object.values(parameters);
  const steps = full([MOST_READINGS], NONE, backend);
  const curves = betas.map((beta) => full([MOST_READINGS, beta.size], NONE, backend));
  const now = () => Promise.all(betas.map((beta) => tidy(() => noGrad(() => softmax(beta))).data()));
  return {
    betas,
    parameters,
    state: { steps, ...Object.fromEntries(curves.map((curve, i) => [`curve.${i}`, curve])) },
    async note(step) {
      const at = Float64Array.from(await steps.data());
      const place = at.indexOf(NONE);
      if (place < 0) return;
      at[place] = step;
      assign(steps, at);
      for (const [i, alpha] of (await now()).entries()) {
        const all = Float64Array.from(await curves[i]!.data());
        all.set(alpha, place * alpha.length);
        assign(curves[i]!, all);
      }
    },
    async found() {
      const [at, alphas] = [[...(await steps.data())].filter((step) => step !== NONE), await now()];
      const all = await Promise.all(curves.map((curve) => curve.data()));
      return seeds.map((seed, s) => ({
        seed,
        groups: groups.map(({ student, layers }, i) => {
          const own = (of: ArrayLike<number>, place: number) =>
            Array.from(layers, (_, j) => of[(place * seeds.length + s) * layers.length + j]!);
          const curve = at.map((step, place) => ({ step, alpha: own(all[i]!, place) }));
          return { student, layers, alpha: own(alphas[i]!, 0), curve };
        }),
      }));
    },
  };
}
