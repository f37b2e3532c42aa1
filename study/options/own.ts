/** Methods, tasks, networks and kinds of data from a user's own files: known by the path that they were asked for by. */
import { UserError } from '../../base/errors.ts';
import { keyOf, type Option } from '../../base/option.ts';
import { addMethod } from '../../methods/all.ts';
import type { Method } from '../../methods/method.ts';
import { addTask } from '../../tasks/all.ts';
import { isKnownNetwork } from '../../models/network-spec.ts';
import { addNetworkKind, type NetworkKind } from '../../models/own-networks.ts';
import { addDataKind } from '../data/kinds/all.ts';
import type { DataKindOf } from '../data/kinds/data-kind.ts';
import type { Task } from '../../tasks/task.ts';
import { declaredAs, renewOptions } from './option-list.ts';

/** Names of what a file has. */
interface Found {
  readonly methods: readonly string[];
  readonly tasks: readonly string[];
  readonly networks: readonly string[];
  readonly kinds: readonly string[];
}

/** That every batch has. */
const OWN_COLUMNS: readonly string[] = ['x', 'label', 'extras'];

const byPath = new Map<string, Found>();

/** Whether a word of an option is a path: a name has no slash and no dot, but for a row's number, 'dml/2'. */
export function isPath(word: string): boolean {
  return /[./\\]/.test(word) && !/^[\w-]+\/\d+$/.test(word);
}

/** Whether a text of `--data` means a kind of data of the user's own: no other kind's path. */
export function isSource(text: string): boolean {
  return /\.[cm]?[jt]s$/.test(text) && !/^[\w-]+:/.test(text);
}

/** Of a text such as './gated.ts:32' the path and ':32'; undefined of a network of the library's, and of a saved one. */
export function ownNetworkPath(text: string): { path: string; size: string } | undefined {
  const [, path, size = ''] = /^(?![\w-]{2,}:)(.+?\.[cm]?[jt]s)(:.*)?$/s.exec(text) ?? [];
  return path === undefined ? undefined : { path, size };
}

/** The names of the methods, tasks, networks, or kinds of data that a file has. @throws UserError for one that was not loaded, or has none. */
export function namesOf(path: string, kind: keyof Found, option: string): readonly string[] {
  const found = byPath.get(path);
  if (!found)
    throw new UserError(
      `--${option}: ${path} was not loaded; the command line and limbeck/study read such files`,
    );
  if (found[kind].length > 0) return found[kind];
  throw new UserError(`--${option}: ${path} exports no ${wanted[kind]}`);
}

const wanted: Readonly<Record<keyof Found, string>> = {
  methods: 'method; wants one such as: export const mine = lossMethod({ name, summary, loss })',
  tasks: 'task; wants one such as: export const mine = { ...regression, name, summary, supervised }',
  networks: 'network; wants one such as: export const mine = { name, isOfImages, trunk }',
  kinds:
    'kind of data; wants one such as: export const mine = { name, words, tasks, options, columns, dataset }',
};

/**
 * Makes a method and its options known, as if it stood in `methods/all.ts`.
 *
 * @throws UserError for a name or an option that is taken.
 */
export function registerMethod(method: Method): void {
  checkName('method', method.name);
  checkOptions('method', method);
  const names = (method.uses ?? []).map((artifact) => artifact.name);
  const taken = names.find((name, i) => OWN_COLUMNS.includes(name) || names.indexOf(name) !== i);
  if (taken !== undefined)
    throw new UserError(
      `method '${method.name}': a batch has a column '${taken}' already; rename the artifact`,
    );
  addMethod(method);
  renewOptions();
}

/** Likewise, as if it stood in `tasks/all.ts`. @throws UserError for a name that is taken, and a first metric of which more is better. */
export function registerTask(task: Task): void {
  checkName('task', task.name);
  const [first] = task.metrics;
  if (first?.better !== 'lower')
    throw new UserError(
      `task '${task.name}': its first metric ranks methods, and less of it must be better; give an error, such as 1 - share`,
    );
  addTask(task);
}

/** Likewise, as if it stood in `study/data/kinds/all.ts`. @throws UserError for what it lacks, and a name or an option that is taken. */
export function registerDataKind(kind: DataKindOf): void {
  checkName('kind of data', kind.name);
  checkOptions('kind of data', kind);
  const { trainRows, testRows } = kind.options ?? {};
  if (!trainRows || !testRows || !kind.columns || !kind.tasks?.length)
    throw new UserError(
      `kind of data '${kind.name}' wants tasks, columns, and options with trainRows and testRows, which limbeck/study exports`,
    );
  addDataKind(kind);
  renewOptions();
}

/** Likewise, as if `models/network-spec.ts` knew it. @throws UserError for a name that is taken. */
export function registerNetwork(network: NetworkKind): void {
  checkName('network', network.name);
  if (isKnownNetwork(network.name))
    throw new UserError(`there is a network '${network.name}' already; call yours otherwise`);
  addNetworkKind(network);
}

/** Registers what a file exports, under the path that it is asked for by. @throws UserError unless there is something. */
export function registerFile(path: string, exported: Readonly<Record<string, unknown>>): void {
  const all = [...new Set(Object.values(exported))];
  const [methods, tasks, kinds] = [all.filter(isMethod), all.filter(isTask), all.filter(isDataKind)];
  const networks = all.filter(isNetwork);
  if (methods.length + tasks.length + kinds.length + networks.length === 0)
    throw new UserError(`${path} exports no ${wanted.methods}; nor a task, a network, or a kind of data`);
  for (const network of networks) registerNetwork(network);
  for (const method of methods) registerMethod(method);
  for (const task of tasks) registerTask(task);
  for (const kind of kinds) registerDataKind(kind);
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name);
  byPath.set(path, {
    methods: names(methods),
    tasks: names(tasks),
    networks: names(networks),
    kinds: names(kinds),
  });
}

function checkName(kind: string, name: string): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UserError(`'${name}' is no name of a ${kind}; wants lower-case letters, digits and hyphens`);
}

function checkOptions(kind: string, { name, options: own }: { name: string; options?: object }): void {
  for (const [key, option] of Object.entries<Option>({ ...own })) {
    if (key !== keyOf(option))
      throw new UserError(
        `${kind} '${name}': the option --${option.name} has the key '${key}'; wants ${keyOf(option)}`,
      );
    const other = declaredAs(option.name);
    if (other && other !== option)
      throw new UserError(
        `${kind} '${name}': there is an option --${option.name} already; import it, with overrule for another default, ` +
          `or begin yours with --${name}-`,
      );
  }
}

function has<K extends string>(value: unknown, ...functions: K[]): value is Record<K | 'name', unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const of = value as Record<string, unknown>;
  return typeof of.name === 'string' && functions.every((key) => typeof of[key] === 'function');
}

function isMethod(value: unknown): value is Method {
  return has(value, 'build');
}

function isTask(value: unknown): value is Task {
  return has(value, 'supervised', 'selection') && Array.isArray((value as Partial<Task>).metrics);
}

function isNetwork(value: unknown): value is NetworkKind {
  return has(value, 'trunk');
}

function isDataKind(value: unknown): value is DataKindOf {
  return has(value, 'dataset');
}
