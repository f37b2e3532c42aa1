/** Pointwise ops with broadcasting: arithmetic, functions, comparisons. Each op and its gradient share a line. */
import { checkTensor, type Tensor, view } from '../../tensor.ts';
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
 * pow(a, 0) and pow(1, b) are 1, also of NaN. The gradient by b is 0 where a ≤ 0, where it does not exist.
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
/** g where a > b, else 0; NaN where a or b is NaN. */
const passAbove = ternary('passAbove', (g, _, a, b) => passAbove(g, a, b));
/** g where a ≥ b, else 0; NaN where a or b is NaN. */
const passFrom = ternary('passFrom', (g, _, a, b) => passFrom(g, a, b));

/** The larger operand; NaN where one is NaN, and so is the gradient. At equal operands it goes to the first. */
export const maximum = binary(
  'maximum',
  (g, a, b) => passFrom(g, a, b),
  (g, a, b) => passAbove(g, b, a),
);
/** The smaller operand; NaN where one is NaN, and so is the gradient. At equal operands it goes to the first. */
export const minimum = binary(
  'minimum',
  (g, a, b) => passFrom(g, b, a),
  (g, a, b) => passAbove(g, a, b),
);

/**
 * 1 where a > b, else 0; no gradient. So for the other comparisons. With NaN all are 0, but for `notEqual`, which is 1.
 */
export const greater = binary('greater');
export const greaterEqual = binary('greaterEqual');
export const less = binary('less');
export const lessEqual = binary('lessEqual');
export const equal = binary('equal');
export const notEqual = binary('notEqual');

export const neg = unary('neg', (g) => neg(g));
export const abs = unary('abs', (g, x) => mul(g, sign(x)));
/** 1 where x is NaN, else 0; no gradient. */
export const isNaN = unary('isNaN');
/** 1 where x is neither infinite nor NaN, else 0; no gradient. */
export const isFinite = unary('isFinite');
/** -1, 0 or 1; NaN of NaN. The gradient of this, and of floor, ceil and round, is zero. */
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

/**
 * `a` where the condition is above 0.5, else `b`, also where it is NaN; no gradient to the condition. What is not chosen does
 * not matter, not even NaN, and gets the gradient 0. Shapes broadcast.
 */
export const where: (condition: Tensor, a: Operand, b: Operand) => Tensor = ternary(
  'where',
  undefined,
  (g, condition) => where(condition, g, 0),
  (g, condition) => where(condition, 0, g),
);

const clampTo = ternary(
  'clamp',
  (g, x, min, max) => passFrom(passFrom(g, x, min), max, x),
  (g, x, min, max) => passAbove(passAbove(g, min, x), max, min),
  (g, x, min, max) => passAbove(g, maximum(x, min), max),
);
/** min(max(x, `min`), `max`), NaN where one of them is; the gradient passes where x lies between the bounds, ends included, else to a bound. */
export function clamp(x: Tensor, min: Operand, max: Operand): Tensor {
  return clampTo(x, min, max);
}

/** The same numbers, cut off from the tape: gradients do not flow through. */
export function detach(x: Tensor): Tensor {
  checkTensor('detach', 'x', x);
  return view(x, x.shape);
}
