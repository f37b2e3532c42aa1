/** The scalar functions of activations and of their gradients: WGSL and JavaScript side by side, a line each. */
import type { FunctionTable } from './functions.ts';
import { erfc } from '../math/special.ts';

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TAU = 1 / Math.sqrt(2 * Math.PI);

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const density = (x: number) => INVERSE_SQRT_TAU * Math.exp(-0.5 * x * x);
const distribution = (x: number) => 0.5 * erfc(-x * SQRT_HALF);

/** Of x. */
const unary = {
  relu: { wgsl: 'max(flush_(x), 0.0)', js: (x) => Math.max(x, 0) },
  tanh: { wgsl: 'tanh_(x)', js: Math.tanh },
  sigmoid: { wgsl: 'sigmoid_(x)', js: sigmoid },
  softplus: { wgsl: 'softplus_(x)', js: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  softsign: { wgsl: 'flush_(x) / (1.0 + abs(x))', js: (x) => x / (1 + Math.abs(x)) },
  // x Φ(x), Hendrycks & Gimpel 2016 (arXiv:1606.08415), the exact form
  gelu: { wgsl: 'gelu_(x)', js: (x) => x * distribution(x) },
  silu: { wgsl: 'silu_(x)', js: (x) => x * sigmoid(x) },
  // x min(max(x + 3, 0), 6) / 6; x + 3 is exact where it is small
  hardSwish: {
    wgsl: `flush_(x * (clamp(x + 3.0, 0.0, 6.0) * ${1 / 6}))`,
    js: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  },
  // The standard normal density and distribution: the gradient of gelu is Φ(x) + x φ(x).
  normalDensity: { wgsl: `flush_(${INVERSE_SQRT_TAU} * bell_(x))`, js: density },
  normalDistribution: { wgsl: 'normalDistribution_(x)', js: distribution },
} as const satisfies FunctionTable;

/** Gradients from the cotangent a and the activation's output b, or its input b: one dispatch instead of several. */
const binary = {
  tanhGrad: { wgsl: 'a * (1.0 - b * b)', js: (a, b) => a * (1 - b * b) },
  sigmoidGrad: { wgsl: 'a * (b * (1.0 - b))', js: (a, b) => a * (b * (1 - b)) },
  reluGrad: { wgsl: 'select(0.0, a, b > 0.0)', js: (a, b) => (b > 0 ? a : 0) },
  // Of the input:
  softsignGrad: {
    wgsl: 'a / ((1.0 + abs(b)) * (1.0 + abs(b)))',
    js: (a, b) => a / ((1 + Math.abs(b)) * (1 + Math.abs(b))),
  },
  geluGrad: {
    wgsl: `a * (normalDistribution_(b) + b * (${INVERSE_SQRT_TAU} * bell_(b)))`,
    js: (a, b) => a * (distribution(b) + b * density(b)),
  },
  // σ + x σ (1 - σ)
  siluGrad: {
    wgsl: 'a * (sigmoid_(b) * (1.0 + b * sigmoid_(-b)))',
    js: (a, b) => a * (sigmoid(b) * (1 + b * sigmoid(-b))),
  },
  // Not b + b + 3.0, which lavapipe computes as b + (b + 3.0).
  hardSwishGrad: {
    wgsl: `a * select(select((2.0 * b + 3.0) * ${1 / 6}, 1.0, b >= 3.0), 0.0, b <= -3.0)`,
    js: (a, b) => a * (b <= -3 ? 0 : b >= 3 ? 1 : (2 * b + 3) / 6),
  },
} as const satisfies FunctionTable;

/** Of the input a and parameters; gradients of the cotangent a, the input b (hardSigmoid: the output) and a parameter. */
const ternary = {
  hardSigmoid: {
    wgsl: 'clamp(b * a + c, 0.0, 1.0)',
    js: (a, b, c) => Math.min(Math.max(b * a + c, 0), 1),
  },
  hardSigmoidGrad: {
    wgsl: 'select(0.0, a * c, b > 0.0 && b < 1.0)',
    js: (a, b, c) => (b > 0 && b < 1 ? a * c : 0),
  },
  leakyReluGrad: { wgsl: 'select(a * c, a, b > 0.0)', js: (a, b, c) => (b > 0 ? a : a * c) },
  eluGrad: {
    wgsl: 'select(a * (c * exp_(b)), a, b > 0.0)',
    js: (a, b, c) => (b > 0 ? a : a * c * Math.exp(b)),
  },
} as const satisfies FunctionTable;

/** Of the input a and a parameter b. */
const parametric = {
  leakyRelu: { wgsl: 'select(a * b, a, a > 0.0)', js: (a, b) => (a > 0 ? a : a * b) },
  elu: { wgsl: 'select(b * expm1_(a), a, a > 0.0)', js: (a, b) => (a > 0 ? a : b * Math.expm1(a)) },
} as const satisfies FunctionTable;

export const activationFunctions = { unary, binary: { ...binary, ...parametric }, ternary } as const;
