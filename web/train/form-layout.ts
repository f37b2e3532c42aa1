/** What the form calls its fields, and where they stand. */
import { formatCount, formatPercent } from '../../base/format.ts';
import { dataOption } from '../../study/data/kinds/all.ts';
import { methods } from '../../methods/all.ts';
import type { StudyConfig } from '../../study/results.ts';
import { checksField, choiceField, type Field, networkField, textField } from './fields.ts';
import { optionOf, settingOptions } from './settings.ts';

export interface Section {
  readonly title: string;
  readonly names: readonly string[];
  /** What it says when it is folded. */
  digest(config: StudyConfig): string;
}

const networkWords = (text: string) => text.replace('mlp:', '').replaceAll(',', '·').replace(':', ' ');

const titles: readonly Omit<Section, 'names'>[] = [
  {
    title: 'Data',
    digest: ({ data, file, trainRows, noise }) =>
      `${data === 'table' ? file : data}, ${formatCount(trainRows)} rows, ${formatPercent(noise)} off`,
  },
  {
    title: 'Networks',
    digest: ({ teacher, student }) => `${networkWords(teacher)} → ${networkWords(student)}`,
  },
  {
    title: 'Methods',
    digest: ({ methods: chosen }) => `${chosen.length} of ${methods.size}`,
  },
  {
    title: 'Training',
    digest: ({ seeds, epochs }) =>
      `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${formatCount(epochs)} epochs`,
  },
];

const settable = settingOptions.filter(({ name }) => name !== dataOption.name);

export const sections: readonly Section[] = titles.map((section) => ({
  ...section,
  names: settable.flatMap(({ name, form }) => (form?.section === section.title ? [name] : [])),
}));

const common = sections.flatMap(({ names }) => names);

/** What few people change. */
export const advancedNames = settable.map(({ name }) => name).filter((name) => !common.includes(name));

export function makeField(name: string): Field {
  const { kind, choices = [], help, form = {} } = optionOf(name);
  const label = form.label ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  const options = { name, label, hint: form.hint ?? (common.includes(name) ? undefined : help) };
  if (kind === 'network') return networkField(options);
  if (kind === 'methods') return checksField(options, [...methods.values()]);
  if (kind === 'choice') return choiceField(options, choices);
  return textField(options, { slider: form.slider, isNumber: !['text', 'ramp', 'networks'].includes(kind) });
}
