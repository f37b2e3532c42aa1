/** Optimisers: `sgd`, `rmsProp`, `adam`, `adamW`, with gradient clipping by global norm. */
import * as kernels from '../../kernels/training/optimizer.ts';
import { type CommonOptions, FlatOptimizer, type Optimizer, type Parameters } from './flat-optimizer.ts';

export type { Optimizer, Parameters };

export interface SgdOptions extends CommonOptions {
  momentum?: number;
}

export interface AdamOptions extends CommonOptions {
  beta1?: number;
  beta2?: number;
  eps?: number;
}

export interface RmsPropOptions extends CommonOptions {
  alpha?: number;
  eps?: number;
}

/**
 * Stochastic gradient descent with momentum, as in PyTorch.
 *
 * This and the other optimisers move the parameters into one flat buffer, where they stay the same tensors. They throw
 * on unknown options, numbers out of range, no parameters, and parameters that another optimiser has.
 */
export function sgd(parameters: Parameters, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, learningRate = 1e-2 } = options;
  return new FlatOptimizer(
    parameters,
    kernels.sgd,
    ['firstMoment'],
    { momentum },
    { ...options, learningRate },
  );
}

/** Adam (Kingma & Ba 2015, arXiv:1412.6980); `weightDecay` adds to the gradient. */
export function adam(parameters: Parameters, options: AdamOptions = {}): Optimizer {
  return adamOf(parameters, options, false);
}

/** AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101): weight decay apart from the gradient, 0.01 if left out. */
export function adamW(parameters: Parameters, options: AdamOptions = {}): Optimizer {
  return adamOf(parameters, { ...options, weightDecay: options.weightDecay ?? 0.01 }, true);
}

/** Of a moving average, what is kept of the old. */
function checkShare(optimizer: string, shares: Readonly<Record<string, number>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share < 1)) throw new Error(`${optimizer}: ${name} must lie in [0, 1), got ${share}`);
  }
}

function adamOf(parameters: Parameters, options: AdamOptions, isDecoupled: boolean): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const corrections = { correction1: beta1, correction2: beta2 };
  const numbers = { beta1, beta2, eps };
  checkShare(isDecoupled ? 'adamW' : 'adam', { beta1, beta2 });
  return new FlatOptimizer(
    parameters,
    isDecoupled ? kernels.adamW : kernels.adam,
    ['firstMoment', 'secondMoment'],
    numbers,
    options,
    corrections,
  );
}

/** RMSProp (Tieleman & Hinton 2012), as in PyTorch. */
export function rmsProp(parameters: Parameters, options: RmsPropOptions = {}): Optimizer {
  const { alpha = 0.99, eps = 1e-8, learningRate = 1e-2 } = options;
  checkShare('rmsProp', { alpha });
  return new FlatOptimizer(
    parameters,
    kernels.rmsProp,
    ['secondMoment'],
    { alpha, eps },
    { ...options, learningRate },
  );
}
