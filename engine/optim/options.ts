/** What all optimisers are given and what they give; and what is refused. */
import type { OptimizerKernels } from '../../kernels/training/optimizer.ts';
import { checkList } from '../borders.ts';
import { sameShape, ShapeError, show } from '../shape.ts';
import { checkDtype, type Tensor } from '../tensor.ts';
import type { Schedule } from './schedules.ts';

/** Named tensors: a model's parameters. */
export type Parameters = Readonly<Record<string, Tensor>>;

export interface CommonOptions {
  /** A number, or a schedule of the update's number, counted from 0. */
  learningRate?: number | Schedule | undefined;
  /**
   * A number, or one for each parameter by its name: `(name) => (name.endsWith('.bias') ? 0 : 1e-4)`. Of several models, a
   * parameter is (seeds, …). Parameters of different decays are updated by a dispatch for each.
   */
  weightDecay?: number | ((name: string, parameter: Tensor) => number) | undefined;
  /** Gradients are scaled down to this global L2 norm (PyTorch's clip_grad_norm_); off if left out. */
  maxGradNorm?: number | undefined;
  /**
   * The parameters belong to so many models of one shape, (seeds, …): the norm, the clipping and the guard against
   * gradients that are not finite are each model's own, and each is trained as if it were alone.
   */
  seeds?: number | undefined;
  /**
   * Another optimiser of the same `seeds`, whose latch this one shares: when either meets a number that is not finite, both
   * stop, seed by seed: with `together` neither changes anything in that step, else the other stops after it.
   */
  stopsWith?: Optimizer | undefined;
}

/** What one kind of optimiser is, beside what all have. */
export interface UpdateRule {
  readonly kernels: OptimizerKernels;
  /** Its options, with their defaults filled in: at least 0, and finite in float32. */
  readonly options: Readonly<Record<string, number>>;
  /** What its kernel makes of them. */
  readonly uniforms: Readonly<Record<string, number>>;
  /** Numbers of the step buffer that are 1 - β^t in update t, and their β. */
  readonly corrections?: Readonly<Record<string, number>>;
  /** Gradients are squared times 2^exponent; 0 if left out. */
  readonly exponent?: number;
}

export interface Optimizer {
  /** 'adam', 'sgd', …: a checkpoint of one does not fit another. */
  readonly name: string;
  readonly parameters: Parameters;
  /** One update. `gradients` in the order of the parameters, as `grad(loss, Object.values(parameters))` gives them. */
  step(gradients: readonly Tensor[]): void;
  /** The gradients of a loss, for `step`: of a scalar or, with `seeds`, of (seeds), one for each model. Changes nothing. */
  gradients(loss: Tensor): Tensor[];
  /** One update along the gradients of a loss: `step(gradients(loss))`. */
  minimise(loss: Tensor): void;
  /** How many models the parameters are of, if that was said. */
  readonly seeds: number | undefined;
  /** Number of the first step that was skipped because a gradient, weight or moment was not finite, or 0. Reads from the GPU. */
  firstSkippedStep(): Promise<number>;
  /** The same for every model: a list of one where `seeds` was not said. */
  firstSkippedSteps(): Promise<number[]>;
  /** Flat parameters, moments, averages and the latch of the guard by name, for checkpoints. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** Updates so far, one a step; schedules and bias corrections follow it. Set it when resuming. */
  updates: number;
  dispose(): void;
}

/** The parameters of each weight decay, by their number. */
export function decayGroups(
  optimizer: string,
  parameters: Parameters,
  decay: number | ((name: string, parameter: Tensor) => number),
): Map<number, Set<number>> {
  const groups = new Map<number, Set<number>>();
  for (const [k, [name, x]] of Object.entries(parameters).entries()) {
    const own = typeof decay === 'function' ? decay(name, x) : decay;
    checkNumber(optimizer, typeof decay === 'function' ? `weightDecay of '${name}'` : 'weightDecay', own);
    groups.set(own, (groups.get(own) ?? new Set<number>()).add(k));
  }
  return groups;
}

export function evaluate(optimizer: string, schedule: Schedule, update: number): number {
  const value = schedule(update);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new Error(`${optimizer}: a schedule gives ${value} for update ${update}; wants a finite float32`);
}

export function checkNumber(optimizer: string, name: string, value: number): void {
  if (typeof value !== 'number' || !Number.isFinite(Math.fround(value)) || value < 0)
    throw new Error(`${optimizer}: ${name} must be at least 0, and finite in float32, got ${String(value)}`);
}

/** Of a moving average, what is kept of the old. */
export function checkShare(optimizer: string, shares: Readonly<Record<string, number>>): void {
  for (const [name, share] of Object.entries(shares)) {
    if (!(share >= 0 && share < 1)) throw new Error(`${optimizer}: ${name} must lie in [0, 1), got ${share}`);
  }
}

export function checkGradients(
  optimizer: string,
  parameters: Parameters,
  gradients: readonly Tensor[],
): void {
  checkList(optimizer, 'gradients', gradients);
  const names = Object.keys(parameters);
  if (gradients.length !== names.length) {
    throw new Error(`${optimizer}: ${gradients.length} gradients for ${names.length} parameters`);
  }
  for (const [i, name] of names.entries()) {
    const shape = parameters[name]!.shape;
    checkDtype(optimizer, `the gradient of '${name}'`, gradients[i]!, 'f32');
    if (!sameShape(gradients[i]!.shape, shape)) {
      throw new ShapeError(
        `${optimizer}: gradient ${show(gradients[i]!.shape)} for '${name}' ${show(shape)}`,
      );
    }
  }
}
