/** Options of `distill` that were given and change nothing, because what they are about is not asked for. */
import type { AddOn } from './methods/method-name.ts';
import type { StudyConfig } from './results.ts';

/** What an option is about, in words, and whether a study has it. */
interface Subject {
  readonly words: string;
  readonly isIn: (config: StudyConfig) => boolean;
}

const baseOf = (method: string) => method.split('+')[0]!;

function methods(...names: readonly string[]): Subject {
  return {
    words: `the method ${names.join(' or ')}`,
    isIn: ({ methods }) => methods.some((method) => names.includes(baseOf(method))),
  };
}

function addOn(name: AddOn): Subject {
  return {
    words: `a method with +${name}`,
    isIn: ({ methods }) => methods.some((method) => method.split('+').includes(name)),
  };
}

function value<K extends keyof StudyConfig>(
  option: string,
  key: K,
  ...values: readonly StudyConfig[K][]
): Subject {
  return { words: `--${option} ${values.join(' or ')}`, isIn: (config) => values.includes(config[key]) };
}

function all(...subjects: readonly Subject[]): Subject {
  return {
    words: subjects.map(({ words }) => words).join(' and '),
    isIn: (config) => subjects.every(({ isIn }) => isIn(config)),
  };
}

function either(...subjects: readonly Subject[]): Subject {
  return {
    words: subjects.map(({ words }) => words).join(', or '),
    isIn: (config) => subjects.some(({ isIn }) => isIn(config)),
  };
}

const byEpochs: Subject = { words: '--steps 0', isIn: ({ steps }) => steps === 0 };
const teacherByEpochs: Subject = {
  words: '--teacher-steps 0',
  isIn: ({ teacherSteps }) => teacherSteps === 0,
};
const noisyLabels: Subject = { words: '--noise above 0', isIn: ({ noise }) => noise > 0 };
const ascent = all(addOn('abm'), value('abm', 'abm', 'ascent'));

/** Options that are not here always have an effect, or belong to some data (`Option.only`). */
const subjects: Readonly<Record<string, Subject>> = {
  epochs: byEpochs,
  'teacher-epochs': teacherByEpochs,
  'outlier-size': noisyLabels,
  deviations: value('rule', 'rule', 'mad', 'iterative', 'zscore'),
  quantile: value('rule', 'rule', 'quantile'),
  threshold: value('rule', 'rule', 'fixed'),
  'outlier-branch': methods('tor', 'tor-dual'),
  eps: all(methods('tor', 'tor-dual'), value('outlier-branch', 'outlierBranch', 'sqrt', 'smooth')),
  'teacher-weight': methods('tor-dual'),
  perturbation: addOn('pm'),
  sigma: all(addOn('pm'), value('perturbation', 'perturbation', 'gaussian')),
  'pm-weight': addOn('pm'),
  slopes: addOn('gm'),
  'gm-weight': addOn('gm'),
  abm: addOn('abm'),
  'abm-weight': addOn('abm'),
  'ascent-steps': ascent,
  'ascent-size': ascent,
  sought: methods('direct', 'generator', 'impressions'),
  'direct-steps': methods('direct'),
  'direct-size': methods('direct'),
  'generator-every': either(methods('generator'), all(addOn('abm'), value('abm', 'abm', 'generator'))),
  'impression-steps': methods('impressions'),
};

/** For tests: the options that may be in vain. */
export const subjectNames: readonly string[] = Object.keys(subjects);

/** A line for each option in vain. */
export function idleOptions(given: Iterable<string>, config: StudyConfig): string[] {
  return [...given].flatMap((name) => {
    const subject = Object.hasOwn(subjects, name) ? subjects[name] : undefined;
    return subject && !subject.isIn(config)
      ? [`--${name} has no effect here: it is about ${subject.words}`]
      : [];
  });
}
