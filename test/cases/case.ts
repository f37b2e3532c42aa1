/** What a case is, and how one is written: `op(f, shapes)` within the module that exports `f`. */
import { show, type Shape } from '../../engine/shape.ts';
import type { Differentiable } from '../../engine/check/check.ts';
import { type Input, inputOf } from '../../engine/check/samples.ts';
import type { Tensor } from '../../engine/tensor.ts';

export interface OpCase {
  name: string;
  /** The exported function that the case is about. */
  op: unknown;
  f: Differentiable;
  inputs: readonly Input[];
  tolerance?: number;
}

export interface OpOptions {
  /** What follows the tensors. */
  args?: readonly unknown[];
  /** How the tensors are passed, where not one after another. */
  call?: Differentiable;
  /** For `checkBackends`; says why where it is not the default. */
  tolerance?: number;
}

/** A module of ops with a case, or several, for each that it exports. */
export interface OpFamily {
  exports: Readonly<Record<string, unknown>>;
  cases: readonly OpCase[];
}

/** `op` for the functions of one module, whose names the cases take from its exports. */
export function opsOf(exports: Readonly<Record<string, unknown>>) {
  return (f: unknown, given: readonly (Shape | Input)[], options: OpOptions = {}): OpCase => {
    const { args = [], call, tolerance } = options;
    const inputs = given.map(inputOf);
    const shapes = inputs.map(({ shape }) => show(shape)).join(' ');
    const extra = args.map((arg) => ` ${arg === undefined ? '-' : JSON.stringify(arg)}`).join('');
    const base = Object.entries(exports).find(([, value]) => value === f)?.[0];
    if (!base) throw new Error('a case of something that is not exported');
    // The cast: `args` are whatever this op takes after its tensors.
    const direct: Differentiable = (...xs) => (f as (...all: unknown[]) => Tensor)(...xs, ...args);
    return { name: `${base} ${shapes}${extra}`, op: f, f: call ?? direct, inputs, tolerance };
  };
}
