/** What the form calls its fields, and where they stand. */
import { formatCount, formatPercent } from '../../base/format.ts';
import { methods } from '../../methods/all.ts';
import type { StudyConfig } from '../../study/results.ts';
import {
  checksField,
  choiceField,
  type Field,
  networkField,
  type SliderOptions,
  textField,
} from './fields.ts';
import { optionOf, settingOptions } from './settings.ts';

const labels: Readonly<Record<string, string>> = {
  target: 'Columns to predict',
  'test-share': 'Share held out',
  noise: 'Outlier share',
  teacher: 'Teacher, hidden layers',
  student: 'Student, hidden layers',
  epochs: 'Epochs of a student',
  'teacher-epochs': 'Epochs of the teacher',
  rule: 'Outlier rule',
  seed: 'First seed',
  'batch-seeds': 'Seeds side by side',
  eps: 'eps',
};

const hints: Readonly<Record<string, string>> = {
  'test-share': 'rows that errors are measured on; other ones for each seed',
  noise: 'share of training labels that are put off',
  'outlier-size': 'by up to ± this (of a file: deviations)',
  'gaussian-noise': 'standard deviation, on every label',
  teacher: 'widths, such as 100, 100',
  student: 'widths, such as 16, 16',
  seeds: 'from 2 on there are intervals',
};

const sliders: Readonly<Record<string, SliderOptions>> = {
  noise: { min: 0, max: 0.6, step: 0.01 },
  'outlier-size': { min: 0, max: 10, step: 0.1 },
  'gaussian-noise': { min: 0, max: 1, step: 0.01 },
};

export interface Section {
  readonly title: string;
  readonly names: readonly string[];
  /** What it says when it is folded. */
  digest(config: StudyConfig): string;
}

const networkWords = (text: string) => text.replace('mlp:', '').replaceAll(',', '·').replace(':', ' ');

export const sections: readonly Section[] = [
  {
    title: 'Data',
    names: ['target', 'test-share', 'noise', 'outlier-size', 'gaussian-noise'],
    digest: ({ data, file, trainRows, noise }) =>
      `${data === 'table' ? file : data}, ${formatCount(trainRows)} rows, ${formatPercent(noise)} off`,
  },
  {
    title: 'Networks',
    names: ['teacher', 'student'],
    digest: ({ teacher, student }) => `${networkWords(teacher)} → ${networkWords(student)}`,
  },
  {
    title: 'Methods',
    names: ['methods'],
    digest: ({ methods: chosen }) => `${chosen.length} of ${methods.size}`,
  },
  {
    title: 'Training',
    names: ['seeds', 'epochs', 'teacher-epochs'],
    digest: ({ seeds, epochs }) =>
      `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${formatCount(epochs)} epochs`,
  },
];

const common = sections.flatMap(({ names }) => names);

/** What few people change. */
export const advancedNames = settingOptions
  .map(({ name }) => name)
  .filter((name) => !common.includes(name) && name !== 'data');

export function makeField(name: string): Field {
  const { kind, choices = [], help } = optionOf(name);
  const label = labels[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const options = { name, label, hint: hints[name] ?? (common.includes(name) ? undefined : help) };
  if (kind === 'network') return networkField(options);
  if (kind === 'methods') return checksField(options, [...methods.values()]);
  if (kind === 'choice') return choiceField(options, choices);
  return textField(options, { slider: sliders[name], isNumber: kind !== 'text' && kind !== 'ramp' });
}
