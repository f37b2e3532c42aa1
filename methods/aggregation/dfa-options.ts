/** The options of `dfa` and its controls. */
import { choice, integer, most, number, text, type ValuesOf } from '../../base/option.ts';

/** Of all of them. */
export const hint = {
  dfaWeight: number({
    name: 'dfa-weight',
    group: 'training',
    min: 0,
    default: 0.1,
    help: "weight of dfa's error to mixtures of the teacher's layers, beside that to the labels",
  }),
};

/** Of those that search. */
export const search = {
  dfaSearchSteps: integer({
    name: 'dfa-search-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 1000,
    help: "steps of dfa's search, before the student",
  }),
  dfaRate: number({
    name: 'dfa-rate',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 0.03,
    help: "learning rate of dfa's mixtures",
  }),
  dfaDecay: number({
    name: 'dfa-decay',
    group: 'training',
    min: 0,
    default: 1e-3,
    help: "weight decay of dfa's mixtures, which draws them to the mean",
  }),
  dfaAhead: number({
    name: 'dfa-ahead',
    group: 'training',
    min: 0,
    default: 0,
    help: "step of the weights that dfa's mixtures look ahead, by second derivatives; 0 for first order",
  }),
};

/** Weights of the bridge loss. */
export const paths = {
  dfaStudentPath: number({
    name: 'dfa-student-path',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight in dfa's search of how well the student's layers follow a mixture",
  }),
  dfaTeacherPath: number({
    name: 'dfa-teacher-path',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight in dfa's search of how well labels are predicted from a mixture",
  }),
};

const aggregation = text({
  name: 'aggregation',
  group: 'training',
  default: '',
  help: 'FILE: mixtures that an earlier dfa found, its aggregation.json, instead of a search',
});

export const found = {
  aggregation,
  aggregationOf: choice({
    name: 'aggregation-of',
    group: 'training',
    choices: ['mean', 'own'],
    default: 'mean',
    help: 'whose mixtures of --aggregation: the mean of its seeds, or for each seed its own',
    when: { words: '--aggregation FILE', holds: (values) => values.aggregation !== '' },
  }),
};

export const draw = {
  dfaRandomDraw: integer({
    name: 'dfa-random-draw',
    group: 'training',
    min: 0,
    max: most,
    default: 0,
    help: "which of dfa-random's mixtures",
  }),
};

export type Hint = ValuesOf<typeof hint>;
export type Search = Hint & ValuesOf<typeof search>;
export type Dfa = Search & ValuesOf<typeof paths> & ValuesOf<typeof found>;
export type Random = Hint & ValuesOf<typeof draw>;
