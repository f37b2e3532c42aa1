/** The one optimiser class: flat buffers, gradients copied in, the norm, one dispatch for the update of everything. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { UpdateText } from '../../kernels/training/optimizer.ts';
import { squaredNorm, squaredNormFew } from '../../kernels/training/squared-norm.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { grad } from '../grad.ts';
import { copyTo } from '../ops/movement/copy-to.ts';
import { ShapeError, show } from '../shape.ts';
import type { StepSlot } from '../step.ts';
import { checkDtype, outsideTidy, type Tensor, view, zeros } from '../tensor.ts';
import { checkParameters, type FlatLayout, flatten } from './flat.ts';
import { biasCorrection } from './moving-average.ts';
import {
  checkGradients,
  checkNumber,
  type CommonOptions,
  decayGroups,
  evaluate,
  type Optimizer,
  type Parameters,
  type UpdateRule,
} from './options.ts';
import { elementsOf, isPacked, type Rows, rowsOf } from './rows.ts';
import { constantRate, type Schedule } from './schedules.ts';

/** What one dispatch updates: the parameters of one weight decay. */
interface Part {
  readonly weightDecay: number;
  /** Which element of the rows a number of the parameters has, and which model; left out where both lie alike. */
  readonly table: { readonly elements: Tensor } | undefined;
}

/** What goes on after each update: averages of the weights. */
export interface Follower {
  follow(): void;
  /** Throws where neither an update nor a checkpoint may be. */
  check(): void;
  dispose(): void;
}

export class FlatOptimizer implements Optimizer {
  readonly name: string;
  readonly parameters: Parameters;
  readonly state: Record<string, Tensor>;
  readonly seeds: number | undefined;
  /** The state by the names of the kernels. */
  readonly #buffers: Readonly<Record<string, Tensor>>;
  readonly layout: FlatLayout;
  readonly rows: Rows;
  readonly #parts: readonly Part[];
  readonly #gradients: Tensor;
  readonly #kernel: Kernel;
  readonly #uniforms: Record<string, number>;
  /** One element's update as text, with `uniforms`: for kernels that do a whole step. */
  readonly text: UpdateText;
  readonly #slots: StepSlot[] = [];
  follower: Follower | undefined;
  /** From `prepare` to `apply`. */
  #norm: Tensor | undefined;
  /** Steps that were not updates of this optimiser: schedules and bias corrections follow the others. */
  #base: number;
  #lastStep: number;

