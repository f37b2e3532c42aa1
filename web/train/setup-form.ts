/** The form: what to train, in sections that fold; the last one holds what few people change. */
import { formatCount } from '../../train/format.ts';
import { methods } from '../../train/methods/all.ts';
import type { StudyConfig } from '../../train/results.ts';
import { element } from '../element.ts';
import {
  choiceField,
  type Field,
  methodsField,
  networkField,
  type SliderOptions,
  textField,
} from './fields.ts';
import { type Checked, check, defaultText, optionOf, settingOptions, type Settings } from './settings.ts';

const labels: Readonly<Record<string, string>> = {
  noise: 'Outlier share',
  'outlier-size': 'Outlier size',
  'gaussian-noise': 'Gaussian noise',
  'train-rows': 'Training rows',
  'test-rows': 'Test rows',
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
  noise: 'share of labels that are off',
  'outlier-size': 'such a label is off by up to ± this',
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

const sections: readonly { title: string; names: readonly string[]; digest(config: StudyConfig): string }[] =
  [
    {
      title: 'Data',
      names: ['noise', 'outlier-size', 'gaussian-noise'],
      digest: ({ trainRows, noise }) =>
        `sinusoid, ${formatCount(trainRows)} rows, ${Math.round(noise * 100)} % outliers`,
    },
    {
      title: 'Networks',
      names: ['teacher', 'student'],
      digest: ({ teacher, student }) => `${teacher.replace('mlp:', '')} → ${student.replace('mlp:', '')}`,
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

const common = new Set(sections.flatMap(({ names }) => names));
const advanced = settingOptions.map(({ name }) => name).filter((name) => !common.has(name));

export interface SetupForm {
  readonly root: HTMLElement;
  readonly settings: Settings;
  readonly checked: Checked;
  /** As if it had been typed. */
  set(name: string, text: string): void;
}

/** `onChange` hears of every edit, also of those that make the settings wrong. */
export function makeSetupForm(given: Settings, onChange: () => void): SetupForm {
  const fields = new Map([...common, ...advanced].map((name) => [name, makeField(name)]));
  const settings = new Map(given);
  const digests = new Map<string, HTMLElement>();
  let checked = check(settings, [...methods.keys()]);

  const show = () => {
    for (const [name, field] of fields) field.showProblem(checked.problems.get(name));
    const { config } = checked;
    if (config) for (const { title, digest } of sections) digests.get(title)!.textContent = digest(config);
  };
  const writeDefaults = () => {
    for (const [name, field] of fields)
      if (!settings.has(name)) field.write(defaultText(name, checked.config));
  };
  const read = (field: Field) => {
    const text = field.read();
    if (text === defaultText(field.name, checked.config)) settings.delete(field.name);
    else settings.set(field.name, text);
    checked = check(settings, [...methods.keys()]);
    // A default that hangs on another setting follows it; the field under the hands stays as it is.
    for (const name of ['deviations', 'eps'])
      if (name !== field.name && !settings.has(name))
        fields.get(name)!.write(defaultText(name, checked.config));
    show();
    onChange();
  };
  for (const field of fields.values()) field.root.addEventListener('input', () => read(field));

  for (const [name, text] of settings) fields.get(name)!.write(text);
  writeDefaults();

  const isNarrow = matchMedia('(max-width: 800px)').matches;
  const fold = (title: string, names: readonly string[], isOpen: boolean) => {
    const digest = element('span', { className: 'digest' });
    digests.set(title, digest);
    return element(
      'details',
      { className: 'section', open: isOpen },
      element('summary', {}, element('span', {}, title), digest),
      element('div', { className: 'fields' }, ...names.map((name) => fields.get(name)!.root)),
    );
  };
  const reset = element('button', { type: 'button', className: 'quiet' }, 'Reset to defaults');
  reset.addEventListener('click', () => {
    settings.clear();
    checked = check(settings, [...methods.keys()]);
    writeDefaults();
    show();
    onChange();
  });
  const root = element(
    'form',
    { className: 'setup', noValidate: true, attributes: { 'aria-label': 'Set-up' } },
    ...sections.map(({ title, names }, i) => fold(title, names, i === 0 || !isNarrow)),
    fold(
      'Advanced',
      advanced,
      advanced.some((name) => settings.has(name)),
    ),
    reset,
  );
  root.addEventListener('submit', (event) => event.preventDefault());
  show();
  return {
    root,
    settings,
    get checked() {
      return checked;
    },
    set(name, text) {
      const field = fields.get(name)!;
      field.write(text);
      read(field);
    },
  };
}

function makeField(name: string): Field {
  const { kind, choices = [], help } = optionOf(name);
  const label = labels[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const options = { name, label, hint: hints[name] ?? (common.has(name) ? undefined : help) };
  if (kind === 'network') return networkField(options);
  if (kind === 'methods') return methodsField(options, [...methods.values()]);
  if (kind === 'choice') return choiceField(options, choices);
  return textField(options, { slider: sliders[name], isNumber: kind !== 'text' });
}
