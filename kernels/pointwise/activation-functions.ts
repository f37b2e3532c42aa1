/** The scalar functions of activations and of their gradients: WGSL and JavaScript side by side, a line each. */
import type { FunctionTable } from './elementwise.ts';
import { erfc } from '../math/special.ts';

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TAU = 1 / Math.sqrt(2 * Math.PI);

/** So large that nothing changes beyond it, and not infinite: infinity times 0 would be NaN. */
const within = (x: number) => Math.max(-1e18, Math.min(1e18, x));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const density = (x: number) => INVERSE_SQRT_TAU * Math.exp(-0.5 * x * x);
const distribution = (x: number) => 0.5 * erfc(-x * SQRT_HALF);

/** Of x. */
const unary = {
  relu: { wgsl: 'relu_(flush_(x))', js: (x) => Math.max(x, 0) },
  tanh: { wgsl: 'tanh_(x)', js: Math.tanh },
  sigmoid: { wgsl: 'sigmoid_(x)', js: sigmoid },
  softplus: { wgsl: 'softplus_(x)', js: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
  softsign: {
    wgsl: 'finish_(x, clamp(x, -1e18, 1e18) / (1.0 + min(abs(x), 1e18)))',
    js: (x) => within(x) / (1 + Math.abs(within(x))),
  },
  // x Φ(x), Hendrycks & Gimpel 2016 (arXiv:1606.08415), the exact form
  gelu: { wgsl: 'gelu_(x)', js: (x) => Math.max(x, -1e18) * distribution(x) },
  silu: { wgsl: 'silu_(x)', js: (x) => Math.max(x, -1e18) * sigmoid(x) },
  // x min(max(x + 3, 0), 6) / 6; x + 3 is exact where it is small. 0 at minus infinity.
  hardSwish: {
    wgsl: `finish_(x, max(x, -3.0) * (clamp(x + 3.0, 0.0, 6.0) * ${1 / 6}))`,
    js: (x) => Math.max(x, -3) * (Math.min(Math.max(x + 3, 0), 6) / 6),
  },
  // The standard normal density and distribution: the gradient of gelu is Φ(x) + x φ(x).
  normalDensity: { wgsl: `flush_(${INVERSE_SQRT_TAU} * bell_(x))`, js: density },
  normalDistribution: { wgsl: 'normalDistribution_(x)', js: distribution },
} as const satisfies FunctionTable;

/**
 * Gradients from the cotangent a and the activation's output b, or its input b: one dispatch instead of several. NaN where b
 * is, also where a derivative is 0 on one side of a kink: a broken input must not look like a slope of 0.
 */
const binary = {
  tanhGrad: { wgsl: 'a * (1.0 - b * b)', js: (a, b) => a * (1 - b * b) },
  sigmoidGrad: { wgsl: 'a * (b * (1.0 - b))', js: (a, b) => a * (b * (1 - b)) },
  reluGrad: {
    wgsl: 'orNan_(b, select(0.0, a, positive_(b)))',
    js: (a, b) => (b > 0 ? a : b <= 0 ? 0 : NaN),
  },
  // Of the input:
  softsignGrad: {
    wgsl: 'a / (1.0 + abs(b)) / (1.0 + abs(b))',
    js: (a, b) => a / (1 + Math.abs(b)) / (1 + Math.abs(b)),
  },
  geluGrad: {
    wgsl: `a * (normalDistribution_(b) + clamp(b, -1e18, 1e18) * (${INVERSE_SQRT_TAU} * bell_(b)))`,
    js: (a, b) => a * (distribution(b) + within(b) * density(b)),
  },
  // σ + x σ (1 - σ)
  siluGrad: {
    wgsl: 'a * (sigmoid_(b) * (1.0 + clamp(b, -1e18, 1e18) * sigmoid_(-b)))',
    js: (a, b) => a * (sigmoid(b) * (1 + within(b) * sigmoid(-b))),
  },
  // Not b + b + 3.0, which lavapipe computes as b + (b + 3.0).
  hardSwishGrad: {
    wgsl: `finish_(b, a * select(select((2.0 * b + 3.0) * ${1 / 6}, 1.0, b >= 3.0), 0.0, b <= -3.0))`,
    js: (a, b) => a * (b <= -3 ? 0 : b >= 3 ? 1 : (2 * b + 3) / 6),
  },
} as const satisfies FunctionTable;

/** Of the input a and parameters; gradients of the cotangent a, the input b (hardSigmoid: the output) and a parameter. */
const ternary = {
  hardSigmoid: {
    wgsl: 'clamp_(b * a + c, 0.0, 1.0)',
    js: (a, b, c) => Math.min(Math.max(b * a + c, 0), 1),
  },
  hardSigmoidGrad: {
    wgsl: 'orNan_(b, select(0.0, a * c, b > 0.0 && b < 1.0))',
    js: (a, b, c) => (b > 0 && b < 1 ? a * c : Number.isNaN(b) ? NaN : 0),
  },
  leakyReluGrad: {
    wgsl: 'orNan_(b, select(a * c, a, positive_(b)))',
    js: (a, b, c) => (b > 0 ? a : b <= 0 ? a * c : NaN),
  },
  eluGrad: {
    wgsl: 'select(a * (c * exp_(b)), a, positive_(b))',
    js: (a, b, c) => (b > 0 ? a : a * c * Math.exp(b)),
  },
} as const satisfies FunctionTable;

/** Of the input a and a parameter b. */
const parametric = {
  leakyRelu: { wgsl: 'select(a * b, a, a > 0.0)', js: (a, b) => (a > 0 ? a : a * b) },
  elu: { wgsl: 'select(b * expm1_(a), a, a > 0.0)', js: (a, b) => (a > 0 ? a : b * Math.expm1(a)) },
} as const satisfies FunctionTable;

export const activationFunctions = { unary, binary: { ...binary, ...parametric }, ternary } as const;
