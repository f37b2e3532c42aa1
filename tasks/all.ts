/** Every task, by name. A new one is a file beside this and a line here. */
import { addNamed } from '../base/add-named.ts';
import type { Option } from '../base/option.ts';
import { classification } from './classification.ts';
import { gaze } from './gaze.ts';
import { regression } from './regression.ts';
import type { Task } from './task.ts';

const all = [regression, gaze, classification] as const;

export type TaskName = (typeof all)[number]['name'];

const known = new Map<string, Task>(all.map((task: Task) => [task.name, task]));

export const tasks: ReadonlyMap<string, Task> = known;

/** Adds one from outside: from then on it is as known as the others. @throws UserError for a name that is taken. */
export function addTask(task: Task): void {
  addNamed(known, 'task', task);
}

/** Whether a task is one of the library's. */
export function isBuiltIn(name: string): boolean {
  return all.some((task) => task.name === name);
}

/** '' is what the data are for. */
export const taskOption: Option<string> = {
  name: 'task',
  kind: 'task',
  group: 'data',
  default: '',
  help: 'what is learnt: regression, gaze, classification, or a file with a task of your own [what the data are for]',
};
