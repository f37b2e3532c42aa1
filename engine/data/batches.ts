/** Draws batches from a data set that lives on the GPU: the host sends a permutation once an epoch and nothing else. */
import type { Backend, DType } from '../backend.ts';
import { checkBackend, checkList, checkNumbers, checkOptions, inWords } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { alignedSize } from '../optim/flat.ts';
import { permutation } from '../random.ts';
import type { StepSlot } from '../step.ts';
import { type Column, packColumns, storageOf } from './packed-columns.ts';
import { Tensor, tensor } from '../tensor.ts';
import { gatherBatch, type Storage } from '../../kernels/training/batch.ts';

export type { Column };

export interface BatchOptions {
  batchSize: number;
  /** Of the shuffling. A list means as many data sets of one size, each drawn in its own order, as if it were alone. */
  seed: number | readonly number[];
  /** The number of the first epoch, 0 unless given: data sets of one seed that begin far apart are drawn in other orders. */
  firstEpoch?: number | undefined;
}

/**
 * Draws without replacement, epoch after epoch. A batch has min(batchSize, rows) rows and may run over the end of an
 * epoch, so that shapes never change.
 */
export class Batches<N extends string> {
  readonly batchSize: number;
  readonly rows: number;
  readonly #names: readonly N[];
  readonly #widths: readonly number[];
  readonly #starts: number[] = [];
  /** `data`, `packed` and `places` of the kernel, those that there are. */
  readonly #data: Readonly<Record<string, Tensor>>;
  readonly #order: Tensor;
  readonly #offset: StepSlot;
  readonly seeds: readonly number[];
  /** Leading axes of a batch: the number of seeds, if there is a list of them. */
  readonly #lead: readonly number[];
  readonly #kernel: ReturnType<typeof gatherBatch>;
  readonly #uniforms: Record<string, number>;
  readonly #storages: readonly Storage[];
  /** Which columns are one table for all seeds. */
  readonly #shared: readonly boolean[];
  readonly #dtypes: readonly DType[];
  /** `y` and `whole` of the kernel, or the one of them that there is: a batch's floats and integers. */
  readonly #outputs: Readonly<Record<string, readonly number[]>>;
  /** The number of the first epoch. */
  readonly firstEpoch: number;
  #position = 0;
  #isPrepared = false;
  /** The epochs whose order lies in the two halves. */
  readonly #sent = [-1, -1];

