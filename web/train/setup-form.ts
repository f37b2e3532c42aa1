/** The form: what to train, in sections that fold. */
import { namesIn } from '../../base/name-list.ts';
import type { Table } from '../../datasets/dataset.ts';
import { idleReason } from '../../study/options/idle-options.ts';
import { methods } from '../../methods/all.ts';
import { element } from '../element.ts';
import { checksField, type Field } from './fields.ts';
import { advancedNames, makeField, sections } from './form-layout.ts';
import {
  active,
  type Checked,
  check,
  dataOf,
  defaultText,
  optionOf,
  type Settings,
  UNNAMED,
} from './settings.ts';
import { makeTableField, type TableField } from './table-field.ts';
import { type PageWriting, writingIn, writingNames } from './writing.ts';
import { makeWritingFields } from './writing-fields.ts';

export interface SetupForm {
  readonly root: HTMLElement;
  readonly checked: Checked;
  /** What counts of all that has been set. */
  readonly settings: Settings;
  /** Of data 'table'. */
  readonly table: Table | undefined;
  /** A file or text that may be a table: has it read. */
  give(name: string, source: Blob): void;
  /** Takes a table that has been read, with what could be read in two ways and what was found out, and makes it the data. */
  useTable(
    name: string,
    table: Table,
    notes: readonly string[],
    found: Readonly<Record<string, string>>,
  ): void;
  /** Says why a text is none; everything stays as it was. */
  refuseTable(message: string): void;
  /** As if it had been typed. */
  set(name: string, text: string): void;
}

export interface SetupFormOptions {
  settings: Settings;
  /** Of every edit, also of those that make the settings wrong. */
  onChange(): void;
  /** Of a file or text that may be a table, written as the settings say. */
  onSource(name: string, source: Blob, writing: PageWriting): void;
}

/** Somebody types. */
const READ_AFTER_MS = 250;

/** Given by hand: on the page every setting has its value. */
const nothing: ReadonlySet<string> = new Set();

export function makeSetupForm({ settings: set, onChange, onSource }: SetupFormOptions): SetupForm {
  const settings = new Map(set);
  let table: { name: string; table: Table } | undefined;
  let given: { name: string; source: Blob } | undefined;
  let checked: Checked;

  const target = checksField({ name: 'target', label: 'Columns to predict', hint: 'Columns to predict' }, []);
  const names = [...sections.flatMap((section) => section.names), ...advancedNames, ...writingNames];
  const fields = new Map(names.map((name) => [name, name === 'target' ? target : makeField(name)]));
  const read = () => {
    if (given && !writingNames.some((name) => checked.problems.has(name)))
      onSource(given.name, given.source, writingIn(settings));
  };
  let timer = 0;
  const readSoon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(read, READ_AFTER_MS);
  };
  const give = (name: string, source: Blob) => {
    given = { name, source };
    read();
  };
  const writing = makeWritingFields(
    fields,
    writingNames.some((name) => settings.has(name)),
  );
  const tableField = makeTableField(give, writing.root);
  const source = makeSourceChoice((data) => {
    if (data === 'table') settings.set('data', table?.name ?? UNNAMED);
    else settings.delete('data');
    refresh();
    onChange();
  });
  const digests = new Map<string, HTMLElement>();

  /** Everything after the settings, but not the field under the hands. */
  const refresh = (edited?: string) => {
    checked = check(settings, [...methods.keys()], table?.table);
    const data = dataOf(settings);
    source.write(data, checked.problems.get('data'));
    tableField.root.hidden = data !== 'table';
    for (const [name, field] of fields) {
      const text = settings.get(name) ?? defaultText(name, settings, checked.config);
      if (name !== edited) field.write(text);
      field.showProblem(checked.problems.get(name));
      const isStray = !(optionOf(name).only?.includes(data) ?? true) || (name === 'target' && !table);
      field.root.hidden =
        isStray || (checked.config !== undefined && idleReason(name, checked.config, nothing) !== undefined);
    }
    const { config } = checked;
    for (const { title, digest } of sections) digests.get(title)!.textContent = config ? digest(config) : '';
  };
  const edit = ({ name, read }: Field) => {
    const text = read();
    if (text === defaultText(name, settings, checked.config) && !settings.has(name)) return;
    settings.set(name, text);
    // A text that says what would be there anyway is no setting.
    const without = new Map(settings);
    without.delete(name);
    const standard = check(without, [...methods.keys()], table?.table).config;
    if (text === defaultText(name, without, standard)) settings.delete(name);
    refresh(name);
    onChange();
    // Also what is done about missing numbers decides whether a text is a table.
    if (name === 'missing' || writingNames.includes(name)) readSoon();
  };
  for (const field of fields.values()) field.root.addEventListener('input', () => edit(field));

  const root = layOut(fields, {
    source: source.root,
    tableField,
    digests,
    isTouched: (name) => settings.has(name),
  });
  const reset = element('button', { type: 'button', className: 'quiet reset' }, 'Reset to defaults');
  reset.addEventListener('click', () => {
    const data = settings.get('data');
    settings.clear();
    if (data !== undefined) settings.set('data', data);
    refresh();
    onChange();
    read();
  });
  root.append(reset);
  refresh();

  return {
    root,
    get checked() {
      return checked;
    },
    get settings() {
      return active(settings);
    },
    get table() {
      return dataOf(settings) === 'table' ? table?.table : undefined;
    },
    give,
    useTable(name, read, notes, found) {
      table = { name: /[./\\]/.test(name) ? name : `${name}.csv`, table: read };
      settings.set('data', table.name);
      target.offer(read.columns.map((column) => ({ name: column })));
      const wanted = namesIn(settings.get('target') ?? '') ?? [];
      // Another file has other columns.
      if (!wanted.every((column) => read.columns.includes(column))) settings.delete('target');
      tableField.show(table.name, read, notes);
      writing.show(found);
      refresh();
      onChange();
    },
    refuseTable(message) {
      // The fields that say how it is written are those of tables.
      if (dataOf(settings) !== 'table') {
        settings.set('data', UNNAMED);
        refresh();
        onChange();
      }
      tableField.refuse(message);
    },
    set(name, text) {
      settings.set(name, text);
      refresh();
      onChange();
    },
  };
}

