/** Options of `distill` that were given and change nothing, because nothing that reads them is asked for. */
import { type Condition, keyOf, type Option } from '../../base/option.ts';
import { modifiers } from '../../methods/modifiers/all.ts';
import { methods } from '../../methods/all.ts';
import { tasks } from '../../tasks/all.ts';
import { taskOf } from '../data/kinds/all.ts';
import type { StudyConfig } from '../results.ts';
import { asksTeacher } from '../../methods/chosen-method.ts';
import { outlierOptions } from '../../losses/outlier-options.ts';
import { teacherColumn, teacherOptions, teacherTrainingOptions } from '../teachers/teacher-options.ts';
import { options } from './option-list.ts';

const partsOf = (method: string) => method.split('+');

/** A method or an add-on that reads an option, and what it asks besides. */
interface Reader {
  readonly name: string;
  readonly when: Condition | undefined;
}

interface Owner {
  readonly name: string;
  readonly options?: object;
  readonly reads?: Readonly<Partial<Record<string, Condition>>>;
}

function readersOf(option: Option, owners: Iterable<Owner>): Reader[] {
  return [...owners].flatMap(({ name, options: own, reads = {} }) => {
    const found = Object.values<Option>({ ...own }).find((declared) => declared.name === option.name);
    return found ? [{ name, when: reads[keyOf(found)] ?? found.when }] : [];
  });
}

function both(first: Condition, second: Condition | undefined): Condition {
  if (!second) return first;
  return {
    words: `${first.words} and ${second.words}`,
    holds: (...study) => first.holds(...study) && second.holds(...study),
  };
}

/** Readers with one condition told together: 'the method tor or tor-dual and --outlier-branch sqrt or smooth'. */
function subjects(
  readers: readonly Reader[],
  subjectOf: (
    names: readonly string[],
  ) => Pick<Condition, 'words'> & { isAmong(methods: readonly string[]): boolean },
): Condition[] {
  const conditions = new Set(readers.map(({ when }) => when));
  return [...conditions].map((when) => {
    const { words, isAmong } = subjectOf(
      readers.filter((reader) => reader.when === when).map(({ name }) => name),
    );
    return both({ words, holds: ({ methods: chosen }) => isAmong(chosen as string[]) }, when);
  });
}

const ofMethods = (names: readonly string[]) => ({
  words: `the method ${names.join(' or ')}`,
  isAmong: (chosen: readonly string[]) => chosen.some((method) => names.includes(partsOf(method)[0]!)),
});

const ofAddOns = (names: readonly string[]) => ({
  words: `a method with ${names.map((name) => `+${name}`).join(' or ')}`,
  isAmong: (chosen: readonly string[]) =>
    chosen.some((method) =>
      partsOf(method)
        .slice(1)
        .some((name) => names.includes(name)),
    ),
});

/** Of teachers, and of what they reject: nothing reads them where no method asks for a teacher. */
const ofTeachers = new Set(
  Object.values<Option>({
    ...teacherOptions,
    ...teacherTrainingOptions,
    teacherColumn,
    ...outlierOptions,
  }).map(({ name }) => name),
);

const taught: Condition = {
  words: 'a method that asks a teacher',
  holds: ({ methods: chosen }) => (chosen as string[]).some(asksTeacher),
};

/** A task's options steer how a teacher is followed: they are in vain without one. */
function ofTasks(readers: readonly Reader[]): Condition[] {
  const names = readers.map(({ name }) => name);
  if (names.length === 0) return [];
  const holds: Condition['holds'] = (values) => names.includes(taskOf(values as unknown as StudyConfig).name);
  return [both({ words: `the task ${names.join(' or ')}`, holds }, taught)];
}

/** What an option is about; undefined of one that has an effect, as far as can be told before data are read. */
function subjectOf(option: Option): Condition | undefined {
  const all = [
    ...ofTasks(readersOf(option, tasks.values())),
    ...subjects(readersOf(option, methods.values()), ofMethods),
    ...subjects(readersOf(option, modifiers.values()), ofAddOns),
  ];
  if (all.length === 0) return option.when;
  return {
    words: all.map(({ words }) => words).join(', or '),
    holds: (...study) => all.some(({ holds }) => holds(...study)),
  };
}

/** For tests: the options that may be in vain. */
export function subjectNames(): string[] {
  return options.flatMap((option) => (subjectOf(option) ? [option.name] : []));
}

/** Why an option has no effect in a study, or undefined where it may have one. */
export function idleReason(
  name: string,
  config: StudyConfig,
  given: ReadonlySet<string>,
): string | undefined {
  const option = options.find((known) => known.name === name);
  if (ofTeachers.has(name) && !taught.holds({ ...config }, given)) return `it is about ${taught.words}`;
  const subject = option && subjectOf(option);
  if (!subject || subject.holds({ ...config }, given)) return undefined;
  return subject.reason ?? `it is about ${subject.words}`;
}

/** A line for each option in vain. */
export function idleOptions(given: ReadonlySet<string>, config: StudyConfig): string[] {
  return [...given].flatMap((name) => {
    const reason = idleReason(name, config, given);
    return reason === undefined ? [] : [`--${name} has no effect here: ${reason}`];
  });
}
