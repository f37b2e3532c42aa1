/**
 * What a training step does, from watching it: whether it is an update by the loss of a small network and nothing else. Each dispatch
 * must belong to it, or make what nobody reads.
 */
import type { Batches } from '../data/batches.ts';
import type { GpuBackend } from '../gpu/gpu.ts';
import type { Recording } from '../gpu/recording.ts';
import { type Listener, listening } from '../listener.ts';
import type { FlatOptimizer } from '../optim/flat-optimizer.ts';
import type { Storage } from '../storage.ts';
import { type Tensor, tensorsIn, tidy } from '../tensor.ts';
import { type DescribedStep, describeStep, NotSmall } from './describe-step.ts';

interface Watched {
  readonly kernel: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Of inputs and outputs, which may be disposed later. */
  readonly given: readonly Storage[];
  readonly storages: readonly Storage[];
  /** In which layer's backward pass, by what the layer put out; undefined outside. */
  readonly within: Tensor | undefined;
  /** It writes what was there before the step. */
  readonly isOutside: boolean;
}

export interface WatchedStep<T> {
  readonly result: T;
  /** Or why it is not of the form. */
  readonly step: DescribedStep | NotSmall;
  /** Where the loss is kept, if it is. */
  readonly ring: Tensor | undefined;
  /** Its shape, where the step returns it. */
  readonly returned: readonly number[] | undefined;
}

interface Given {
  readonly backend: GpuBackend;
  readonly batches: Batches<string>;
  readonly optimizer: FlatOptimizer;
  readonly where: string;
}

/** Carries out the step, which has begun, and looks on. */
export function watchStep<T>(step: () => T, given: Given): WatchedStep<T> {
  const { backend, where } = given;
  const watch = new Watch(given);
  const before = listening.to;
  if (before) throw new Error(`${where}: somebody else is watching the step`);
  let result: T;
  let end: Omit<WatchedStep<T>, 'result'>;
  listening.to = watch;
  try {
    const recording = backend.record(
      (own) => {
        watch.recording = own;
        result = tidy(step);
        end = watch.end(result);
      },
      { where },
    );
    backend.forget(recording);
  } finally {
    listening.to = undefined;
  }
  return { result: result!, ...end! };
}

class Watch implements Listener {
  recording: Recording | undefined;
  readonly #given: Given;
  readonly #dispatches: Watched[] = [];
  readonly #entered = new Set<Tensor>();
  readonly #reached = new Set<Tensor>();
  /** Of each input what was made of it, which is where the backward pass came from. */
  readonly #walked = new Map<Tensor, Tensor>();
  #within: Tensor | undefined;
  #loss: Tensor | undefined;
  #description: DescribedStep | undefined;
  #refusal: NotSmall | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  dispatched({ name }: { name: string }, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    this.#dispatches.push({
      ...{ kernel: name, inputs, outputs },
      given: inputs.map(({ storage }) => storage),
      storages: outputs.map(({ storage }) => storage),
      within: this.#within,
      isOutside: outputs.some(({ binding }) => this.recording!.sourceOf(binding).startsWith('given')),
    });
  }

  computed(): void {}

  entersBackward(output: Tensor, { inputs }: { inputs: readonly Tensor[] }): void {
    if (!this.#loss) {
      this.#loss = output;
      this.#judge(() => {
        this.#description = describeStep({
          loss: output,
          batch: this.#batch(output),
          optimizer: this.#given.optimizer,
        });
      });
    } else if (!this.#reached.has(output) || this.#entered.has(output))
      this.#refusal ??= new NotSmall('gradients are computed more than once');
    this.#entered.add(output);
    for (const x of inputs) {
      this.#reached.add(x);
      this.#walked.set(x, output);
    }
    this.#within = output;
  }

  leavesBackward(): void {
    this.#within = undefined;
  }

  end(result: unknown): Omit<WatchedStep<unknown>, 'result'> {
    let ring: Tensor | undefined;
    let returned: readonly number[] | undefined;
    this.#judge(() => {
      if (!this.#loss) throw new NotSmall('no gradients are computed');
      ring = this.#checkEffects(this.#loss);
      const all = [...tensorsIn(result)];
      if (all.length > 0 && (result !== this.#loss || ring))
        throw new NotSmall('the step returns something else than its loss, or keeps and returns it');
      if (all.length > 0) returned = this.#loss.shape;
    });
    return { step: this.#refusal ?? this.#description!, ring, returned };
  }

  /** What is refused first is what is said. */
  #judge(f: () => void): void {
    if (this.#refusal) return;
    try {
      f();
    } catch (error) {
      if (!(error instanceof NotSmall)) throw error;
      this.#refusal = error;
    }
  }

  /** The batch's columns, by name, as far as they are used: views of what one dispatch has gathered. */
  #batch(loss: Tensor): Record<string, Tensor> {
    const { batches } = this.#given;
    const gathered = this.#dispatches.filter(({ inputs }) => inputs.includes(batches.table.data!));
    if (gathered.length !== 1) throw new NotSmall(`${gathered.length} batches are drawn, not one`);
    const { storages } = gathered[0]!;
    const names = new Map([...batches.table.columns].map(([name, { to }]) => [to, name]));
    const batch: Record<string, Tensor> = {};
    const seen = new Set<Tensor>();
    const look = (x: Tensor) => {
      if (seen.has(x)) return;
      seen.add(x);
      const name = !x.isDisposed && storages.includes(x.storage) ? names.get(x.offset) : undefined;
      if (name !== undefined) batch[name] = x;
      else for (const input of x.node?.inputs ?? []) look(input);
    };
    look(loss);
    for (const { inputs } of this.#dispatches) for (const x of inputs) look(x);
    return batch;
  }

  /** Where the loss is kept, if it is. @throws NotSmall if the step changes something else than the optimiser's state. */
  #checkEffects(loss: Tensor): Tensor | undefined {
    const { parameters } = this.#given.optimizer.buffers;
    const updates = this.#dispatches.filter(({ storages }) => storages.includes(parameters!.storage));
    if (updates.length !== 1) throw new NotSmall(`the optimiser is used ${updates.length} times, not once`);
    const gradients = updates[0]!.inputs[0]!.storage;
    const rings: Tensor[] = [];
    const copied: Storage[] = [];
    for (const one of this.#dispatches) {
      const { kernel, inputs, outputs, storages, isOutside } = one;
      if (storages.includes(gradients)) copied.push(...one.given);
      else if (kernel === 'store-metric' && inputs[0] === loss) rings.push(outputs[0]!);
      else if (isOutside && one !== updates[0])
        throw new NotSmall(`'${kernel}' writes into a tensor from outside the step`);
    }
    if (this.recording!.commands.some((command) => 'source' in command))
      throw new NotSmall('the step copies tensors');
    if (rings.length > 1) throw new NotSmall('the loss is kept twice');
    this.#checkGradients(copied);
    return rings[0];
  }

  /** Each gradient that the optimiser took must come from the backward pass of the layer that has the parameter. */
  #checkGradients(copied: readonly Storage[]): void {
    for (const [i, parameter] of Object.values(this.#given.optimizer.parameters).entries()) {
      const layer = this.#walked.get(parameter);
      const makers = this.#dispatches.filter(({ storages }) => storages.includes(copied[i]!));
      if (makers.length === 0 || makers.some(({ within }) => !within || within !== layer))
        throw new NotSmall('the optimiser takes other gradients than those of the loss');
    }
  }
}
