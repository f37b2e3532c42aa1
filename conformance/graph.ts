/** What a case of WebNN's conformance tests is: a graph of operators, what it must give, and how closely. */
import type { Shape } from '../index.ts';

export interface Operand {
  /** One number alone fills the whole shape. */
  readonly data: number | readonly number[];
  readonly descriptor: { readonly shape: Shape; readonly dataType: string };
}

export interface Operator {
  readonly name: string;
  /** Each an object with one key: the argument's name, or `options`. */
  readonly arguments: readonly (Readonly<Record<string, unknown>> | null)[];
  readonly outputs: string | readonly string[];
}

export interface Tolerance {
  /** Units in the last place of float32, or an absolute difference. */
  readonly metricType: 'ULP' | 'ATOL';
  readonly value: number;
}

export interface TestCase {
  readonly name: string;
  /** The file that it comes from. */
  readonly file: string;
  /** Where it holds an error, the program that wrote the file could not compute it. */
  readonly tolerance: Tolerance | { readonly error: string };
  readonly graph: {
    readonly inputs: Readonly<Record<string, Operand>>;
    readonly operators: readonly Operator[];
    readonly expectedOutputs: Readonly<Record<string, Operand>>;
  };
}

/** 'conv2d', or 'conv2d + relu' for a graph. */
export function operatorsOf({ graph }: TestCase): string {
  return graph.operators.map(({ name }) => name).join(' + ');
}

export function valueAt({ data }: Operand, index: number): number {
  return typeof data === 'number' ? data : Number(data[index]);
}
