/** The scalar functions of elementwise ops: WGSL and JavaScript side by side, a line each. */
import { activationFunctions } from './activation-functions.ts';
import type { FunctionTable, PointFunction } from './elementwise.ts';
import { erf, power } from '../math/special.ts';

/**
 * Of x. Those that can meet or make a subnormal number flush it, since drivers differ in keeping them. NaN in gives NaN out; where
 * a compiler could lose it, bits are asked (`math-order.ts`).
 */
const unary = {
  neg: { wgsl: 'bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u)', js: (x) => -x },
  abs: { wgsl: 'abs(x)', js: Math.abs },
  sign: { wgsl: 'sign_(x)', js: Math.sign },
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
  isNaN: { wgsl: 'select(0.0, 1.0, nan_(x))', js: (x) => Number(Number.isNaN(x)) },
  isFinite: {
    wgsl: 'select(1.0, 0.0, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u)',
    js: (x) => Number(Number.isFinite(x)),
  },
} as const satisfies FunctionTable;

/** Of a and b. */
const binary = {
  add: { wgsl: 'a + b', js: (a, b) => a + b },
  sub: { wgsl: 'a - b', js: (a, b) => a - b },
  mul: { wgsl: 'a * b', js: (a, b) => a * b },
  // A zero has no sign here, as in the other functions.
  div: { wgsl: 'a / flush_(b)', js: (a, b) => a / b },
  pow: { wgsl: 'pow_(a, b)', js: power },
  // ∂(a^b)/∂a = b a^(b-1), and 0 where a = b = 0.
  powSlope: {
    wgsl: 'select(b * pow_(a, b - 1.0), 0.0, equal_(b, 0.0))',
    js: (a, b) => (b === 0 ? 0 : b * power(a, b - 1)),
  },
  maximum: { wgsl: 'max_(a, b)', js: Math.max },
  minimum: { wgsl: 'min_(a, b)', js: Math.min },
  greater: { wgsl: 'select(0.0, 1.0, greater_(a, b))', js: (a, b) => (a > b ? 1 : 0) },
  greaterEqual: { wgsl: 'select(0.0, 1.0, greaterEqual_(a, b))', js: (a, b) => (a >= b ? 1 : 0) },
  less: { wgsl: 'select(0.0, 1.0, greater_(b, a))', js: (a, b) => (a < b ? 1 : 0) },
  lessEqual: { wgsl: 'select(0.0, 1.0, greaterEqual_(b, a))', js: (a, b) => (a <= b ? 1 : 0) },
  equal: { wgsl: 'select(0.0, 1.0, equal_(a, b))', js: (a, b) => (a === b ? 1 : 0) },
  notEqual: { wgsl: 'select(1.0, 0.0, equal_(a, b))', js: (a, b) => (a === b ? 0 : 1) },
} as const satisfies FunctionTable;

/** Of a, b and c. */
const ternary = {
  where: { wgsl: 'select(c, b, chosen_(a))', js: (a, b, c) => (a > 0.5 ? b : c) },
  clamp: { wgsl: 'clamp_(a, b, c)', js: (a, b, c) => Math.min(Math.max(a, b), c) },
  // A cotangent a that passes where b > c, and where b ≥ c.
  passAbove: {
    wgsl: 'orNan_(b, orNan_(c, select(0.0, a, order_(b) > order_(c))))',
    js: (a, b, c) => (b > c ? a : b <= c ? 0 : NaN),
  },
  passFrom: {
    wgsl: 'orNan_(b, orNan_(c, select(0.0, a, order_(b) >= order_(c))))',
    js: (a, b, c) => (b >= c ? a : b < c ? 0 : NaN),
  },
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
