/**
 * What changes from step to step, for many steps at once: their numbers of the step buffer, which the host writes, and the order of
 * rows, which a kernel makes an epoch ahead. JavaScript has little to do, however many seeds there are.
 */
import { shuffleRows } from '../../kernels/small-network/shuffle.ts';
import { WORK_HEAD, WORK_WORDS } from '../../kernels/small-network/work.ts';
import { keyOf } from '../../kernels/random/philox.ts';
import type { Backend } from '../backend.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { outsideTidy, type Tensor, tensor, zeros } from '../tensor.ts';

interface Shape {
  readonly seeds: readonly number[];
  readonly rows: number;
  readonly batch: number;
  /** The number of the first epoch. */
  readonly firstEpoch: number;
  /** Slots of the step buffer that the kernel reads, in its order. */
  readonly slots: readonly number[];
  /** Of a dispatch. */
  readonly mostSteps: number;
}

export class Work {
  /** Words of it, and behind them, from `tableAt` on, the table that was given. */
  readonly words: Tensor;
  readonly tableAt: number;
  /** (seeds, epochs, rows): a ring of epochs. */
  readonly order: Tensor;
  readonly #shape: Shape;
  readonly #epochs: number;
  readonly #keys: Tensor;
  readonly #next: Uint32Array;
  readonly #floats: Float32Array;
  /** The last epoch whose order is there. */
  #made = -1;

  constructor(backend: Backend, shape: Shape, table: Uint32Array) {
    const { seeds, rows, batch, slots, mostSteps } = shape;
    this.#shape = shape;
    this.#next = new Uint32Array(WORK_HEAD + mostSteps * slots.length);
    this.#floats = new Float32Array(this.#next.buffer);
    this.tableAt = this.#next.length;
    const words = new Uint32Array(this.tableAt + table.length);
    words.set(table, this.tableAt);
    const integers = (values: Uint32Array, label: string) =>
      outsideTidy(() => tensor(values, [values.length], backend, { dtype: 'u32', label }));
    this.words = integers(words, 'work');
    this.#keys = integers(Uint32Array.from(seeds.flatMap((seed) => [...keyOf(seed)])), 'keys');
    // As many as the steps of a dispatch can touch.
    this.#epochs = Math.ceil((mostSteps * batch) / rows) + 1;
    const shapeOfOrder = [seeds.length, this.#epochs, rows];
    this.order = outsideTidy(() => zeros(shapeOfOrder, backend, { dtype: 'u32', label: 'order' }));
  }

  /** Rows of a seed's order. */
  get ring(): number {
    return this.#epochs * this.#shape.rows;
  }

  /** Makes ready what `steps` steps need, the first of which takes batch `from`. */
  prepare(from: number, steps: number): void {
    const { seeds, rows, batch, slots } = this.#shape;
    const { backend } = this.words;
    const { step } = backend;
    const place = from * batch;
    const firstEpoch = Math.floor(place / rows);
    const lastEpoch = Math.floor((place + steps * batch - 1) / rows);
    // Those that are there are followed by the next ones, unless batches were skipped.
    const begin = this.#made >= firstEpoch - 1 && this.#made <= lastEpoch ? this.#made + 1 : firstEpoch;
    const firstStep = step.number + 1;
    this.#next[WORK_WORDS.firstStep] = firstStep;
    this.#next[WORK_WORDS.steps] = steps;
    this.#next[WORK_WORDS.firstRow] = place % this.ring;
    this.#next[WORK_WORDS.firstEpoch] = begin;
    this.#next[WORK_WORDS.epochs] = lastEpoch + 1 - begin;
    this.#next[WORK_WORDS.epochsBefore] = this.#shape.firstEpoch;
    for (let t = 0; t < steps; t++)
      for (const [i, slot] of slots.entries())
        this.#floats[WORK_HEAD + t * slots.length + i] = step.valueAt(slot, firstStep + t);
    const { memory, offset } = this.words.binding;
    const size = WORK_HEAD + steps * slots.length;
    backend.upload({ memory, offset, size }, this.#next.subarray(0, size), 'u32');
    const count = (lastEpoch + 1 - begin) * seeds.length;
    this.#made = lastEpoch;
    if (count === 0) return;
    dispatch(shuffleRows, {
      inputs: { work: this.words, keys: this.#keys },
      uniforms: { rows, seeds: seeds.length, slots: this.#epochs },
      outputs: { order: this.order },
      workgroups: workgroupsFor(shuffleRows, count),
    });
  }

  dispose(): void {
    for (const x of [this.words, this.order, this.#keys]) x.dispose();
  }
}
