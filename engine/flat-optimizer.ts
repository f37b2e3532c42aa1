/** The one optimiser class: flat buffers, gradients copied in, the norm, one dispatch for the update of everything. */
import type { Kernel } from '../kernels/kernel.ts';
import { squaredNorm } from '../kernels/optimizer.ts';
import { dispatch, workgroupsFor } from './dispatch.ts';
import { type FlatLayout, flatten } from './flat.ts';
import { copyInto } from './ops/movement.ts';
import { constantRate, type Schedule } from './schedules.ts';
import { sameShape, ShapeError, show } from './shape.ts';
import type { StepSlot } from './step.ts';
import { outsideTidy, type Tensor, zeros } from './tensor.ts';

/** Named tensors: a model's parameters. */
export type Parameters = Readonly<Record<string, Tensor>>;

export interface CommonOptions {
  /** A number, or a schedule of the update's number, counted from 0. */
  learningRate?: number | Schedule;
  weightDecay?: number;
  /** Gradients are scaled down to this global L2 norm (PyTorch's clip_grad_norm_); off if left out. */
  maxGradNorm?: number;
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

export class FlatOptimizer implements Optimizer {
  readonly name: string;
  readonly parameters: Parameters;
  readonly state: Readonly<Record<string, Tensor>>;
  readonly #layout: FlatLayout;
  readonly #gradients: Tensor;
  readonly #kernel: Kernel;
  readonly #uniforms: Record<string, number>;
  readonly #slots: StepSlot[] = [];
  /** Steps that were not updates of this optimiser: schedules and bias corrections follow the others. */
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
    const known = ['learningRate', 'weightDecay', 'maxGradNorm', ...Object.keys(numbers)];
    const unknown = Object.keys(options).find((name) => !known.includes(name));
    if (unknown) throw new Error(`${kernel.name}: unknown option '${unknown}'; it has ${known.join(', ')}`);
    for (const [name, value] of Object.entries({ ...numbers, weightDecay, maxGradNorm }))
      checkNumber(kernel.name, name, value);
    // All that can be refused comes before the parameters are taken.
    const rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    evaluate(kernel.name, rate, 0);
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

    const slot = (schedule: Schedule) => {
      this.#slots.push(
        backend.step.slot((step) => evaluate(kernel.name, schedule, Math.max(0, step - this.#base - 1))),
      );
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
    this.#countUpdate();
    flat.backend.step.onReplay(() => this.#countUpdate());

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

  /** One update a step. Inside a training loop the step has begun already; elsewhere every update begins one. */
  #countUpdate(): void {
    const { step } = this.#layout.flat.backend;
    if (step.number === this.#lastStep) step.begin();
    const idle = step.number - this.#lastStep - 1;
    if (idle !== 0) {
      // Steps that were not ours count for nothing: schedules and bias corrections go on where they were.
      this.#base += idle;
      step.begin(step.number);
    }
    this.#lastStep = step.number;
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

function evaluate(optimizer: string, schedule: Schedule, update: number): number {
  const value = schedule(update);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new Error(`${optimizer}: a schedule gives ${value} for update ${update}; wants a finite float32`);
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
