/** What `dfa` is compared with: mixtures that nobody searched for, and searches by one of its two paths. */
import type { TrainingContext } from '../context.ts';
import type { Method } from '../method.ts';
import { type Alpha, common, fixed, searched } from './dfa.ts';
import { draw, hint, type Hint, type Random, search, type Search } from './dfa-options.ts';
import { randomAlpha } from './mixtures.ts';
import { searchPlan } from './search.ts';

function control(name: string, summary: string, alpha: Alpha): Method<Hint> {
  const build = (context: TrainingContext, { dfaWeight }: Hint) => fixed(context, () => alpha, dfaWeight);
  return { ...common, name, summary, options: hint, build };
}

function onePath(name: string, summary: string, gamma: { student: number; teacher: number }): Method<Search> {
  return {
    ...common,
    ...{ name, summary, options: { ...hint, ...search } },
    plan: ({ dfaSearchSteps }, { steps }) => [searchPlan(dfaSearchSteps), { name: 'train', steps }],
    build: (context, options) => searched(context, options, gamma),
  };
}

export const dfaLast = control(
  'dfa-last',
  "labels and the last layer of each group of the teacher's",
  (layers) => Array.from({ length: layers }, (_, j) => (j === layers - 1 ? 1 : 0)),
);
export const dfaAverage = control(
  'dfa-average',
  "labels and the mean of each group of the teacher's layers",
  (layers) => Array.from({ length: layers }, () => 1 / layers),
);
export const dfaStudent = onePath('dfa-student', 'dfa, searched by what the student can follow alone', {
  student: 1,
  teacher: 0,
});
export const dfaTeacher = onePath('dfa-teacher', 'dfa, searched by what predicts the labels alone', {
  student: 0,
  teacher: 1,
});

export const dfaRandom: Method<Random> = {
  ...common,
  name: 'dfa-random',
  summary: "labels and random mixtures of the teacher's layers",
  options: { ...hint, ...draw },
  build: (context, { dfaWeight, dfaRandomDraw }) =>
    fixed(
      context,
      () => (layers, group, seed) => randomAlpha(layers, seed, dfaRandomDraw * 2 ** 8 + group),
      dfaWeight,
    ),
};
