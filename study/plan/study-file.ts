/** STUDY.json: options that all runs have, and a grid of those that differ; read strictly, every mistake with its place. */
import { UserError } from '../../base/errors.ts';
import {
  isObject,
  meant,
  objectIn,
  type OptionTexts,
  optionText,
  optionTexts,
  show,
} from './option-texts.ts';
import { methodOfRow } from '../rows.ts';

export interface AxisEntry {
  /** What tables and plots call it. */
  readonly value: string | number;
  readonly options: OptionTexts;
}

export interface Axis {
  readonly name: string;
  readonly entries: readonly AxisEntry[];
}

export interface StudyFile {
  readonly name: string;
  readonly base: OptionTexts;
  /** The first varies slowest. */
  readonly axes: readonly Axis[];
  /** The method that others are compared with; undefined takes the usual one where it is trained. */
  readonly baseline: string | undefined;
}

const members = ['$schema', 'name', 'base', 'grid', 'baseline'];

/** @throws UserError with the file's name and the place in it. */
export function parseStudy(text: string, file: string, methodNames: readonly string[]): StudyFile {
  const at = (path: string) => (path === '' ? file : `${file}: ${path}`);
  const root = objectIn(parseJson(text, file), at(''));
  for (const name of Object.keys(root)) {
    if (!members.includes(name)) throw new UserError(`${at(name)}: unknown member${meant(name, members)}`);
  }
  const { name, base = {}, grid = {}, baseline } = root;
  if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]+$/.test(name) || /^\.+$/.test(name))
    throw new UserError(
      `${at('name')}: wants a name of letters, digits, '-', '_' and '.', such as "noise", not ${show(name)}`,
    );
  if (baseline !== undefined) {
    if (typeof baseline !== 'string')
      throw new UserError(`${at('baseline')}: wants a method, not ${show(baseline)}`);
    optionText('methods', methodOfRow(baseline), { at: at('baseline'), axis: at('baseline'), methodNames });
  }
  const common = optionTexts(objectIn(base, at('base')), at('base'), methodNames);
  const axes = Object.entries(objectIn(grid, at('grid'))).map(([axis, entries]) =>
    axisOf(axis, entries, { at: at(`grid.${axis}`), methodNames }),
  );
  refuseSecondSettings(axes, at);
  return { name, base: common, axes, baseline };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
    const reason = message
      .replace(/ (in JSON )?at position.*/s, '')
      .replace(/,? "[\s\S]*is not valid JSON/, '');
    throw new UserError(
      `${file}: line ${before.length}, column ${before.at(-1)!.length + 1}: no JSON: ${reason}`,
      { cause: error },
    );
  }
}

function axisOf(
  name: string,
  entries: unknown,
  { at, methodNames }: { at: string; methodNames: readonly string[] },
): Axis {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new UserError(`${at}: wants a list of one value or more, not ${show(entries)}`);
  const read = entries.map((entry: unknown, i): AxisEntry => {
    const place = `${at}[${i}]`;
    if (!isObject(entry)) {
      const text = optionText(name, entry, { at: place, axis: at, methodNames });
      return { value: typeof entry === 'number' ? entry : text, options: { [name]: text } };
    }
    const texts = optionTexts(entry, place, methodNames);
    if (Object.keys(texts).length === 0) throw new UserError(`${place}: sets no option; name one`);
    const all = Object.entries(texts).map(([option, text]) => `${option} ${text}`.trim());
    return { value: texts[name] ?? all.join(', '), options: texts };
  });
  const first = read.findIndex(({ value }, i) => read.some((other, k) => k > i && other.value === value));
  if (first < 0) return { name, entries: read };
  // Two entries for one data set with different settings are told apart by all that they set.
  const full = read.map(({ options }) => ({
    value: Object.entries(options)
      .map(([option, text]) => (option === name ? text : `${option} ${text}`))
      .join(', '),
    options,
  }));
  const again = full.findIndex(({ value }, i) => full.findIndex((other) => other.value === value) < i);
  if (again >= 0) throw new UserError(`${at}[${again}]: '${full[again]!.value}' is in the list before`);
  return { name, entries: full };
}

/** A run has one value an option: an axis may overrule the base, but not another axis. */
function refuseSecondSettings(axes: readonly Axis[], at: (path: string) => string): void {
  const setBy = new Map<string, string>();
  for (const { name, entries } of axes) {
    for (const option of new Set(entries.flatMap(({ options }) => Object.keys(options)))) {
      const other = setBy.get(option);
      if (other !== undefined)
        throw new UserError(
          `${at(`grid.${name}`)}: sets '${option}', and so does grid.${other}; leave it to one of them`,
        );
      setBy.set(option, name);
    }
  }
}
