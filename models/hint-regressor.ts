/** The regressor of FitNets: from a student's features to as many as the teacher has. */
import type { Backend } from '../engine/backend.ts';
import { mlp } from './mlp.ts';
import type { Seeds } from './parameters.ts';
import type { Tensor } from '../engine/tensor.ts';

export interface HintRegressorOptions {
  backend: Backend;
  studentFeatures: number;
  teacherFeatures: number;
  seed?: Seeds;
}

export interface HintRegressor {
  /** `regressor.weight` and `regressor.bias`: to be trained with the student's, and not to be deployed. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** (…, rows, student's features) to (…, rows, teacher's features). */
  forward(features: Tensor): Tensor;
}

/** Keeps its random numbers apart from the networks': seeds are below 2^32, and teachers use multiples of that. */
const REGRESSOR_SEED = 2 ** 40;

/** A linear layer between features (Romero et al. 2015, arXiv:1412.6550); a seed each where there are several. */
export function hintRegressor({
  backend,
  studentFeatures,
  teacherFeatures,
  seed = 0,
}: HintRegressorOptions): HintRegressor {
  const model = mlp({
    backend,
    inputs: studentFeatures,
    outputs: teacherFeatures,
    widths: [],
    seed: typeof seed === 'number' ? seed + REGRESSOR_SEED : seed.map((each) => each + REGRESSOR_SEED),
  });
  const { 'label.0.weight': weight, 'label.0.bias': bias } = model.parameters;
  return {
    parameters: { 'regressor.weight': weight!, 'regressor.bias': bias! },
    forward: (features) => model.forward(features),
  };
}
