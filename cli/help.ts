/** The text of `distill --help`, made of the option list. */

import type { OptionGroup, OptionKind } from '../base/option.ts';
import { modifiers } from '../methods/modifiers/all.ts';
import { dataOption } from '../study/data/kinds/all.ts';
import type { StudyConfig } from '../study/results.ts';
import { options, type StudyOption } from '../study/options/option-list.ts';
import { defaultsOf } from '../study/options/study-defaults.ts';

const titles: Record<OptionGroup, string> = {
  data: 'Data',
  networks: 'Networks',
  training: 'Training',
  run: 'Run',
};

const placeholders: Record<OptionKind, string> = {
  flag: '',
  integer: ' N',
  number: ' X',
  ramp: ' X|X:Y',
  choice: ' NAME',
  text: ' NAME',
  data: ' NAME|FILE',
  size: ' WxH',
  columns: ' A,B,…',
  network: ' NETWORK',
  networks: ' A,B,…',
  methods: ' A,B,…',
  task: ' NAME|FILE',
};

export function helpText(methodNames: readonly string[]): string {
  // Of the data that are trained on where nobody says which.
  const defaults = defaultsOf(dataOption.default!);
  const groups = Object.entries(titles).map(([group, title]) => {
    const lines = options
      .filter((option) => option.group === group)
      .map((option) => optionLine(option, methodNames, defaults));
    return `${title}\n${lines.join('\n')}`;
  });
  return [
    'distill: train a teacher and small students on noisy labels, and compare them.',
    'Usage: npm run distill -- [options]     or     npx limbeck distill [options]',
    ...groups,
    'Exit codes: 0 done, 1 the run failed, 2 a wrong option, 130 stopped by Ctrl-C (finished seeds are kept).',
  ].join('\n\n');
}

function optionLine(option: StudyOption, methodNames: readonly string[], defaults: StudyConfig): string {
  const left = `  --${option.name}${placeholders[option.kind]}`.padEnd(INDENT - 2);
  const known = option.kind === 'methods' ? methodNames : (option.choices ?? []);
  // Of the sinusoid; an option of other data alone says its own.
  const isCommon = option.key !== undefined && (option.only?.includes('sinusoid') ?? true);
  const value = isCommon ? [defaults[option.key!]].flat().join(', ') : '';
  const standard = value === '' ? '' : ` [${value}]`;
  const words = option.kind === 'methods' ? 'any of' : 'one of';
  const lines = [
    ...wrapped(`${option.help}${standard}`),
    ...(known.length > 1 ? wrapped(`${words} ${known.join(', ')}`) : []),
    ...(option.kind === 'methods' ? wrapped(`each alone or with ${addOnText}: tor-dual+pm+abm+gm`) : []),
  ];
  return `${left}  ${lines.join(`\n${' '.repeat(INDENT)}`)}`;
}

const addOnText = [...modifiers.values()].map(({ name, summary }) => `+${name} (${summary})`).join(', ');

/** Where the words of an option begin, and the last column. */
const [INDENT, WIDTH] = [32, 108];

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > WIDTH - INDENT) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
