/** The one optimiser class: flat buffers, gradients copied in, the norm, one dispatch for the update of everything. */
import type { Kernel } from '../../kernels/kernel.ts';
import {
  type OptimizerKernels,
  PADDING,
  squaredNorm,
  squaredNormFew,
} from '../../kernels/training/optimizer.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { alignedSize, type FlatLayout, flatten } from './flat.ts';
import { copyInto } from '../ops/movement/movement.ts';
import { constantRate, type Schedule } from './schedules.ts';
import { sameShape, ShapeError, show } from '../shape.ts';
import type { StepSlot } from '../step.ts';
import { outsideTidy, type Tensor, tensor, zeros } from '../tensor.ts';

/** Named tensors: a model's parameters. */
export type Parameters = Readonly<Record<string, Tensor>>;

export interface CommonOptions {
  /** A number, or a schedule of the update's number, counted from 0. */
  learningRate?: number | Schedule;
  weightDecay?: number;
  /** Gradients are scaled down to this global L2 norm (PyTorch's clip_grad_norm_); off if left out. */
  maxGradNorm?: number;
  /**
   * The parameters belong to so many models of one shape, (seeds, …): the norm, the clipping and the guard against
   * gradients that are not finite are each model's own, and each is trained as if it were alone.
   */
  seeds?: number;
}

export interface Optimizer {
  /** 'adam', 'sgd', …: a checkpoint of one does not fit another. */
  readonly name: string;
  readonly parameters: Parameters;
  /** One update. `gradients` in the order of the parameters, as `grad(loss, Object.values(parameters))` gives them. */
  step(gradients: readonly Tensor[]): void;
  /** How many models the parameters are of, if that was said. */
  readonly seeds: number | undefined;
  /** Number of the first step that was skipped because a gradient was not finite, or 0. Reads from the GPU. */
  firstSkippedStep(): Promise<number>;
  /** The same for every model: a list of one where `seeds` was not said. */
  firstSkippedSteps(): Promise<number[]>;
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
  readonly seeds: number | undefined;
  readonly #layout: FlatLayout;
  readonly #rows: Rows;
  /** For several models: which element of the rows a number of the parameters has, and which model. */
  readonly #elements: Tensor | undefined;
  readonly #gradients: Tensor;
  readonly #kernel: Kernel;
  readonly #uniforms: Record<string, number>;
  readonly #slots: StepSlot[] = [];
  /** Steps that were not updates of this optimiser: schedules and bias corrections follow the others. */
  #base: number;
  #lastStep: number;

