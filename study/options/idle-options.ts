/** Options of `distill` that were given and change nothing, because what they are about is not asked for. */
import type { AddOn } from '../../methods/method-name.ts';
import type { StudyConfig } from '../results.ts';

/** What an option is about, in words, and whether a study has it, by its configuration and all options given. */
interface Subject {
  readonly words: string;
  /** Why it has no effect, if that is not that it is about `words`. */
  readonly reason?: string;
  readonly isIn: (config: StudyConfig, given: ReadonlySet<string>) => boolean;
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
    isIn: (...study) => subjects.every(({ isIn }) => isIn(...study)),
  };
}

function either(...subjects: readonly Subject[]): Subject {
  return {
    words: subjects.map(({ words }) => words).join(', or '),
    isIn: (...study) => subjects.some(({ isIn }) => isIn(...study)),
  };
}

const byEpochs: Subject = {
  words: 'epochs',
  reason: '--steps counts updates instead',
  isIn: ({ steps }) => steps === 0,
};
const teacherByEpochs: Subject = {
  words: 'epochs',
  reason: '--teacher-steps counts updates instead',
  isIn: ({ teacherSteps }) => teacherSteps === 0,
};
const splitHere: Subject = {
  words: 'rows that are split here',
  reason: '--split says which rows are held out',
  isIn: (_, given) => !given.has('split'),
};
const onGpu: Subject = { words: 'a GPU', isIn: ({ device }) => device !== 'cpu' };
const namedFolder: Subject = { words: 'the folder of --out', isIn: (_, given) => given.has('out') };
const noisyLabels: Subject = { words: '--noise above 0', isIn: ({ noise }) => noise > 0 };
const ascent = all(addOn('abm'), value('abm', 'abm', 'ascent'));

/** Options that are not here have an effect, as far as can be told before data are read, or belong to some data (`Option.only`). */
const subjects: Readonly<Record<string, Subject>> = {
  epochs: byEpochs,
  'teacher-epochs': teacherByEpochs,
  'outlier-size': noisyLabels,
  'test-share': splitHere,
  math: onGpu,
  overwrite: namedFolder,
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

/** Why an option has no effect in a study, or undefined where it may have one. */
export function idleReason(
  name: string,
  config: StudyConfig,
  given: ReadonlySet<string>,
): string | undefined {
  const subject = Object.hasOwn(subjects, name) ? subjects[name] : undefined;
  if (!subject || subject.isIn(config, given)) return undefined;
  return subject.reason ?? `it is about ${subject.words}`;
}

/** A line for each option in vain. */
export function idleOptions(given: ReadonlySet<string>, config: StudyConfig): string[] {
  return [...given].flatMap((name) => {
    const reason = idleReason(name, config, given);
    return reason === undefined ? [] : [`--${name} has no effect here: ${reason}`];
  });
}
