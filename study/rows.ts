/** Rows of the table: the teacher's, a method's, and of a method whose networks train together one a network: 'dml/2'. */
import { valuesFor } from '../base/option.ts';
import { methods } from '../methods/all.ts';
import { canonicalName } from '../models/network-spec.ts';
import type { StudyConfig } from './results.ts';

/** The row of one of several networks, counted from 0. */
function peerRow(method: string, place: number): string {
  return `${method}/${place + 1}`;
}

/** A method's rows, in their order. */
export function rowsOf(name: string, config: StudyConfig): string[] {
  const method = methods.get(name.split('+')[0]!);
  const count = method?.peers?.(valuesFor(method.options, { ...config }));
  return count === undefined ? [name] : Array.from({ length: count }, (_, k) => peerRow(name, k));
}

/** All of a study, the teacher's first. */
export function allRows(config: StudyConfig): string[] {
  return ['teacher', ...config.methods.flatMap((name) => rowsOf(name, config))];
}

/** 'dml' of 'dml/2'; a method's own name is its row's. */
export function methodOfRow(row: string): string {
  return row.replace(/\/\d+$/, '');
}

/** What is trained in a row, by its name on the command line with all defaults. */
export function networkOfRow(row: string, config: StudyConfig): string {
  const { teacher, student, peers } = config;
  if (row === 'teacher') return canonicalName(teacher);
  const place = Number(/\/(\d+)$/.exec(row)?.[1] ?? 1);
  return canonicalName(place === 1 ? student : (peers[place - 2] ?? student));
}

/** As it stands in the names of files: 'dml.2'. */
export function rowInFiles(row: string): string {
  return row.replaceAll('/', '.');
}
