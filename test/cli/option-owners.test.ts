/** Options stand beside their owners: each is declared once, and nothing else lists them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keyOf, type Option } from '../../base/option.ts';
import { methods } from '../../methods/all.ts';
import { modifiers } from '../../methods/modifiers/all.ts';
import { dataKinds, dataOption } from '../../study/data/kinds/all.ts';
import { options } from '../../study/options/option-list.ts';
import { owners } from '../../study/options/owners.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { commandOptions } from '../../study/run-options.ts';

const declared: readonly (readonly [string, Option])[] = [
  ...owners().flatMap(({ options: own, reading }) => [
    ...Object.entries<Option>({ ...own }),
    ...Object.entries<Option>({ ...reading }),
  ]),
  ...Object.entries<Option>(commandOptions),
  ['data', dataOption],
];

/** What is wrong with a list of declarations, in words. */
function conflicts(list: typeof declared): string[] {
  const byName = new Map<string, Option>();
  return list.flatMap(([key, option]) => {
    const other = byName.get(option.name) ?? option;
    byName.set(option.name, other);
    const twice = other === option ? [] : [`--${option.name} is declared in two places`];
    return key === keyOf(option) ? twice : [...twice, `--${option.name} has the key ${key}`];
  });
}

test('a name means one declaration, whoever reads it, and its key follows from it', () => {
  expect(conflicts(declared)).toEqual([]);
  expect(new Set(declared.map(([, { name }]) => name))).toEqual(new Set(options.map(({ name }) => name)));
  const [key, option] = declared[0]!;
  expect(conflicts([...declared, [key, { ...option }]])).toEqual([
    `--${option.name} is declared in two places`,
  ]);
  expect(conflicts([...declared, ['another', option]])).toEqual([`--${option.name} has the key another`]);
});

test('what belongs to one new method alone carries its name', () => {
  // Names from before this rule stay as they are.
  const before = ['outlier-branch', 'eps', 'teacher-weight', 'sought', 'perturbation', 'sigma', 'slopes'];
  before.push('ascent-steps', 'ascent-size', 'impression-steps', 'generator-every');
  const readers = [...methods.values(), ...modifiers.values()];
  const optionsOf = ({ options: own }: { options?: object }) => Object.values<Option>({ ...own });
  const isAlone = (option: Option) =>
    readers.filter((reader) => optionsOf(reader).includes(option)).length === 1;
  for (const reader of readers)
    for (const { name } of optionsOf(reader).filter(
      (option) => isAlone(option) && !before.includes(option.name),
    ))
      expect(name, reader.name).toMatch(new RegExp(`^${reader.name.replace(/^scratch-/, '')}(-|$)`));
});

test('every value has a default for every kind of data, but for a teacher in columns and seeds that are fixed', () => {
  const keys = declared.flatMap(([key]) => (options.some((option) => option.key === key) ? [key] : []));
  for (const data of dataKinds.keys()) {
    const own = Object.keys(defaultsOf(data));
    expect([...new Set(keys)].filter((key) => !own.includes(key))).toEqual([
      'teacherColumn',
      'teacherSeed',
      'dataSeed',
    ]);
    expect(own.filter((key) => !keys.includes(key))).toEqual(['data', 'file']);
  }
});

test('defaults are values that the option takes', () => {
  for (const data of dataKinds.keys()) {
    const values = defaultsOf(data);
    for (const { key, name, kind, choices, min = -Infinity, max = Infinity } of options) {
      if (key === undefined) continue;
      const value = values[key];
      if (choices) expect(choices, `--${name} of ${data}`).toContain(value);
      if ((kind !== 'integer' && kind !== 'number') || value === undefined) continue;
      expect(value, `--${name} of ${data}`).toBeGreaterThanOrEqual(min);
      expect(value, `--${name} of ${data}`).toBeLessThanOrEqual(max);
    }
  }
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = [
  'base',
  'losses',
  'models',
  'datasets',
  'train',
  'methods',
  'study',
  'report',
  'deploy',
  'cli',
  'web',
];
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

/** Other commands have options of their own, called as those that steer this one. */
const configured = options.filter(({ key }) => key !== undefined);

/** Names of options, or their keys, that stand beside each other in a list. */
function listsIn(code: string): string[] {
  const known = new Set(configured.flatMap((option) => [option.name, keyOf(option)]));
  const words = /'([\w-]+)'(?:,\s*'([\w-]+)')+/g;
  return [...code.matchAll(words)].flatMap(([list]) => {
    const own = [...list.matchAll(/'([\w-]+)'/g)].map(([, word]) => word!);
    return own.filter((word) => known.has(word)).length > 1 ? [list] : [];
  });
}

/** Names of two words or more, as a whole text: nobody writes 'pm-weight' but where it is declared. */
function namesIn(code: string): string[] {
  return configured.flatMap(({ name }) => (name.includes('-') && code.includes(`'${name}'`) ? [name] : []));
}

test('no second list of options, and no name of one outside its declaration', () => {
  const places = new Map<string, string[]>();
  for (const file of sources) {
    const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(listsIn(code), file).toEqual([]);
    for (const name of namesIn(code)) places.set(name, [...(places.get(name) ?? []), file]);
  }
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
  expect(listsIn("const ofStudents = ['methods', 'student', 'learningRate'];")).toHaveLength(1);
  expect(namesIn("const subjects = { 'pm-weight': 1 };")).toEqual(['pm-weight']);
});

test('no name of a method stands among the options', () => {
  // A teacher may be an ensemble, too.
  const values = options.flatMap(({ choices = [] }) => choices);
  const names = [...methods.keys()].filter((name) => !values.includes(name));
  const ofOptions = sources.filter(
    (file) => file.startsWith('study/options') || file === 'study/student-objective.ts',
  );
  for (const file of [
    ...ofOptions,
    'cli/help.ts',
    'study/teachers/teacher-key.ts',
    'study/plan/study-schema.ts',
  ]) {
    const code = readFileSync(join(root, file), 'utf8');
    for (const name of names) expect(code.includes(`'${name}'`), `${file}: ${name}`).toBe(false);
  }
});
