/**
 * The transcendental functions of WGSL written out, so that every driver that rounds + - * / and sqrt as
 * IEEE asks computes the same bits. A kernel writes `exp_(x)` and prepends `mathIn(code)`.
 *
 * The rules inside: + - * / of variables, comparisons, integers and bit casts; no division by a constant
 * and no sum that a compiler would refold. Subnormal arguments count as 0 and subnormal results become 0; a
 * zero result is +0. Overflow gives infinity, log(0) minus infinity, a negative log NaN, and a NaN argument
 * is handed on. All but sin and cos are monotone, and these are right for every finite argument.
 */
import { erf } from './math-erf.ts';
import { exp, expm1, exponential, finish, flush, seal, sigmoid, tanh } from './math-exp.ts';
import { log, log1p, logarithm, softplus } from './math-log.ts';
import { cos, mulHigh, quarter, sin, sine } from './math-trig.ts';
import { erf as erfReference } from './special.ts';

/** Every snippet under the name of its function, callees first. */
const snippets: Readonly<Record<string, string>> = {
  flush,
  finish,
  seal,
  mulHigh,
  exponential,
  exp,
  expm1,
  sigmoid,
  tanh,
  logarithm,
  log,
  log1p,
  softplus,
  quarter,
  sine,
  sin,
  cos,
  erf,
};

export type MathName =
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'erf'
  | 'sin'
  | 'cos';

export interface MathFunction {
  /** The same function in float64. */
  readonly js: (x: number) => number;
  /** A measured bound on the distance from float64 in units in the last place, for normal numbers. */
  readonly maxUlp: number;
}

export const mathFunctions: Readonly<Record<MathName, MathFunction>> = {
  exp: { js: Math.exp, maxUlp: 1 },
  expm1: { js: Math.expm1, maxUlp: 1.6 },
  log: { js: Math.log, maxUlp: 0.95 },
  log1p: { js: Math.log1p, maxUlp: 1.6 },
  tanh: { js: Math.tanh, maxUlp: 1.4 },
  sigmoid: { js: (x) => 1 / (1 + Math.exp(-x)), maxUlp: 1.8 },
  softplus: { js: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), maxUlp: 1.8 },
  erf: { js: erfReference, maxUlp: 1.1 },
  sin: { js: Math.sin, maxUlp: 1.7 },
  cos: { js: Math.cos, maxUlp: 1.7 },
};

export const mathNames = Object.keys(mathFunctions) as MathName[];

/** The WGSL of the named functions and of all they call, each once, in order. */
export function mathSource(names: readonly MathName[]): string {
  return sourceOf(new Set<string>(names));
}

/** The WGSL of every function of this file that `code` calls by its name with an underscore. */
export function mathIn(code: string): string {
  return sourceOf(called(code));
}

function sourceOf(names: Set<string>): string {
  // A set that grows while it is walked also visits what was added.
  for (const name of names) for (const callee of called(snippets[name]!)) names.add(callee);
  return Object.keys(snippets)
    .filter((name) => names.has(name))
    .map((name) => snippets[name])
    .join('');
}

function called(code: string): Set<string> {
  const calls = [...code.matchAll(/\b(\w+)_\(/g)].map(([, name]) => name!);
  return new Set(calls.filter((name) => Object.hasOwn(snippets, name)));
}
