/** Reads the cases from a folder of JSON files, each an array of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, RunError } from '../base/errors.ts';
import type { TestCase } from './graph.ts';

/**
 * The cases of every JSON file in `folder`, by file name.
 *
 * @throws RunError if the folder cannot be read, holds no such file, or one holds something else.
 */
export function readVectors(folder: string): TestCase[] {
  const files = listed(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  if (files.length === 0) throw new RunError(`--vectors: no JSON file in '${folder}'`);
  return files.flatMap((file) => casesOf(folder, file));
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new RunError(`--vectors: cannot read '${folder}': ${reasonOf(cause)}`, { cause });
  }
}

function casesOf(folder: string, file: string): TestCase[] {
  const path = join(folder, file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RunError(`--vectors: cannot read '${path}': ${reasonOf(cause)}`, { cause });
  }
  if (!Array.isArray(content) || !content.every(isCase)) {
    throw new RunError(
      `--vectors: '${path}' is no array of WebNN cases { name, tolerance, graph: { inputs, operators, expectedOutputs } }`,
    );
  }
  return content.map((testCase) => ({ ...testCase, file }));
}

function isCase(value: unknown): value is TestCase {
  const { name, tolerance, graph } = Object(value) as Partial<TestCase>;
  const { inputs, operators, expectedOutputs } = Object(graph) as Partial<TestCase['graph']>;
  const areObjects = [tolerance, inputs, expectedOutputs].every((part) => part instanceof Object);
  return typeof name === 'string' && areObjects && Array.isArray(operators) && operators.length > 0;
}
