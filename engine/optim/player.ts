/** Optimisers in a game of several: each takes losses over its own parameters, or over some that others have as well. */
import { checkOptions, inWords } from '../borders.ts';
import type { Tensor } from '../tensor.ts';
import { checkParameters } from './flat.ts';
import { FlatOptimizer } from './flat-optimizer.ts';
import { adam, type AdamOptions, type RmsPropOptions, type SgdOptions } from './optim.ts';
import type { Optimizer, Parameters } from './options.ts';
import { type AverageOptions, checkAverage, WeightAverage } from './weight-average.ts';

type RuleOptions = AdamOptions & SgdOptions & RmsPropOptions;

/** Those of the chosen optimiser, and these; another optimiser's are refused. */
export interface PlayerOptions extends AdamOptions, SgdOptions, RmsPropOptions {
  /** `adam` unless given, `adamW`, `sgd` or `rmsProp`. */
  optimizer?: ((parameters: Parameters, options: RuleOptions) => Optimizer) | undefined;
  /** Keeps a moving average of the weights, which `Player.average` shows. */
  average?: AverageOptions | undefined;
}

/** An optimiser that is one of several. */
export interface Player extends Optimizer {
  /** One update: `step`. */
  update(gradients: readonly Tensor[]): void;
  /** With the option `average`: averages of the parameters by their names, kept up to date in place. */
  readonly average: Parameters | undefined;
  /**
   * Exchanges the weights with their averages, in place: before an evaluation, and again after it. Updates and
   * checkpoints in between throw.
   *
   * @throws Error without the option `average`.
   */
  swapAverage(): void;
}

/**
 * An optimiser over parameters of one network or several, and over any part of them. Of a list, parameter 'w' of the second
 * network is named '1.w'.
 *
 *     const arena = new Arena(backend);
 *     const student = mlp({ backend, widths: [32], seed, arena });
 *     const critic = mlp({ backend, widths: [16], seed, arena });
 *     const learner = player(student.parameters, { learningRate: 1e-3, seeds });
 *     const judge = player(critic.parameters, { optimizer: rmsProp, learningRate: 1e-4, seeds, stopsWith: learner });
 *     together([learner, imitation], [judge, judgement]);
 *
 * @throws as `adam` and the other optimisers do.
 */
export function player(parameters: Parameters | readonly Parameters[], options: PlayerOptions = {}): Player {
  checkOptions('player', options, KNOWN);
  const { optimizer = adam, average: averageOptions, ...rest } = options;
  if (averageOptions) checkAverage(averageOptions);
  const of = optimizer(named(parameters), rest);
  if (!(of instanceof FlatOptimizer))
    throw new Error(`player: optimizer must be adam, adamW, sgd or rmsProp; it gave ${inWords(of)}`);
  const average = averageOptions && new WeightAverage(of, averageOptions);
  of.follower = average;
  for (const [name, x] of Object.entries(average?.tensors ?? {})) of.state[`average.${name}`] = x;
  return Object.assign(of, {
    update: (gradients: readonly Tensor[]) => of.step(gradients),
    average: average?.tensors,
    swapAverage() {
      if (!average)
        throw new Error(`${of.name}: no averages; make the player with { average: { decay: 0.999 } }`);
      average.swap();
    },
  });
}

const KNOWN =
  'optimizer average learningRate weightDecay maxGradNorm seeds stopsWith beta1 beta2 eps momentum alpha';

function named(parameters: Parameters | readonly Parameters[]): Parameters {
  const isList = (of: typeof parameters): of is readonly Parameters[] => Array.isArray(of);
  for (const of of isList(parameters) ? parameters : [parameters]) checkParameters('player', of);
  const all = isList(parameters)
    ? Object.fromEntries(
        parameters.flatMap((of, i) => Object.entries(of).map(([name, x]) => [`${i}.${name}`, x] as const)),
      )
    : parameters;
  if (Object.keys(all).length === 0)
    throw new Error('player: no tensors; wants named ones such as model.parameters');
  return all;
}
