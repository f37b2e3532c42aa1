/** The one optimiser class: flat buffers, gradients copied in, the norm, one dispatch for the update of everything. */
import type { Kernel } from '../../kernels/kernel.ts';
import { type OptimizerKernels, PADDING } from '../../kernels/training/optimizer.ts';
import { squaredNorm, squaredNormFew } from '../../kernels/training/squared-norm.ts';
import { checkList } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { alignedSize, checkParameters, type FlatLayout, flatten } from './flat.ts';
import { biasCorrection } from './moving-average.ts';
import { copyTo } from '../ops/movement/copy-to.ts';
import { constantRate, type Schedule } from './schedules.ts';
import { sameShape, ShapeError, show } from '../shape.ts';
import type { StepSlot } from '../step.ts';
import { checkDtype, outsideTidy, type Tensor, tensor, zeros } from '../tensor.ts';

/** Named tensors: a model's parameters. */
export type Parameters = Readonly<Record<string, Tensor>>;

export interface CommonOptions {
  /** A number, or a schedule of the update's number, counted from 0. */
  learningRate?: number | Schedule | undefined;
  weightDecay?: number | undefined;
  /** Gradients are scaled down to this global L2 norm (PyTorch's clip_grad_norm_); off if left out. */
  maxGradNorm?: number | undefined;
  /**
   * The parameters belong to so many models of one shape, (seeds, …): the norm, the clipping and the guard against
   * gradients that are not finite are each model's own, and each is trained as if it were alone.
   */
  seeds?: number | undefined;
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
  /** How many models the parameters are of, if that was said. */
  readonly seeds: number | undefined;
  /** Number of the first step that was skipped because a gradient, weight or moment was not finite, or 0. Reads from the GPU. */
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
  /** The state by the names of the kernels. */
  readonly #buffers: Readonly<Record<string, Tensor>>;
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
    { kernels, options: own, uniforms, corrections = {}, exponent = 0 }: UpdateRule,
    options: CommonOptions,
  ) {
    checkParameters(kernels.one.name, parameters);
    const { learningRate = 1e-3, weightDecay = 0, maxGradNorm = 0, seeds } = options;
    const kernel = seeds === undefined ? kernels.one : kernels.many;
    const { name } = kernels.one;
    for (const [key, value] of Object.entries({ ...own, weightDecay, maxGradNorm }))
      checkNumber(name, key, value);
    if (typeof learningRate !== 'number' && typeof learningRate !== 'function')
      throw new Error(`${name}: learningRate must be a number or a schedule, got ${String(learningRate)}`);
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
    const moments = kernels.moments.map((moment) => [moment, buffer(moment)] as const);
    this.#buffers = { parameters: layout.flat, ...Object.fromEntries(moments), latch };
    // Scaled, it has a name of its own: the checkpoint of another eps does not fit, rather than being wrong.
    const scaled = (name: string) =>
      exponent > 0 && name === 'secondMoment' ? `secondMoment*2^${2 * exponent}` : name;
    this.state = Object.fromEntries(Object.entries(this.#buffers).map(([key, x]) => [scaled(key), x]));

    const slot = (schedule: Schedule) => {
      this.#slots.push(
        backend.step.slot((step) => evaluate(name, schedule, Math.max(0, step - this.#base - 1))),
      );
      return this.#slots.at(-1)!.index;
    };
    this.#base = this.#lastStep = backend.step.number;
    // A square of 2^(128 - 2·exponent) would overflow where it is scaled: an exponent of float32 less than infinity's.
    const normBound = 0x7f800000 - ((2 * exponent) << 23);
    this.#uniforms = { size: layout.flat.size, weightDecay, maxNorm: maxGradNorm, normBound, ...uniforms };
    if (seeds !== undefined) this.#uniforms.pitch = rows.pitch;
    this.#uniforms.learningRate = slot(rate);
    for (const [key, beta] of Object.entries(corrections)) {
      this.#uniforms[key] = slot((update) => biasCorrection(beta, update + 1));
    }
  }

  step(gradients: readonly Tensor[]): void {
    const { flat, names } = this.#layout;
    const { count, pitch, widths, starts } = this.#rows;
    checkGradients(this.name, this.parameters, names, gradients);
    this.#countUpdate();
    flat.backend.step.onReplay(() => this.#countUpdate());

    copyTo(gradients, this.#gradients, { rows: count, pitch, widths, starts });
    const norm = dispatch(flat.backend.isSoftware ? squaredNormFew : squaredNorm, {
      inputs: { x: this.#gradients },
      uniforms: { size: pitch },
      outputs: { y: [count] },
      workgroups: [1, 1, count],
    }).y;
    const table = this.#elements ? { elements: this.#elements } : undefined;
    const workgroups = workgroupsFor(this.#kernel, flat.size, table ? 1 : 4);
    dispatch(this.#kernel, {
      inputs: { gradients: this.#gradients, squaredNorm: norm, ...table },
      uniforms: this.#uniforms,
      outputs: this.#buffers,
      workgroups,
    });
    norm.dispose();
  }

  /** One update a step. Inside a training loop the step has begun already; elsewhere every update begins one. */
  #countUpdate(): void {
    const { step } = this.#layout.flat.backend;
    if (step.number === this.#lastStep) step.advance();
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
    const { step } = this.#layout.flat.backend;
    step.recorder?.forbid(`the number of ${this.name}'s updates is set`);
    this.#lastStep = step.number;
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
  if (typeof value !== 'number' || !Number.isFinite(Math.fround(value)) || value < 0)
    throw new Error(`${optimizer}: ${name} must be at least 0, and finite in float32, got ${String(value)}`);
}

function checkGradients(
  optimizer: string,
  parameters: Parameters,
  names: readonly string[],
  gradients: readonly Tensor[],
): void {
  checkList(optimizer, 'gradients', gradients);
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