interface Layout {
  source: HTMLElement;
  tableField: TableField;
  digests: Map<string, HTMLElement>;
  isTouched(name: string): boolean;
}

/** On a phone only the first section is open at first. */
function layOut(
  fields: ReadonlyMap<string, Field>,
  { source, tableField, digests, isTouched }: Layout,
): HTMLFormElement {
  const isNarrow = matchMedia('(max-width: 800px)').matches;
  const fold = (title: string, isOpen: boolean, ...children: HTMLElement[]) => {
    const digest = element('span', { className: 'digest' });
    digests.set(title, digest);
    return element(
      'details',
      { className: 'section', open: isOpen },
      element('summary', {}, element('span', {}, title), digest),
      element('div', { className: 'fields' }, ...children),
    );
  };
  const rootsOf = (names: readonly string[]) => names.map((name) => fields.get(name)!.root);
  const root = element(
    'form',
    { className: 'setup', noValidate: true, attributes: { 'aria-label': 'Set-up' } },
    ...sections.map(({ title, names }, i) =>
      fold(title, i === 0 || !isNarrow, ...(i === 0 ? [source, tableField.root] : []), ...rootsOf(names)),
    ),
    fold('Advanced', advancedNames.some(isTouched), ...rootsOf(advancedNames)),
  );
  root.addEventListener('submit', (event) => event.preventDefault());
  return root;
}

/** Two radio buttons that look like one switch. */
function makeSourceChoice(onChoice: (data: 'sinusoid' | 'table') => void) {
  const choices = { sinusoid: 'Sinusoid', table: 'CSV file' } as const;
  const problem = element('p', { className: 'problem', hidden: true, attributes: { role: 'status' } });
  const radios = Object.entries(choices).map(([value, words]) => {
    const radio = element('input', { type: 'radio', name: 'source', value });
    radio.addEventListener('change', () => onChoice(value === 'table' ? 'table' : 'sinusoid'));
    return { radio, label: element('label', {}, radio, element('span', {}, words)) };
  });
  return {
    root: element(
      'fieldset',
      { className: 'switch' },
      element('legend', { className: 'visually-hidden' }, 'Source of the data'),
      ...radios.map(({ label }) => label),
      problem,
    ),
    write(data: string, message: string | undefined) {
      for (const { radio } of radios) radio.checked = radio.value === data;
      problem.textContent = message ?? '';
      problem.hidden = message === undefined;
    },
  };
}