  constructor(columns: Readonly<Record<N, Column>>, backend: Backend, options: BatchOptions) {
    checkColumns(columns);
    checkBackend('Batches', backend);
    checkOptions('Batches', options, 'batchSize seed firstEpoch', true);
    const { batchSize, seed, firstEpoch = 0 } = options;
    if (!(Number.isInteger(firstEpoch) && firstEpoch >= 0 && firstEpoch < 2 ** 32))
      throw new Error(`batches: firstEpoch must be an integer from 0 to 2^32 - 1, got ${firstEpoch}`);
    this.firstEpoch = firstEpoch;
    if (typeof seed !== 'number') checkList('Batches', 'seed', seed);
    this.#names = Object.keys(columns) as N[];
    const list: Column[] = Object.values(columns);
    this.#widths = list.map(({ width }) => width);
    this.seeds = typeof seed === 'number' ? [seed] : seed;
    this.#lead = typeof seed === 'number' ? [] : [seed.length];
    const seeds = this.seeds.length;
    this.rows = checkRows(columns, seeds);
    if (!(Number.isInteger(batchSize) && batchSize >= 1)) {
      throw new Error(`batches: batchSize must be an integer of at least 1, got ${batchSize}`);
    }
    this.batchSize = Math.min(batchSize, this.rows);

    const { floats, words, starts } = packColumns(columns);
    this.#uniforms = { rows: this.rows, seeds, batch: this.batchSize, widest: Math.max(...this.#widths) };
    this.#storages = list.map(storageOf);
    this.#dtypes = this.#storages.map((storage) => (storage === 'u32' ? 'u32' : 'f32'));
    const elements = { f32: 0, u32: 0 };
    for (const [c, { width }] of list.entries()) {
      const dtype = this.#dtypes[c]!;
      const to = elements[dtype];
      Object.assign(this.#uniforms, { [`width${c}`]: width, [`from${c}`]: starts[c]!, [`to${c}`]: to });
      this.#starts.push(to);
      elements[dtype] += alignedSize(seeds * this.batchSize * width);
    }
    this.#outputs = {
      ...(elements.f32 > 0 ? { y: [elements.f32] } : {}),
      ...(elements.u32 > 0 ? { whole: [elements.u32] } : {}),
    };
    const places = list.flatMap(({ rows = [] }) => rows);
    let before = 0;
    for (const [c, { rows }] of list.entries()) {
      if (!rows) continue;
      this.#uniforms[`places${c}`] = before;
      before += seeds * this.rows;
    }
    this.#data = {
      ...(places.length > 0 ? { places: placesOf(places, this.rows, backend) } : {}),
      ...(floats.length > 0 ? { data: tensor(floats, [floats.length], backend, { label: 'data' }) } : {}),
      ...(words.length > 0
        ? { packed: tensor(words, [words.length], backend, { dtype: 'u32', label: 'data' }) }
        : {}),
    };
    const order = new Uint32Array(2 * seeds * this.rows);
    this.#order = tensor(order, [order.length], backend, { dtype: 'u32', label: 'order' });
    this.#offset = backend.step.slot(() => this.#position % (2 * this.rows));
    this.#uniforms.offset = this.#offset.index;
    this.#shared = list.map(({ rows }) => rows !== undefined);
    this.#kernel = gatherBatch(this.#storages, this.#shared);
  }

  /**
   * To be called before `backend.step.begin()`, or before a captured step: says which batch the step takes, and sends
   * what it needs.
   *
   * @throws inside a captured step, whose replays would not prepare anything.
   */
  prepare(batchNumber: number): void {
    this.#order.backend.step.recorder?.forbid('a batch is prepared');
    this.#position = batchNumber * this.batchSize;
    this.#isPrepared = true;
    const lastEpoch = Math.floor((this.#position + this.batchSize - 1) / this.rows);
    const firstEpoch = Math.floor(this.#position / this.rows);
    for (let epoch = firstEpoch; epoch <= lastEpoch; epoch++) {
      if (this.#sent[epoch % 2] !== epoch) this.#send(epoch);
    }
  }

  /** Of the batch that was prepared last; undefined before that. */
  get number(): number | undefined {
    return this.#isPrepared ? this.#position / this.batchSize : undefined;
  }

  /** The step's batch, (batchSize, width) a column, or (seeds, batchSize, width), f32 or of 'u32' u32; one dispatch. */
  batch(): Record<N, Tensor> {
    if (!this.#isPrepared)
      throw new Error('batches: call prepare(batchNumber), then step.begin(), then batch()');
    const { y, whole } = dispatch(this.#kernel, {
      inputs: { ...this.#data, order: this.#order },
      uniforms: this.#uniforms,
      outputs: this.#outputs,
      workgroups: workgroupsFor(this.#kernel, this.seeds.length * this.batchSize * Math.max(...this.#widths)),
    });
    const views = this.#names.map((name, c) => {
      const shape = [...this.#lead, this.batchSize, this.#widths[c]!];
      const dtype = this.#dtypes[c]!;
      const { storage } = (dtype === 'u32' ? whole : y)!;
      return [name, new Tensor(storage, shape, { offset: this.#starts[c]!, dtype })] as const;
    });
    y?.dispose();
    whole?.dispose();
    return Object.fromEntries(views) as Record<N, Tensor>;
  }

  /**
   * The columns of float32 that are a table a seed, where each lies among them and in a batch, for kernels that read rows
   * themselves.
   */
  get table(): {
    data: Tensor | undefined;
    columns: Map<string, { from: number; width: number; to: number }>;
  } {
    const columns = new Map<string, { from: number; width: number; to: number }>();
    for (const [c, name] of this.#names.entries())
      if (this.#storages[c] === 'f32' && !this.#shared[c])
        columns.set(name, {
          from: this.#uniforms[`from${c}`]!,
          width: this.#widths[c]!,
          to: this.#starts[c]!,
        });
    return { data: this.#data.data, columns };
  }

  dispose(): void {
    for (const x of Object.values(this.#data)) x.dispose();
    this.#order.dispose();
    this.#offset.free();
  }

  /** Even epochs in the first half of the order, odd ones in the second; in each, seed after seed. */
  #send(epoch: number): void {
    this.#sent[epoch % 2] = epoch;
    const order = new Uint32Array(this.seeds.length * this.rows);
    for (const [i, seed] of this.seeds.entries())
      order.set(permutation(this.rows, { seed, epoch: this.firstEpoch + epoch }), i * this.rows);
    const { memory } = this.#order.binding;
    const binding = { memory, offset: (epoch % 2) * order.length, size: order.length };
    this.#order.backend.upload(binding, order, 'u32');
  }
}

function checkColumns(columns: Readonly<Record<string, Column>>): void {
  if (columns === null || typeof columns !== 'object' || columns instanceof Promise)
    throw new Error(`Batches: wants columns such as { x: { values, width } }, got ${inWords(columns)}`);
  for (const [name, column] of Object.entries(columns)) {
    checkOptions(`Batches: '${name}'`, column, 'values width storage rows', true);
    checkNumbers(`Batches: '${name}'`, column.values);
    if (!(Number.isInteger(column.width) && column.width >= 1))
      throw new Error(
        `Batches: the width of '${name}' must be an integer of at least 1, got ${inWords(column.width)}`,
      );
  }
}

/** Rows of a seed's data set, the same in every column. */
function checkRows(columns: Readonly<Record<string, Column>>, seeds: number): number {
  if (seeds === 0) throw new Error('batches: no seeds');
  const counts = Object.entries(columns).map(
    ([name, column]) => [name, countOf(name, column, seeds)] as const,
  );
  const [first, rows] = counts[0] ?? ['', 0];
  const other = counts.find(([, count]) => count !== rows);
  if (other) throw new Error(`batches: '${first}' has ${rows} rows and '${other[0]}' has ${other[1]}`);
  if (!(rows > 0)) throw new Error('batches: no rows');
  if (!Number.isInteger(rows))
    throw new Error(
      `batches: '${first}' has ${rows} rows; its length is no multiple of its width${seeds > 1 ? ` for ${seeds} seeds` : ''}`,
    );
  // The offset goes through a float32 of the step buffer, which is exact up to 2^24.
  if (rows > 2 ** 23) throw new Error(`batches: ${rows} rows are more than 2^23`);
  return rows;
}

/** Rows of a seed's data set. */
function countOf(name: string, { values, width, rows }: Column, seeds: number): number {
  if (!rows) return values.length / width / seeds;
  checkList('Batches', `rows of '${name}'`, rows);
  const there = values.length / width;
  const count = rows[0]?.length ?? 0;
  if (rows.length !== seeds || rows.some(({ length }) => length !== count))
    throw new Error(
      `batches: '${name}' has lists of ${rows.map(({ length }) => length).join(', ')} rows; wants ${seeds} of one length`,
    );
  const outside = rows.flatMap((list) => list.find((row) => !(row < there)) ?? [])[0];
  if (outside !== undefined) throw new Error(`batches: '${name}' has no row ${outside}; it has ${there}`);
  return count;
}

/** Of all columns that seeds share, one after another, each seed's rows. */
function placesOf(lists: readonly Uint32Array[], rows: number, backend: Backend): Tensor {
  const places = new Uint32Array(lists.length * rows);
  for (const [i, list] of lists.entries()) places.set(list, i * rows);
  return tensor(places, [places.length], backend, { dtype: 'u32', label: 'places' });
}