  constructor(
    parameters: Parameters,
    { kernels, options: own, uniforms, corrections = {}, exponent = 0 }: UpdateRule,
    options: CommonOptions,
  ) {
    const { name } = kernels.one;
    checkParameters(name, parameters);
    const { learningRate = 1e-3, weightDecay = 0, maxGradNorm = 0, seeds, stopsWith } = options;
    for (const [key, value] of Object.entries({ ...own, maxGradNorm })) checkNumber(name, key, value);
    if (typeof learningRate !== 'number' && typeof learningRate !== 'function')
      throw new Error(`${name}: learningRate must be a number or a schedule, got ${String(learningRate)}`);
    // All that can be refused comes before the parameters are taken.
    const rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate;
    evaluate(name, rate, 0);
    const groups = decayGroups(name, parameters, weightDecay);
    const rows = rowsOf(name, parameters, seeds);
    checkPartner(name, rows, parameters, stopsWith);
    this.name = name;
    this.seeds = seeds;
    this.rows = rows;
    this.parameters = parameters;
    const layout = outsideTidy(() => flatten(parameters, name));
    this.layout = layout;
    const { flat } = layout;
    const { backend } = flat;
    const isMany = seeds !== undefined || groups.size > 1 || !isPacked(rows, layout);
    this.text = kernels.text;
    this.#kernel = isMany ? kernels.many : kernels.one;
    const buffer = (label: string) =>
      outsideTidy(() => zeros(rows.shape, backend, { label: `${name}.${label}` }));
    this.#gradients = buffer('gradients');
    const latch = outsideTidy(() =>
      stopsWith
        ? view(stopsWith.state.latch!, [rows.count])
        : zeros([rows.count], backend, { dtype: 'u32', label: `${name}.latch` }),
    );
    this.#parts = [...groups].map(([weightDecay, chosen]) => ({
      weightDecay,
      table: isMany ? { elements: this.elementsOf((k) => chosen.has(k)) } : undefined,
    }));
    const moments = kernels.moments.map((moment) => [moment, buffer(moment)] as const);
    this.#buffers = { parameters: flat, ...Object.fromEntries(moments), latch };

    this.#base = this.#lastStep = backend.step.number;
    // A square of 2^(128 - 2·exponent) would overflow where it is scaled: an exponent of float32 less than infinity's.
    const normBound = 0x7f800000 - ((2 * exponent) << 23);
    this.#uniforms = { size: flat.size, maxNorm: maxGradNorm, normBound, ...uniforms };
    if (isMany) this.#uniforms.pitch = rows.pitch;
    this.#uniforms.learningRate = this.slot(rate);
    for (const [key, beta] of Object.entries(corrections)) {
      this.#uniforms[key] = this.slot((update) => biasCorrection(beta, update + 1));
    }
    // Scaled, it has a name of its own: the checkpoint of another eps does not fit, rather than being wrong.
    const scaled = (name: string) =>
      exponent > 0 && name === 'secondMoment' ? `secondMoment*2^${2 * exponent}` : name;
    this.state = Object.fromEntries(Object.entries(this.#buffers).map(([key, x]) => [scaled(key), x]));
  }

  /** Of the step buffer: what a schedule gives for each update. */
  slot(schedule: Schedule): number {
    const { step } = this.layout.flat.backend;
    const slot = step.slot((number) => evaluate(this.name, schedule, Math.max(0, number - this.#base - 1)));
    this.#slots.push(slot);
    return slot.index;
  }

  /** The table of the parameters that are chosen, by their number. */
  elementsOf(isChosen: (k: number) => boolean): Tensor {
    return outsideTidy(() => elementsOf(this.rows, this.layout, isChosen));
  }

  gradients(loss: Tensor): Tensor[] {
    return gradientsOf(this, loss);
  }

  minimise(loss: Tensor): void {
    this.step(this.gradients(loss));
  }

  step(gradients: readonly Tensor[]): void {
    this.prepare(gradients);
    this.apply();
  }

  /** The first half of an update: all that does not change the state. For `together`. */
  prepare(gradients: readonly Tensor[]): void {
    const { flat } = this.layout;
    const { count, pitch, widths, starts } = this.rows;
    checkGradients(this.name, this.parameters, gradients);
    this.#countUpdate();
    flat.backend.step.onReplay(() => this.#countUpdate());

    copyTo(gradients, this.#gradients, { rows: count, pitch, widths, starts });
    this.#norm = dispatch(flat.backend.isSoftware ? squaredNormFew : squaredNorm, {
      inputs: { x: this.#gradients },
      uniforms: { size: pitch },
      outputs: { y: [count] },
      workgroups: [1, 1, count],
    }).y;
  }

  /** Of each dispatch of an update. */
  get uniforms(): readonly Readonly<Record<string, number>>[] {
    return this.#parts.map(({ weightDecay }) => ({ ...this.#uniforms, weightDecay }));
  }

  /** The state by the names of the kernels. */
  get buffers(): Readonly<Record<string, Tensor>> {
    return this.#buffers;
  }

  /** What the guard tests, once gradients are prepared, and where it says that a model has stopped. */
  get guarded(): { latch: Tensor; norm: Tensor; bound: number } {
    return { latch: this.#buffers.latch!, norm: this.#norm!, bound: this.#uniforms.normBound! };
  }

  /** The second half of an update. */
  apply(): void {
    const { flat } = this.layout;
    const norm = this.#norm!;
    for (const { table, weightDecay } of this.#parts) {
      dispatch(this.#kernel, {
        inputs: { gradients: this.#gradients, squaredNorm: norm, ...table },
        uniforms: { ...this.#uniforms, weightDecay },
        outputs: this.#buffers,
        workgroups: workgroupsFor(this.#kernel, flat.size, table ? 1 : 4),
      });
    }
    norm.dispose();
    this.#norm = undefined;
    this.follower?.follow();
  }

  /** One update a step. Inside a training loop the step has begun already; elsewhere every update begins one. */
  #countUpdate(): void {
    this.follower?.check();
    const { step } = this.layout.flat.backend;
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
    const { step } = this.layout.flat.backend;
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
    for (const { table } of this.#parts) table?.elements.dispose();
    this.follower?.dispose();
    for (const x of [...Object.values(this.state), this.#gradients]) x.dispose();
  }
}

/** The gradients that an optimiser wants of a loss: a scalar or, with `seeds`, (seeds), one for each model. */
export function gradientsOf(of: Pick<Optimizer, 'name' | 'parameters' | 'seeds'>, loss: Tensor): Tensor[] {
  const { name, parameters, seeds } = of;
  checkDtype(name, 'the loss', loss, 'f32');
  if (seeds !== undefined && !(loss.shape.length === 1 && loss.size === seeds))
    throw new ShapeError(
      `${name}: the loss is ${show(loss.shape)}; wants one for each of ${seeds} seeds, [${seeds}]`,
    );
  return grad(loss, Object.values(parameters), { perSeed: seeds !== undefined });
}

function checkPartner(
  name: string,
  { count }: Rows,
  parameters: Parameters,
  partner: Optimizer | undefined,
): void {
  if (!partner) return;
  const latch = partner instanceof FlatOptimizer && partner.state.latch;
  if (!latch || latch.size !== count || latch.backend !== Object.values(parameters)[0]?.backend)
    throw new Error(`${name}: stopsWith must be an optimiser of ${count} seeds, too, on the same backend`);
}
