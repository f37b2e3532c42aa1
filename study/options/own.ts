/** Methods and tasks from a user's own files: known by the path that they were asked for by. */
import { UserError } from '../../base/errors.ts';
import type { Option } from '../../base/option.ts';
import { addMethod } from '../../methods/all.ts';
import type { Method } from '../../methods/method.ts';
import { addTask } from '../../tasks/all.ts';
import type { Task } from '../../tasks/task.ts';
import { options, renewOptions } from './option-list.ts';

/** Names of what a file has. */
interface Found {
  readonly methods: readonly string[];
  readonly tasks: readonly string[];
}

const byPath = new Map<string, Found>();

/** Whether a word of an option is a path: a name has no slash and no dot. */
export function isPath(word: string): boolean {
  return /[./\\]/.test(word);
}

/** The names of the methods, or tasks, that a file has. @throws UserError for one that was not loaded, or has none. */
export function namesIn(path: string, kind: keyof Found, option: string): readonly string[] {
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
};

/**
 * Makes a method and its options known, as if it stood in `methods/all.ts`.
 *
 * @throws UserError for a name or an option that is taken.
 */
export function registerMethod(method: Method): void {
  checkName('method', method.name);
  checkOptions('method', method);
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

/** Registers what a file exports, under the path that it is asked for by. @throws UserError unless there is something. */
export function registerFile(path: string, exported: Readonly<Record<string, unknown>>): void {
  const all = [...new Set(Object.values(exported))];
  const [methods, tasks] = [all.filter(isMethod), all.filter(isTask)];
  if (methods.length + tasks.length === 0)
    throw new UserError(`${path} exports no ${wanted.methods}; and no ${wanted.tasks}`);
  for (const method of methods) registerMethod(method);
  for (const task of tasks) registerTask(task);
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name);
  byPath.set(path, { methods: names(methods), tasks: names(tasks) });
}

function checkName(kind: string, name: string): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UserError(`'${name}' is no name of a ${kind}; wants lower-case letters, digits and hyphens`);
}

function checkOptions(kind: string, { name, options: own }: { name: string; options?: object }): void {
  for (const option of Object.values<Option>({ ...own })) {
    const other = options.find((known) => known.name === option.name);
    if (other && other.help !== option.help)
      throw new UserError(
        `${kind} '${name}': there is an option --${option.name} already; import it, or begin yours with --${name}-`,
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
  return (
    has(value, 'supervised', 'imitation', 'selection') && Array.isArray((value as Partial<Task>).metrics)
  );
}
