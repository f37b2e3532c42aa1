/** Optimisers: parameters, gradients and moments in flat buffers, one dispatch for the update of everything. */
import type { Kernel } from '../kernels/kernel.ts';
import {
  adam as adamKernel,
  rmsProp as rmsPropKernel,
  sgd as sgdKernel,
  squaredNorm,
} from '../kernels/optimizer.ts';
import { dispatch, workgroupsFor } from './dispatch.ts';
import { type FlatLayout, flatten } from './flat.ts';
import { copyInto } from './ops/movement.ts';
import { constantRate, type Schedule } from './schedules.ts';
import { sameShape, ShapeError, show } from './shape.ts';
import type { StepSlot } from './step.ts';
import { outsideTidy, type Tensor, zeros } from './tensor.ts';

/** Named tensors: a model's parameters. */
export type Parameters = Readonly<Record<string, Tensor>>;

interface CommonOptions {
  /** A number, or a schedule of the update's number, counted from 0. */
  learningRate?: number | Schedule;
  weightDecay?: number;
  /** Gradients are scaled down to this global L2 norm (PyTorch's clip_grad_norm_); off if left out. */
  maxGradNorm?: number;
}

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

export interface Optimizer {
  /** 'adam', 'sgd', …: a checkpoint of one does not fit another. */
  readonly name: string;
  readonly parameters: Parameters;
  /** One update. `gradients` in the order of the parameters, as `grad(loss, Object.values(parameters))` gives them. */
  step(gradients: readonly Tensor[]): void;
  /** Number of the first step that was skipped because a gradient was not finite, or 0. Reads from the GPU. */
  firstSkippedStep(): Promise<number>;
  /** Flat parameters, moments and the latch of the guard by name, for checkpoints. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** Updates so far, one a step; schedules and bias corrections follow it. Set it when resuming. */
  updates: number;
  dispose(): void;
}

/** Stochastic gradient descent with momentum, as in PyTorch. */
export function sgd(parameters: Parameters, options: SgdOptions = {}): Optimizer {
  const { momentum = 0, learningRate = 1e-2 } = options;
  return new FlatOptimizer(
    parameters,
    sgdKernel,
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
  return adamOf(parameters, { weightDecay: 0.01, ...options }, true);
}

function adamOf(parameters: Parameters, options: AdamOptions, isDecoupled: boolean): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const corrections = { correction1: beta1, correction2: beta2 };
  const numbers = { beta1, beta2, eps };
  return new FlatOptimizer(
    parameters,
    adamKernel(isDecoupled),
    ['firstMoment', 'secondMoment'],
    numbers,
    options,
    corrections,
  );
}

/** RMSProp (Tieleman & Hinton 2012), as in PyTorch. */
export function rmsProp(parameters: Parameters, options: RmsPropOptions = {}): Optimizer {
  const { alpha = 0.99, eps = 1e-8, learningRate = 1e-2 } = options;
  return new FlatOptimizer(
    parameters,
    rmsPropKernel,
    ['secondMoment'],
    { alpha, eps },
    { ...options, learningRate },
  );
}

class FlatOptimizer implements Optimizer {
  readonly name: string;
  readonly parameters: Parameters;
  readonly state: Readonly<Record<string, Tensor>>;
  readonly #layout: FlatLayout;
  readonly #gradients: Tensor;
  readonly #kernel: Kernel;
  readonly #uniforms: Record<string, number>;
  readonly #slots: StepSlot[] = [];
  /** The step before the first update: steps are counted, so that a replayed step needs no JavaScript here. */
  #base: number;
  #lastStep: number;

  constructor(
    parameters: Parameters,
    kernel: Kernel,
    moments: readonly string[],
    numbers: Readonly<Record<string, number>>,
    options: CommonOptions,
    corrections: Readonly<Record<string, number>> = {},
  ) {
    const { learningRate = 1e-3, weightDecay = 0, maxGradNorm = 0 } = options;
    for (const [name, value] of Object.entries({ ...numbers, weightDecay, maxGradNorm }))
      checkNumber(kernel.name, name, value);
    // All that can be refused comes before the parameters are taken.
    const rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    this.name = kernel.name;
    this.parameters = parameters;
    this.#kernel = kernel;
    const layout = outsideTidy(() => flatten(parameters, kernel.name));
    this.#layout = layout;
    const { backend } = layout.flat;
    const buffer = (label: string) =>
      outsideTidy(() => zeros([layout.flat.size], backend, { label: `${kernel.name}.${label}` }));
    this.#gradients = buffer('gradients');
    const latch = outsideTidy(() => zeros([1], backend, { dtype: 'u32', label: `${kernel.name}.latch` }));
    this.state = {
      parameters: layout.flat,
      ...Object.fromEntries(moments.map((name) => [name, buffer(name)])),
      latch,
    };

    const slot = (schedule: (update: number) => number) => {
      this.#slots.push(backend.step.slot((step) => schedule(Math.max(0, step - this.#base - 1))));
      return this.#slots.at(-1)!.index;
    };
    this.#base = this.#lastStep = backend.step.number;
    this.#uniforms = { size: layout.flat.size, weightDecay, maxNorm: maxGradNorm, ...numbers };
    this.#uniforms.learningRate = slot(rate);
    for (const [name, beta] of Object.entries(corrections)) {
      this.#uniforms[name] = slot((update) => 1 - beta ** (update + 1));
    }
  }

  step(gradients: readonly Tensor[]): void {
    const { flat, starts, names } = this.#layout;
    checkGradients(this.#kernel.name, this.parameters, names, gradients);
    const { step } = flat.backend;
    // Inside a training loop the step has begun already; elsewhere every update begins one.
    if (step.number === this.#lastStep) step.begin();
    this.#lastStep = step.number;

    const widths = gradients.map((g) => g.size);
    copyInto(gradients, this.#gradients, { rows: 1, pitch: flat.size, widths, starts });
    const norm = dispatch(squaredNorm, {
      inputs: { x: this.#gradients },
      uniforms: { size: flat.size },
      outputs: { y: [] },
      workgroups: 1,
    }).y;
    dispatch(this.#kernel, {
      inputs: { gradients: this.#gradients, squaredNorm: norm },
      uniforms: this.#uniforms,
      outputs: this.state,
      workgroups: workgroupsFor(this.#kernel, flat.size),
    });
    norm.dispose();
  }

  get updates(): number {
    return this.#lastStep - this.#base;
  }

  set updates(count: number) {
    this.#lastStep = this.#layout.flat.backend.step.number;
    this.#base = this.#lastStep - count;
  }

  async firstSkippedStep(): Promise<number> {
    return this.state.latch!.item();
  }

  dispose(): void {
    for (const slot of this.#slots) slot.free();
    if (!this.#layout.flat.isDisposed) this.#layout.flat.storage.owner = undefined;
    for (const tensor of [...Object.values(this.state), this.#gradients]) tensor.dispose();
  }
}

function checkNumber(optimizer: string, name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`${optimizer}: ${name} must be at least 0, got ${value}`);
}

function checkGradients(
  optimizer: string,
  parameters: Parameters,
  names: readonly string[],
  gradients: readonly Tensor[],
): void {
  if (gradients.length !== names.length) {
    throw new Error(`${optimizer}: ${gradients.length} gradients for ${names.length} parameters`);
  }
  for (const [i, name] of names.entries()) {
    const shape = parameters[name]!.shape;
    if (!sameShape(gradients[i]!.shape, shape)) {
      throw new ShapeError(
        `${optimizer}: gradient ${show(gradients[i]!.shape)} for '${name}' ${show(shape)}`,
      );
    }
  }
}
