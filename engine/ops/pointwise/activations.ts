/** Activations; gradients that one dispatch can compute are ops of their own, with gradients of their own. */
import { checkOptions } from '../../borders.ts';
import type { Tensor } from '../../tensor.ts';
import {
  abs,
  add,
  clamp,
  div,
  expm1,
  greater,
  less,
  minimum,
  mul,
  neg,
  sign,
  square,
  sub,
  where,
} from './elementwise.ts';
import { binary, type Operand, ternary, unary } from './pointwise.ts';

/** An infinite x as a large one, whose product with what has vanished there is 0 instead of NaN. */
function bounded(x: Tensor): Tensor {
  return clamp(x, -1e18, 1e18);
}

/** max(x, 0); NaN of NaN, and so is the gradient: here and in all other activations. */
export const relu = unary('relu', (g, _, y) => reluGrad(g, y));
/** g where y > 0, else 0, for y = relu x. */
export const reluGrad = binary('reluGrad', (g, _, y) => reluGrad(g, y));

export const tanh = unary('tanh', (g, _, y) => tanhGrad(g, y));
/** g (1 - y²), for y = tanh x. */
export const tanhGrad = binary(
  'tanhGrad',
  (g, _, y) => tanhGrad(g, y),
  (g, a, y) => mul(mul(g, a), mul(y, -2)),
);

export const sigmoid = unary('sigmoid', (g, _, y) => sigmoidGrad(g, y));
/** g y (1 - y), for y = sigmoid x. */
export const sigmoidGrad = binary(
  'sigmoidGrad',
  (g, _, y) => sigmoidGrad(g, y),
  (g, a, y) => mul(mul(g, a), sub(1, mul(y, 2))),
);

/** log(1 + e^x). */
export const softplus = unary('softplus', (g, x) => mul(g, sigmoid(x)));

/** x / (1 + |x|). */
export const softsign = unary('softsign', (g, x) => softsignGrad(g, x));
/** g / (1 + |x|)². */
const softsignGrad = binary(
  'softsignGrad',
  (g, _, x) => softsignGrad(g, x),
  (g, a, x) => mul(softsignGrad(mul(g, a), x), div(mul(sign(x), -2), add(abs(x), 1))),
);

/** x σ(x), also called swish: Elfwing et al. 2017 (arXiv:1702.03118). */
export const silu = unary('silu', (g, x) => siluGrad(g, x));
/** g σ(x) (1 + x σ(-x)). */
const siluGrad = binary(
  'siluGrad',
  (g, _, x) => siluGrad(g, x),
  // σ (1 - σ) (2 + x (1 - 2σ))
  (g, a, x) => {
    const y = sigmoid(x);
    return sigmoidGrad(mul(mul(g, a), add(mul(bounded(x), sub(1, mul(y, 2))), 2)), y);
  },
);

/** x min(max(x + 3, 0), 6) / 6: Howard et al. 2019 (arXiv:1905.02244). */
export const hardSwish = unary('hardSwish', (g, x) => hardSwishGrad(g, x));
/** g (2x + 3) / 6 where |x| < 3, else g or 0. */
const hardSwishGrad = binary(
  'hardSwishGrad',
  (g, _, x) => hardSwishGrad(g, x),
  (g, a, x) => mul(mul(g, a), mul(less(abs(x), 3), 1 / 3)),
);

/** x Φ(x), the exact form of Hendrycks & Gimpel 2016 (arXiv:1606.08415). */
export const gelu = unary('gelu', (g, x) => geluGrad(g, x));
/** g (Φ(x) + x φ(x)). */
const geluGrad = binary(
  'geluGrad',
  (g, _, x) => geluGrad(g, x),
  (g, a, x) => mul(mul(g, a), mul(normalDensity(x), sub(2, square(bounded(x))))),
);
/** Density of the standard normal distribution, φ. */
export const normalDensity = unary('normalDensity', (g, x, y) => neg(mul(g, mul(bounded(x), y))));
/** Distribution function of the standard normal distribution, Φ. */
export const normalDistribution = unary('normalDistribution', (g, x) => mul(g, normalDensity(x)));

const leaky = binary(
  'leakyRelu',
  (g, x, slope) => leakyReluGrad(g, x, slope),
  (g, x) => mul(g, minimum(x, 0)),
);
/** g where x > 0, else g slope. */
const leakyReluGrad = ternary(
  'leakyReluGrad',
  (g, _, x, slope) => leakyReluGrad(g, x, slope),
  undefined,
  (g, a, x) => mul(g, where(greater(x, 0), 0, a)),
);
/** x where x > 0, else x `slope`; shapes broadcast. At 0 the gradient is the slope's. */
export function leakyRelu(x: Tensor, slope: Operand = 0.01): Tensor {
  return leaky(x, slope);
}
/** `leakyRelu` with slopes that are learnt: He et al. 2015 (arXiv:1502.01852). Shapes broadcast: of one slope for each channel of (n, c, h, w) make (c, 1, 1). */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  return leaky(x, slope);
}

const eluOf = binary(
  'elu',
  (g, x, alpha) => eluGrad(g, x, alpha),
  (g, x) => mul(g, expm1(minimum(x, 0))),
);
/** g where x > 0, else g alpha e^x. */
const eluGrad = ternary(
  'eluGrad',
  (g, _, x, alpha) => eluGrad(g, x, alpha),
  (g, a, x, alpha) => where(greater(x, 0), 0, eluGrad(mul(g, a), x, alpha)),
  (g, a, x) => where(greater(x, 0), 0, eluGrad(mul(g, a), x, 1)),
);
/** x where x > 0, else `alpha` (e^x - 1): Clevert et al. 2015 (arXiv:1511.07289). */
export function elu(x: Tensor, alpha: Operand = 1): Tensor {
  return eluOf(x, alpha);
}

/** Of hardSigmoid; `alpha` and `beta` are numbers, so no gradient flows to them. */
const hardSigmoidOf = ternary('hardSigmoid', (g, _x, alpha, _beta, y) => hardSigmoidGrad(g, y, alpha));
/** g alpha where 0 < y < 1, else 0. */
const hardSigmoidGrad = ternary('hardSigmoidGrad', (g, _, y, alpha) => hardSigmoidGrad(g, y, alpha));
/** min(max(`alpha` x + `beta`, 0), 1). */
export function hardSigmoid(
  x: Tensor,
  options: { alpha?: number | undefined; beta?: number | undefined } = {},
): Tensor {
  checkOptions('hardSigmoid', options, 'alpha beta');
  const { alpha = 1 / 6, beta = 0.5 } = options;
  return hardSigmoidOf(x, alpha, beta);
}
