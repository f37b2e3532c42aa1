/** Pointwise ops with broadcasting: arithmetic, functions, comparisons. Each op and its gradient share a line. */
import { type Tensor, view } from '../../tensor.ts';
import { binary, type Operand, ternary, unary } from './pointwise.ts';

export type { Operand };

export const add = binary(
  'add',
  (g) => g,
  (g) => g,
);
export const sub = binary(
  'sub',
  (g) => g,
  (g) => neg(g),
);
export const mul = binary(
  'mul',
  (g, _, b) => mul(g, b),
  (g, a) => mul(g, a),
); // (ab)' = a'b + ab'
export const div = binary(
  'div',
  (g, _, b) => div(g, b),
  (g, _, b, y) => neg(div(mul(g, y), b)), // (a/b)' by b = -y/b
);
/**
 * a to the power of b: for a > 0 any b; for a < 0 whole b, else NaN; pow(0, b) is 0 for b > 0 and infinity for b < 0;
 * pow(a, 0) is 1. The gradient by b is 0 where a ≤ 0, where it does not exist.
 */
export const pow = binary(
  'pow',
  (g, a, b) => mul(g, powSlope(a, b)),
  (g, a, _, y) => mul(g, mul(y, logAbove0(a))),
);
/** b a^(b-1), the derivative of `pow` by its base; 0 for b = 0. */
const powSlope = binary(
  'powSlope',
  (g, a, b) => mul(g, mul(b, powSlope(a, sub(b, 1)))),
  (g, a, b, y) => mul(g, add(pow(a, sub(b, 1)), mul(y, logAbove0(a)))),
);
/** log a where a > 0, else 0; so its gradients. */
function logAbove0(a: Tensor): Tensor {
  return log(where(greater(a, 0), a, 1));
}
/** At equal operands the gradient goes to the first. */
export const maximum = binary(
  'maximum',
  (g, a, b) => where(less(a, b), 0, g),
  (g, a, b) => mul(g, less(a, b)),
);
/** At equal operands the gradient goes to the first. */
export const minimum = binary(
  'minimum',
  (g, a, b) => where(greater(a, b), 0, g),
  (g, a, b) => mul(g, greater(a, b)),
);

/** 1 where a > b, else 0; no gradient. So for the other comparisons. */
export const greater = binary('greater');
export const greaterEqual = binary('greaterEqual');
export const less = binary('less');
export const lessEqual = binary('lessEqual');
export const equal = binary('equal');
export const notEqual = binary('notEqual');

export const neg = unary('neg', (g) => neg(g));
export const abs = unary('abs', (g, x) => mul(g, sign(x)));
/** -1, 0 or 1. The gradient of this, and of floor, ceil and round, is zero. */
export const sign = unary('sign');
export const floor = unary('floor');
export const ceil = unary('ceil');
/** To the nearest whole number, halves to the even one. */
export const round = unary('round');
export const square = unary('square', (g, x) => mul(g, mul(x, 2)));
export const sqrt = unary('sqrt', (g, _, y) => div(mul(g, 0.5), y));
export const reciprocal = unary('reciprocal', (g, _, y) => neg(mul(g, square(y))));
export const exp = unary('exp', (g, _, y) => mul(g, y));
/** e^x - 1, exact for small x. */
export const expm1 = unary('expm1', (g, x) => mul(g, exp(x)));
export const log = unary('log', (g, x) => div(g, x));
/** log(1 + x), exact for small x. */
export const log1p = unary('log1p', (g, x) => div(g, add(x, 1)));
export const sin = unary('sin', (g, x) => mul(g, cos(x)));
export const cos = unary('cos', (g, x) => neg(mul(g, sin(x))));
export const tan = unary('tan', (g, _, y) => mul(g, add(square(y), 1)));
export const atan = unary('atan', (g, x) => div(g, add(square(x), 1)));
export const erf = unary('erf', (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))));

/** `a` where the condition is above 0.5, else `b`; no gradient to the condition. Shapes broadcast. */
export const where: (condition: Tensor, a: Operand, b: Operand) => Tensor = ternary(
  'where',
  undefined,
  (g, condition) => where(condition, g, 0),
  (g, condition) => where(condition, 0, g),
);

/** 1 where b ≤ a ≤ c, else 0. */
const within = ternary('within');
const clampTo = ternary(
  'clamp',
  (g, x, min, max) => mul(g, within(x, min, max)),
  (g, x, min, max) => mul(g, mul(less(x, min), less(min, max))),
  (g, x, min, max) => mul(g, greater(maximum(x, min), max)),
);
/** min(max(x, `min`), `max`); the gradient passes where x lies between the bounds, ends included, else to a bound. */
export function clamp(x: Tensor, min: Operand, max: Operand): Tensor {
  return clampTo(x, min, max);
}

/** The same numbers, cut off from the tape: gradients do not flow through. */
export function detach(x: Tensor): Tensor {
  return view(x, x.shape);
}
