/**
 * The transcendental functions of WGSL written out, so that every driver that rounds + - * / and sqrt as
 * IEEE asks computes the same bits. A kernel writes `exp_(x)`; `defineKernel` prepends what that takes.
 *
 * The rules inside: + - * / of variables, comparisons, integers and bit casts; no division by a constant
 * and no sum that a compiler would refold. Subnormal arguments count as 0 and subnormal results become 0; a
 * zero result is +0. Overflow gives infinity, log(0) minus infinity, a negative log NaN, and a NaN argument
 * is handed on (docs/adr/015-ieee-special-numbers.md). All but sin, cos and tan are monotone; these are right for every finite argument, and tan rises between
 * its poles.
 */
import { erf } from './math-erf.ts';
import {
  exp,
  expm1,
  exponential,
  finish,
  flush,
  head,
  seal,
  sigmoid,
  silu,
  tanh,
  whole,
} from './math-exp.ts';
import { log, log1p, logarithm, logGap, softplus } from './math-log.ts';
import { nativeSnippets } from './math-native.ts';
import {
  chosen,
  clamp,
  equal,
  greater,
  greaterEqual,
  max,
  min,
  nan,
  order,
  orNan,
  positive,
  relu,
  sign,
} from './math-order.ts';
import { bell, gelu, normalDistribution, normalMiddle, normalTail } from './math-normal.ts';
import { pow, power } from './math-pow.ts';
import { atan, cos, mulHigh, quarter, sin, sine, tan } from './math-trig.ts';
import { lost, lost4, seal4, withLost, withLost4 } from './math-sum.ts';
import { erf as erfReference } from './special.ts';

/** Every snippet under the name of its function, callees first. */
const snippets: Readonly<Record<string, string>> = {
  flush,
  finish,
  seal,
  seal4,
  lost,
  lost4,
  withLost,
  withLost4,
  head,
  whole,
  nan,
  orNan,
  order,
  greater,
  greaterEqual,
  equal,
  positive,
  chosen,
  max,
  min,
  clamp,
  sign,
  relu,
  mulHigh,
  exponential,
  exp,
  expm1,
  sigmoid,
  silu,
  tanh,
  logarithm,
  log,
  log1p,
  softplus,
  logGap,
  quarter,
  sine,
  sin,
  cos,
  tan,
  atan,
  erf,
  bell,
  normalMiddle,
  normalTail,
  normalDistribution,
  gelu,
  power,
  pow,
};

/** Whether kernels compute transcendental functions by this file or by WGSL's built-ins. */
export type MathMode = 'portable' | 'native';

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
  | 'cos'
  | 'tan'
  | 'atan';

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
  tan: { js: Math.tan, maxUlp: 1.31 },
  atan: { js: Math.atan, maxUlp: 0.9 },
};

export const mathNames = Object.keys(mathFunctions) as MathName[];

/** The WGSL of the named functions and of all they call, each once, in order. */
export function mathSource(names: readonly MathName[]): string {
  return sourceOf(new Set<string>(names), snippets);
}

/**
 * The WGSL of every function of this file that `code` calls by its name with an underscore. `defineKernel` prepends it.
 * With 'native' the functions are WGSL's built-ins where there is one.
 */
export function mathFor(code: string, mode: MathMode): string {
  const table = mode === 'native' ? { ...snippets, ...nativeSnippets } : snippets;
  return sourceOf(called(code), table);
}

function sourceOf(names: Set<string>, table: Readonly<Record<string, string>>): string {
  // A set that grows while it is walked also visits what was added.
  for (const name of names) for (const callee of called(table[name]!)) names.add(callee);
  return Object.keys(table)
    .filter((name) => names.has(name))
    .map((name) => table[name])
    .join('');
}

function called(code: string): Set<string> {
  const calls = [...code.matchAll(/\b(\w+)_\(/g)].map(([, name]) => name!);
  return new Set(calls.filter((name) => Object.hasOwn(snippets, name)));
}
