/** The scalar functions of elementwise ops: WGSL and JavaScript side by side, a line each. */
import type { PointFunction } from './elementwise.ts';
import { erf } from './special.ts';

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TAU = 1 / Math.sqrt(2 * Math.PI);

type Entry = { wgsl: string; js: (...values: number[]) => number };

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Of x. */
const unary = {
  neg: { wgsl: '-x', js: (x) => -x },
  abs: { wgsl: 'abs(x)', js: Math.abs },
  sign: { wgsl: 'sign(x)', js: Math.sign },
  square: { wgsl: 'x * x', js: (x) => x * x },
  sqrt: { wgsl: 'sqrt(x)', js: Math.sqrt },
  reciprocal: { wgsl: '1.0 / x', js: (x) => 1 / x },
  exp: { wgsl: 'exp_(x)', js: Math.exp },
  log: { wgsl: 'log_(x)', js: Math.log },
  sin: { wgsl: 'sin_(x)', js: Math.sin },
  cos: { wgsl: 'cos_(x)', js: Math.cos },
  tanh: { wgsl: 'tanh_(x)', js: Math.tanh },
  sigmoid: { wgsl: 'sigmoid_(x)', js: sigmoid },
  softplus: { wgsl: 'softplus_(x)', js: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  erf: { wgsl: 'erf_(x)', js: erf },
  relu: { wgsl: 'max(x, 0.0)', js: (x) => Math.max(x, 0) },
  // x Φ(x), Hendrycks & Gimpel 2016 (arXiv:1606.08415), the exact form
  gelu: { wgsl: `0.5 * x * (1.0 + erf_(x * ${SQRT_HALF}))`, js: (x) => 0.5 * x * (1 + erf(x * SQRT_HALF)) },
  // The standard normal density and distribution: the gradient of gelu is Φ(x) + x φ(x).
  normalDensity: {
    wgsl: `${INVERSE_SQRT_TAU} * exp_(-0.5 * x * x)`,
    js: (x) => INVERSE_SQRT_TAU * Math.exp(-0.5 * x * x),
  },
  normalDistribution: {
    wgsl: `0.5 * (1.0 + erf_(x * ${SQRT_HALF}))`,
    js: (x) => 0.5 * (1 + erf(x * SQRT_HALF)),
  },
} as const satisfies Record<string, Entry>;

/** Of a and b. */
const binary = {
  add: { wgsl: 'a + b', js: (a, b) => a + b },
  sub: { wgsl: 'a - b', js: (a, b) => a - b },
  mul: { wgsl: 'a * b', js: (a, b) => a * b },
  div: { wgsl: 'a / b', js: (a, b) => a / b },
  maximum: { wgsl: 'max(a, b)', js: Math.max },
  minimum: { wgsl: 'min(a, b)', js: Math.min },
  greater: { wgsl: 'select(0.0, 1.0, a > b)', js: (a, b) => (a > b ? 1 : 0) },
  less: { wgsl: 'select(0.0, 1.0, a < b)', js: (a, b) => (a < b ? 1 : 0) },
  equal: { wgsl: 'select(0.0, 1.0, a == b)', js: (a, b) => (a === b ? 1 : 0) },
  // Gradients of activations, from the cotangent a and the activation's output b: one dispatch instead of three.
  tanhGrad: { wgsl: 'a * (1.0 - b * b)', js: (a, b) => a * (1 - b * b) },
  sigmoidGrad: { wgsl: 'a * (b * (1.0 - b))', js: (a, b) => a * (b * (1 - b)) },
  reluGrad: { wgsl: 'select(0.0, a, b > 0.0)', js: (a, b) => (b > 0 ? a : 0) },
} as const satisfies Record<string, Entry>;

/** Of a, b and c. */
const ternary = {
  where: { wgsl: 'select(c, b, a > 0.5)', js: (a, b, c) => (a > 0.5 ? b : c) },
} as const satisfies Record<string, Entry>;

export type UnaryName = keyof typeof unary;
export type BinaryName = keyof typeof binary;
export type TernaryName = keyof typeof ternary;
export type FunctionName = UnaryName | BinaryName | TernaryName;

function withNames(table: Record<string, Entry>, parameters: readonly string[]): [string, PointFunction][] {
  return Object.entries(table).map(([name, entry]) => [name, { name, parameters, ...entry }]);
}

export const pointFunctions = Object.fromEntries([
  ...withNames(unary, ['x']),
  ...withNames(binary, ['a', 'b']),
  ...withNames(ternary, ['a', 'b', 'c']),
]) as Readonly<Record<FunctionName, PointFunction>>;
