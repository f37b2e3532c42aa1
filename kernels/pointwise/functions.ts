/** The scalar functions of elementwise ops: WGSL and JavaScript side by side, a line each. */
import { activationFunctions } from './activation-functions.ts';
import type { PointFunction } from './elementwise.ts';
import { erf } from '../math/special.ts';

/** The same function in both notations, of x, of a and b, or of a, b and c. */
export interface FunctionEntry {
  readonly wgsl: string;
  readonly js: (...values: number[]) => number;
}

export type FunctionTable = Readonly<Record<string, FunctionEntry>>;

/** Of x. Those that can meet or make a subnormal number flush it, since drivers differ in keeping them. */
const unary = {
  neg: { wgsl: 'bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u)', js: (x) => -x },
  abs: { wgsl: 'abs(x)', js: Math.abs },
  sign: { wgsl: 'sign(flush_(x))', js: Math.sign },
  floor: { wgsl: 'floor(flush_(x))', js: Math.floor },
  ceil: { wgsl: 'ceil(flush_(x))', js: Math.ceil },
  round: { wgsl: 'round(x)', js: roundHalfToEven },
  square: { wgsl: 'flush_(x * x)', js: (x) => x * x },
  sqrt: { wgsl: 'sqrt(flush_(x))', js: Math.sqrt },
  reciprocal: { wgsl: 'flush_(1.0 / flush_(x))', js: (x) => 1 / x },
  exp: { wgsl: 'exp_(x)', js: Math.exp },
  expm1: { wgsl: 'expm1_(x)', js: Math.expm1 },
  log: { wgsl: 'log_(x)', js: Math.log },
  log1p: { wgsl: 'log1p_(x)', js: Math.log1p },
  sin: { wgsl: 'sin_(x)', js: Math.sin },
  cos: { wgsl: 'cos_(x)', js: Math.cos },
  tan: { wgsl: 'tan_(x)', js: Math.tan },
  atan: { wgsl: 'atan_(x)', js: Math.atan },
  erf: { wgsl: 'erf_(x)', js: erf },
} as const satisfies FunctionTable;

/** Of a and b. */
const binary = {
  add: { wgsl: 'a + b', js: (a, b) => a + b },
  sub: { wgsl: 'a - b', js: (a, b) => a - b },
  mul: { wgsl: 'a * b', js: (a, b) => a * b },
  div: { wgsl: 'a / b', js: (a, b) => a / b },
  pow: { wgsl: 'pow_(a, b)', js: (a, b) => a ** b },
  // ∂(a^b)/∂a = b a^(b-1), and 0 where a = b = 0.
  powSlope: {
    wgsl: 'select(b * pow_(a, b - 1.0), 0.0, b == 0.0)',
    js: (a, b) => (b === 0 ? 0 : b * a ** (b - 1)),
  },
  maximum: { wgsl: 'max(a, b)', js: Math.max },
  minimum: { wgsl: 'min(a, b)', js: Math.min },
  greater: { wgsl: 'select(0.0, 1.0, a > b)', js: (a, b) => (a > b ? 1 : 0) },
  greaterEqual: { wgsl: 'select(0.0, 1.0, a >= b)', js: (a, b) => (a >= b ? 1 : 0) },
  less: { wgsl: 'select(0.0, 1.0, a < b)', js: (a, b) => (a < b ? 1 : 0) },
  lessEqual: { wgsl: 'select(0.0, 1.0, a <= b)', js: (a, b) => (a <= b ? 1 : 0) },
  equal: { wgsl: 'select(0.0, 1.0, a == b)', js: (a, b) => (a === b ? 1 : 0) },
  notEqual: { wgsl: 'select(0.0, 1.0, a != b)', js: (a, b) => (a === b ? 0 : 1) },
} as const satisfies FunctionTable;

/** Of a, b and c. */
const ternary = {
  where: { wgsl: 'select(c, b, a > 0.5)', js: (a, b, c) => (a > 0.5 ? b : c) },
  clamp: { wgsl: 'min(max(a, b), c)', js: (a, b, c) => Math.min(Math.max(a, b), c) },
  within: { wgsl: 'select(0.0, 1.0, a >= b && a <= c)', js: (a, b, c) => (a >= b && a <= c ? 1 : 0) },
} as const satisfies FunctionTable;

type Activations = typeof activationFunctions;
export type UnaryName = keyof typeof unary | keyof Activations['unary'];
export type BinaryName = keyof typeof binary | keyof Activations['binary'];
export type TernaryName = keyof typeof ternary | keyof Activations['ternary'];
export type FunctionName = UnaryName | BinaryName | TernaryName;

export const unaryNames = Object.keys({ ...unary, ...activationFunctions.unary }) as UnaryName[];

function withNames(table: FunctionTable, parameters: readonly string[]): [string, PointFunction][] {
  return Object.entries(table).map(([name, entry]) => [name, { name, parameters, ...entry }]);
}

export const pointFunctions = Object.fromEntries([
  ...withNames({ ...unary, ...activationFunctions.unary }, ['x']),
  ...withNames({ ...binary, ...activationFunctions.binary }, ['a', 'b']),
  ...withNames({ ...ternary, ...activationFunctions.ternary }, ['a', 'b', 'c']),
]) as Readonly<Record<FunctionName, PointFunction>>;

/** As WGSL and IEEE round: 0.5 to 0, 1.5 and 2.5 to 2. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const isTie = x - floor === 0.5;
  return isTie ? 2 * Math.round(floor / 2) : Math.round(x);
}
