/** Pointwise ops on shapes that broadcast. */
import fc from 'fast-check';
import * as activations from '../../engine/ops/pointwise/activations.ts';
import * as elementwise from '../../engine/ops/pointwise/elementwise.ts';
import { positive } from '../../engine/check/samples.ts';
import { broadcastable, shape, type Trial, trial } from './shapes.ts';

const { add, sub, mul, div, maximum, minimum, pow, where, clamp } = elementwise;
const binary = { add, sub, mul, div, maximum, minimum, leakyRelu: activations.leakyRelu };
const { abs, atan, cos, erf, exp, expm1, neg, reciprocal, sin, square, tan } = elementwise;
const { elu, gelu, hardSigmoid, hardSwish, relu, sigmoid, silu, softplus, softsign, tanh } = activations;
const unary = {
  ...{ abs, atan, cos, erf, exp, expm1, neg, reciprocal, sin, square, tan },
  ...{ elu, gelu, hardSigmoid, hardSwish, relu, sigmoid, silu, softplus, softsign, tanh },
};
const ofPositive = { log: elementwise.log, log1p: elementwise.log1p, sqrt: elementwise.sqrt };

export const pointwise: fc.Arbitrary<Trial> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.entries(binary)), broadcastable(2))
    .map(([[name, f], shapes]) => trial(name, (a, b) => f(a!, b!), shapes)),
  fc
    .tuple(fc.constantFrom(...Object.entries(unary)), shape)
    .map(([[name, f], x]) => trial(name, (a) => f(a!), [x], '', name === 'tan' ? 2e-5 : undefined)), // 1/cos² up to 30
  fc
    .tuple(fc.constantFrom(...Object.entries(ofPositive)), shape)
    .map(([[name, f], x]) => trial(name, (a) => f(a!), [positive(x)], '', 1e-5)), // divides by numbers down to 0.2
  broadcastable(2).map(([a, b]) => trial('pow', (x, y) => pow(x!, y!), [positive(a!), b!], '', 2e-5)), // the same
  broadcastable(3).map(([a, b, c]) =>
    trial('where', (x, y, z) => where(elementwise.greater(x!, 0), y!, z!), [a!, b!, c!]),
  ),
  fc
    .tuple(shape, fc.constantFrom([-1, 1], [0, 0.5], [-0.5, Infinity] as const))
    .map(([x, [low, high]]) => trial('clamp', (a) => clamp(a!, low!, high!), [x], [low, high])),
);
