/** The method `dfa`: a student follows mixtures of its teacher's layers, which are searched for first. */
import { meanAlphas } from '../../base/aggregation.ts';
import { UserError } from '../../base/errors.ts';
import { softmax } from '../../engine/ops/reduce/softmax.ts';
import type { Training } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import type { Method } from '../method.ts';
import { type Dfa, found, hint, paths, search, type Search } from './dfa-options.ts';
import { following, pairOf } from './follow.ts';
import { type GroupPair, groupPairs } from './groups.ts';
import { fixedAlphas, searchedMixtures } from './mixtures.ts';
import { searchPlan, searchStage } from './search.ts';

export type Alpha = (layers: number, group: number, seed: number) => readonly number[];

/** What all of them say alike. */
export const common = {
  needs: 'features',
  check: (label: string, networks: Parameters<typeof groupPairs>[1]) => void groupPairs(label, networks),
} as const;

/** Mixtures that nobody has to search for. */
export function fixed(
  context: TrainingContext,
  of: (groups: readonly GroupPair[]) => Alpha,
  weight: number,
): Training {
  const pair = pairOf(context);
  const alpha = of(pair.groups);
  const alphas = fixedAlphas(context, pair.groups, (i, seed) =>
    alpha(pair.groups[i]!.layers.length, i, seed),
  );
  return {
    ...following(context, pair, () => alphas, weight),
    dispose: () => alphas.forEach((x) => x.dispose()),
  };
}

export function searched(
  context: TrainingContext,
  options: Search,
  gamma: { readonly student: number; readonly teacher: number },
): Training {
  const pair = pairOf(context);
  const mixtures = searchedMixtures(context, pair.groups);
  const { dfaSearchSteps: steps, dfaRate: rate, dfaDecay: decay, dfaAhead: ahead } = options;
  const first = searchStage(context, pair.groups, mixtures, { ...gamma, steps, rate, decay, ahead });
  const training = following(
    context,
    pair,
    () => mixtures.betas.map((beta) => softmax(beta)),
    options.dfaWeight,
  );
  return {
    ...training,
    stages: [first, ...training.stages],
    state: mixtures.state,
    observe: async ({ name }, step) => (name === first.name ? mixtures.note(step) : undefined),
    aggregations: () => mixtures.found(),
    dispose: () => Object.values(mixtures.state).forEach((x) => x.dispose()),
  };
}

/** The mixtures of a file. @throws UserError if they are of other layers than the teacher's. */
function givenAlphas(
  { name, aggregation }: TrainingContext,
  whose: Dfa['aggregationOf'],
): (groups: readonly GroupPair[]) => Alpha {
  const fail = (problem: string) => new UserError(`--methods: '${name}': --aggregation ${problem}`);
  if (!aggregation) throw fail('names a file, and none was read; distill reads it');
  const { seeds } = aggregation;
  const mean = meanAlphas(seeds);
  return (groups) => {
    const told = (all: readonly { readonly layers: readonly string[] }[]) =>
      all.map(({ layers }) => layers.join(' ')).join('; ');
    const [own, theirs] = [told(groups), told(seeds[0]!.groups)];
    if (own !== theirs)
      throw fail(
        `mixes the layers ${theirs}, and this teacher has ${own}; wants networks of the same blocks`,
      );
    return (_, group, seed) => {
      if (whose === 'mean') return mean[group]!;
      const one = seeds.find((each) => each.seed === seed);
      if (!one)
        throw fail(
          `has no seed ${seed}; it has ${seeds.map((each) => each.seed).join(', ')}; --aggregation-of mean suits all`,
        );
      return one.groups[group]!.alpha;
    };
  };
}

/** Differentiable feature aggregation (Guan et al. 2020, arXiv:2008.00506). */
export const dfa: Method<Dfa> = {
  ...common,
  name: 'dfa',
  summary: "labels and mixtures of the teacher's layers, which are searched for first",
  options: { ...hint, ...search, ...paths, ...found },
  plan: ({ aggregation, dfaSearchSteps }, { steps }) => [
    ...(aggregation === '' ? [searchPlan(dfaSearchSteps)] : []),
    { name: 'train', steps },
  ],
  build(context, options) {
    const { aggregation, aggregationOf, dfaStudentPath: student, dfaTeacherPath: teacher } = options;
    if (aggregation === '') return searched(context, options, { student, teacher });
    return fixed(context, givenAlphas(context, aggregationOf), options.dfaWeight);
  },
};
