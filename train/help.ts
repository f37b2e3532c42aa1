/** The text of `distill --help`, made of the option list. */

import { type Option, options } from './option-list.ts';
import { defaults } from './study-defaults.ts';

const titles: Record<Option['group'], string> = {
  data: 'Data',
  networks: 'Networks',
  training: 'Training',
  run: 'Run',
};

const placeholders: Record<Option['kind'], string> = {
  flag: '',
  integer: ' N',
  number: ' X',
  choice: ' NAME',
  text: ' NAME',
  data: ' NAME|FILE',
  size: ' WxH',
  columns: ' A,B,…',
  network: ' NETWORK',
  methods: ' A,B,…',
};

export function helpText(methodNames: readonly string[]): string {
  const groups = Object.entries(titles).map(([group, title]) => {
    const lines = options
      .filter((option) => option.group === group)
      .map((option) => optionLine(option, methodNames));
    return `${title}\n${lines.join('\n')}`;
  });
  return [
    'distill: train a teacher and small students on noisy labels, and compare them.',
    'Usage: npm run distill -- [options]     or     npx limbeck distill [options]',
    ...groups,
    'Exit codes: 0 done, 1 the run failed, 2 a wrong option, 130 stopped by Ctrl-C (finished seeds are kept).',
  ].join('\n\n');
}

function optionLine(option: Option, methodNames: readonly string[]): string {
  const left = `  --${option.name}${placeholders[option.kind]}`.padEnd(30);
  const known = option.kind === 'methods' ? methodNames : (option.choices ?? []);
  // Of the sinusoid; an option of other data alone says its own.
  const isCommon = option.key !== undefined && (option.only?.includes('sinusoid') ?? true);
  const value = isCommon ? String(defaults[option.key!]) : '';
  const standard = value === '' ? '' : ` [${value}]`;
  const choices = known.length > 1 ? `\n${' '.repeat(32)}one of ${known.join(', ')}` : '';
  const several = option.kind === 'methods' ? choices.replace('one of', 'any of') : choices;
  return `${left}  ${option.help}${standard}${several}`;
}
