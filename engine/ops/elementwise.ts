/** Pointwise ops with broadcasting: arithmetic, comparisons, activations. Each op and its gradient share a line. */
import type { BinaryName, UnaryName } from '../../kernels/functions.ts';
import { record } from '../tape.ts';
import { type Tensor, view } from '../tensor.ts';
import { constant, full } from './fill.ts';
import { map } from './map.ts';
import { sumTo } from './reduce.ts';

/** A tensor, or a number that stands for a scalar tensor. */
export type Operand = Tensor | number;

/** y = f(x); `vjp` gets the cotangent, x, and y itself. */
function unary(name: UnaryName, vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor) {
  return (x: Tensor): Tensor => {
    const y = map(name, x);
    return record(name, y, [x], (g) => [vjp(g, x, y)]);
  };
}

/** y = f(a, b); each part of the VJP is computed only if it is needed, then summed to its operand's shape. */
function binary(
  name: BinaryName,
  ...vjps: readonly ((g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor)[]
) {
  return (first: Operand, second: Operand): Tensor => {
    const [a, b] = operands(name, first, second);
    const y = map(name, a, b);
    return record(name, y, [a, b], (g, needs) =>
      [a, b].map((operand, i) => {
        if (!needs[i]) return undefined;
        const vjp = vjps[i];
        return vjp ? sumTo(vjp(g, a, b, y), operand.shape) : full(operand.shape, 0, operand.backend);
      }),
    );
  };
}

function operands(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a !== 'number') a.checkAlive(op);
  if (typeof b !== 'number') b.checkAlive(op);
  if (typeof a !== 'number') return [a, typeof b === 'number' ? constant(b, a.backend) : b];
  if (typeof b === 'number') throw new Error(`${op}: two numbers and no tensor; use JavaScript arithmetic`);
  return [constant(a, b.backend), b];
}

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

/** 1 where a > b, else 0; no gradient. So for `less` and `equal`. */
export const greater = binary('greater');
export const less = binary('less');
export const equal = binary('equal');

export const neg = unary('neg', (g) => neg(g));
export const abs = unary('abs', (g, x) => mul(g, sign(x)));
/** -1, 0 or 1; its gradient is zero. */
export const sign = unary('sign', (g) => mul(g, 0));
export const square = unary('square', (g, x) => mul(g, mul(x, 2)));
export const sqrt = unary('sqrt', (g, _, y) => div(mul(g, 0.5), y));
export const reciprocal = unary('reciprocal', (g, _, y) => neg(mul(g, square(y))));
export const exp = unary('exp', (g, _, y) => mul(g, y));
export const log = unary('log', (g, x) => div(g, x));
export const sin = unary('sin', (g, x) => mul(g, cos(x)));
export const cos = unary('cos', (g, x) => neg(mul(g, sin(x))));
export const erf = unary('erf', (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))));

// Activations. The gradient ops of tanh, sigmoid and relu are one kernel each, with gradients of their own.
/** g (1 - y²), for y = tanh x. */
export const tanhGrad = binary(
  'tanhGrad',
  (g, _, y) => tanhGrad(g, y),
  (g, a, y) => mul(mul(g, a), mul(y, -2)),
);
/** g y (1 - y), for y = sigmoid x. */
export const sigmoidGrad = binary(
  'sigmoidGrad',
  (g, _, y) => sigmoidGrad(g, y),
  (g, a, y) => mul(mul(g, a), sub(1, mul(y, 2))),
);
/** g where y > 0, else 0, for y = relu x. */
export const reluGrad = binary('reluGrad', (g, _, y) => reluGrad(g, y));
export const tanh = unary('tanh', (g, _, y) => tanhGrad(g, y));
export const sigmoid = unary('sigmoid', (g, _, y) => sigmoidGrad(g, y));
export const relu = unary('relu', (g, _, y) => reluGrad(g, y));
export const softplus = unary('softplus', (g, x) => mul(g, sigmoid(x)));
/** x Φ(x), the exact form of Hendrycks & Gimpel 2016 (arXiv:1606.08415). */
export const gelu = unary('gelu', (g, x) => mul(g, add(normalDistribution(x), mul(x, normalDensity(x)))));
/** Density of the standard normal distribution. */
export const normalDensity = unary('normalDensity', (g, x, y) => neg(mul(g, mul(x, y))));
/** Distribution function of the standard normal distribution, Φ. */
export const normalDistribution = unary('normalDistribution', (g, x) => mul(g, normalDensity(x)));

/** `a` where the condition is above 0.5, else `b`; no gradient to the condition. Shapes broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [whenTrue, whenFalse] = [a, b].map((x) =>
    typeof x === 'number' ? constant(x, condition.backend) : x,
  );
  const y = map('where', condition, whenTrue!, whenFalse!);
  return record('where', y, [condition, whenTrue!, whenFalse!], (g, needs) => [
    needs[0] ? full(condition.shape, 0, condition.backend) : undefined,
    needs[1] ? sumTo(where(condition, g, 0), whenTrue!.shape) : undefined,
    needs[2] ? sumTo(where(condition, 0, g), whenFalse!.shape) : undefined,
  ]);
}

/** The same numbers, cut off from the tape: gradients do not flow through. */
export function detach(x: Tensor): Tensor {
  return view(x, x.shape);
}
