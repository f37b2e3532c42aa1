/** Optimisers: `sgd`, `rmsProp`, `adam`, `adamW`, with gradient clipping by global norm. */
import * as kernels from '../../kernels/training/optimizer.ts';
import { checkOptions } from '../borders.ts';
import { momentumSum, movingAverage } from './moving-average.ts';
import { FlatOptimizer } from './flat-optimizer.ts';
import { checkShare, type CommonOptions, type Optimizer, type Parameters } from './options.ts';

export type { Optimizer, Parameters };

export interface SgdOptions extends CommonOptions {
  momentum?: number | undefined;
}

export interface AdamOptions extends CommonOptions {
  /** In [0, 1), as beta2; float64 numbers as near to 1 as you like. */
  beta1?: number | undefined;
  beta2?: number | undefined;
  /**
   * Above 0, since an update of 0 / 0 has no value. The least is 9e-22 for the default beta2; below about 1e-9 the norm that
   * counts as not finite is lower than 1.8e19, for 1e-12 it is 1.8e16, and the second moment is kept as a multiple.
   */
  eps?: number | undefined;
}

export interface RmsPropOptions extends CommonOptions {
  /** In [0, 1). */
  alpha?: number | undefined;
  /** As Adam's; the least is 3e-22 for the default alpha. */
  eps?: number | undefined;
}

/**
 * Stochastic gradient descent with momentum, as in PyTorch.
 *
 * This and the other optimisers take parameters where they lie in an `Arena`; loose ones are moved into one, where they stay
 * the same tensors. Several optimisers may have the same parameters, each with moments of its own. They throw on unknown
 * options, numbers out of range, and no parameters.
 */
export function sgd(parameters: Parameters, options: SgdOptions = {}): Optimizer {
  checkOptions('sgd', options, `momentum ${COMMON}`);
  const { momentum = 0, learningRate = 1e-2 } = options;
  const rule = { kernels: kernels.sgd, options: { momentum }, uniforms: { ...momentumSum(momentum) } };
  return new FlatOptimizer(parameters, rule, { ...options, learningRate });
}

/** Adam (Kingma & Ba 2015, arXiv:1412.6980); `weightDecay` adds to the gradient. */
export function adam(parameters: Parameters, options: AdamOptions = {}): Optimizer {
  checkOptions('adam', options, ADAM);
  return adamOf(parameters, options, false);
}

/** AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101): weight decay apart from the gradient, 0.01 if left out. */
export function adamW(parameters: Parameters, options: AdamOptions = {}): Optimizer {
  checkOptions('adamW', options, ADAM);
  return adamOf(parameters, { ...options, weightDecay: options.weightDecay ?? 0.01 }, true);
}

/** Scaled by more, squares of gradients that are not large would overflow: by this, those of 2^24. */
const MOST_EXPONENT = 40;
const COMMON = 'learningRate weightDecay maxGradNorm seeds stopsWith';
const ADAM = `beta1 beta2 eps ${COMMON}`;

/**
 * k so that gradients are squared times 2^k: with an error of eps · 2^-15 from squares that float32 loses (moments below
 * 2^-100 become 0) while the average keeps all but `share` of the old.
 */
function exponentFor(optimizer: string, eps: number, share: number): number {
  const root = Math.sqrt(share);
  const exponent = Math.ceil(-35 - Math.log2(eps * root));
  if (exponent <= MOST_EXPONENT) return Math.max(0, exponent);
  const least = (2 ** (-35 - MOST_EXPONENT) / root).toPrecision(2);
  throw new Error(
    `${optimizer}: eps must be at least ${least}, below which float32 loses the squares of gradients, got ${eps}`,
  );
}

function adamOf(parameters: Parameters, options: AdamOptions, isDecoupled: boolean): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const name = isDecoupled ? 'adamW' : 'adam';
  checkShare(name, { beta1, beta2 });
  const first = movingAverage(beta1);
  const second = movingAverage(beta2);
  const exponent = exponentFor(name, eps, second.share);
  const scale = 2 ** exponent;
  const rule = {
    kernels: isDecoupled ? kernels.adamW : kernels.adam,
    options: { beta1, beta2, eps },
    uniforms: {
      keep1: first.keep,
      drop1: first.drop,
      share1: first.share,
      keep2: second.keep,
      drop2: second.drop,
      share2: second.share,
      eps: eps * scale,
      scale,
    },
    corrections: { correction1: beta1, correction2: beta2 },
    exponent,
  };
  return new FlatOptimizer(parameters, rule, options);
}

/** RMSProp (Tieleman & Hinton 2012), as in PyTorch. */
export function rmsProp(parameters: Parameters, options: RmsPropOptions = {}): Optimizer {
  checkOptions('rmsProp', options, `alpha eps ${COMMON}`);
  const { alpha = 0.99, eps = 1e-8, learningRate = 1e-2 } = options;
  checkShare('rmsProp', { alpha });
  const average = movingAverage(alpha);
  const exponent = exponentFor('rmsProp', eps, average.share);
  const scale = 2 ** exponent;
  const uniforms = { ...average, eps: eps * scale, scale };
  const rule = { kernels: kernels.rmsProp, options: { alpha, eps }, uniforms, exponent };
  return new FlatOptimizer(parameters, rule, { ...options, learningRate });
}