  constructor(
    parameters: Parameters,
    kernels: OptimizerKernels,
    moments: readonly string[],
    numbers: Readonly<Record<string, number>>,
    options: CommonOptions,
    corrections: Readonly<Record<string, number>> = {},
  ) {
    const { learningRate = 1e-3, weightDecay = 0, maxGradNorm = 0, seeds } = options;
    const kernel = seeds === undefined ? kernels.one : kernels.many;
    const { name } = kernels.one;
    const known = ['learningRate', 'weightDecay', 'maxGradNorm', 'seeds', ...Object.keys(numbers)];
    const unknown = Object.keys(options).find((key) => !known.includes(key));
    if (unknown) throw new Error(`${name}: unknown option '${unknown}'; it has ${known.join(', ')}`);
    for (const [key, value] of Object.entries({ ...numbers, weightDecay, maxGradNorm }))
      checkNumber(name, key, value);
    // All that can be refused comes before the parameters are taken.
    const rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    evaluate(name, rate, 0);
    const rows = rowsOf(name, parameters, seeds);
    this.name = name;
    this.seeds = seeds;
    this.#rows = rows;
    this.parameters = parameters;
    this.#kernel = kernel;
    const layout = outsideTidy(() => flatten(parameters, name));
    this.#layout = layout;
    const { backend } = layout.flat;
    const buffer = (label: string) =>
      outsideTidy(() => zeros(rows.shape, backend, { label: `${name}.${label}` }));
    this.#gradients = buffer('gradients');
    const latch = outsideTidy(() => zeros([rows.count], backend, { dtype: 'u32', label: `${name}.latch` }));
    this.#elements = seeds === undefined ? undefined : outsideTidy(() => elementsOf(rows, layout));
    this.state = {
      parameters: layout.flat,
      ...Object.fromEntries(moments.map((moment) => [moment, buffer(moment)])),
      latch,
    };

    const slot = (schedule: Schedule) => {
      this.#slots.push(
        backend.step.slot((step) => evaluate(name, schedule, Math.max(0, step - this.#base - 1))),
      );
      return this.#slots.at(-1)!.index;
    };
    this.#base = this.#lastStep = backend.step.number;
    this.#uniforms = { size: layout.flat.size, weightDecay, maxNorm: maxGradNorm, ...numbers };
    if (seeds !== undefined) this.#uniforms.pitch = rows.pitch;
    this.#uniforms.learningRate = slot(rate);
    for (const [key, beta] of Object.entries(corrections)) {
      this.#uniforms[key] = slot((update) => 1 - beta ** (update + 1));
    }
  }

  step(gradients: readonly Tensor[]): void {
    const { flat, names } = this.#layout;
    const { count, pitch, widths, starts } = this.#rows;
    checkGradients(this.name, this.parameters, names, gradients);
    this.#countUpdate();
    flat.backend.step.onReplay(() => this.#countUpdate());

    copyInto(gradients, this.#gradients, { rows: count, pitch, widths, starts });
    const norm = dispatch(flat.backend.isSoftware ? squaredNormFew : squaredNorm, {
      inputs: { x: this.#gradients },
      uniforms: { size: pitch },
      outputs: { y: [count] },
      workgroups: [1, 1, count],
    }).y;
    const inputs = { gradients: this.#gradients, squaredNorm: norm };
    dispatch(this.#kernel, {
      inputs: this.#elements ? { ...inputs, elements: this.#elements } : inputs,
      uniforms: this.#uniforms,
      outputs: this.state,
      workgroups: workgroupsFor(this.#kernel, flat.size, this.#elements ? 1 : 4),
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
      step.rewrite(step.number);
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
    const skipped = (await this.firstSkippedSteps()).filter((step) => step > 0);
    return skipped.length > 0 ? Math.min(...skipped) : 0;
  }

  async firstSkippedSteps(): Promise<number[]> {
    return [...(await this.state.latch!.data())];
  }

  dispose(): void {
    for (const slot of this.#slots) slot.free();
    if (!this.#layout.flat.isDisposed) this.#layout.flat.storage.owner = undefined;
    for (const x of [...Object.values(this.state), this.#gradients, this.#elements]) x?.dispose();
  }
}

/** The buffers of gradients and moments: a row a model, each like the flat buffer of that model alone. */
interface Rows {
  readonly shape: readonly number[];
  readonly count: number;
  readonly pitch: number;
  /** Of each parameter in a row: its length and its first element. */
  readonly widths: readonly number[];
  readonly starts: readonly number[];
}

function rowsOf(optimizer: string, parameters: Parameters, seeds: number | undefined): Rows {
  const count = seeds ?? 1;
  if (!(Number.isInteger(count) && count >= 1))
    throw new Error(`${optimizer}: seeds must be an integer of at least 1, got ${count}`);
  const widths: number[] = [];
  const starts: number[] = [];
  let pitch = 0;
  for (const [name, { shape, size }] of Object.entries(parameters)) {
    if (seeds !== undefined && shape[0] !== seeds)
      throw new ShapeError(
        `${optimizer}: '${name}' ${show(shape)} has not ${seeds} seeds along its first axis`,
      );
    widths.push(size / count);
    starts.push(pitch);
    pitch += alignedSize(size / count);
  }
  return { shape: seeds === undefined ? [pitch] : [count, pitch], count, pitch, widths, starts };
}

/** For every number of the parameters its element of the rows, and its model: to divide for it would cost more than to read it. */
function elementsOf({ count, pitch, widths, starts }: Rows, { flat, starts: places }: FlatLayout): Tensor {
  const elements = new Uint32Array(2 * flat.size).fill(PADDING);
  for (const [k, width] of widths.entries()) {
    for (let model = 0; model < count; model++) {
      const [from, to] = [model * pitch + starts[k]!, places[k]! + model * width];
      for (let j = 0; j < width; j++) {
        elements[2 * (to + j)] = from + j;
        elements[2 * (to + j) + 1] = model;
      }
    }
  }
  return tensor(elements, [...flat.shape, 2], flat.backend, { dtype: 'u32', label: 'elements' });
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
