/** One buffer for the parameters of a training: each is a view of it from birth, whoever updates it. */
import type { Backend } from '../backend.ts';
import { checkBackend, checkList, checkOptions } from '../borders.ts';
import { copyTo } from '../ops/movement/copy-to.ts';
import type { Storage, Writes } from '../storage.ts';
import { checkDtype, outsideTidy, Tensor, zeros } from '../tensor.ts';

/** Views must begin at multiples of 256 bytes, the padding between them is zero. */
const ALIGNMENT = 64;

export function alignedSize(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/** The range of one parameter. Writes to other ranges do not count. */
class Range implements Writes {
  arena: Arena;
  version: number;
  readonly holder: Tensor;

  constructor(arena: Arena, holder: Tensor) {
    this.arena = arena;
    this.holder = holder;
    // What was recorded before the move goes on to be true.
    this.version = holder.writes.version;
  }

  note(): void {
    this.version++;
  }
}

/** Whoever writes a span writes the ranges that were named, and none that lies between. */
class SpanWrites implements Writes {
  readonly #ranges: readonly Writes[];

  constructor(ranges: readonly Writes[]) {
    this.#ranges = ranges;
  }

  get version(): number {
    return this.#ranges.reduce((sum, { version }) => sum + version, 0);
  }

  note(): void {
    for (const range of this.#ranges) range.note();
  }
}

/** The arena that a parameter lies in; undefined for a loose tensor. Throws for a view of a parameter. */
export function arenaOf(where: string, name: string, x: Tensor): Arena | undefined {
  const { writes } = x;
  if (!(writes instanceof Range)) return undefined;
  if (writes.holder === x) return writes.arena;
  throw new Error(`${where}: '${name}' is a view of a parameter; give it the parameter itself`);
}

/**
 * A buffer that networks, one or several, are built into, so that any optimiser may take any of their parameters without
 * moving them. A write counts for its own range: the update of one network leaves the graphs of another valid.
 *
 *     const arena = new Arena(backend);
 *     const student = mlp({ backend, widths: [32], arena });
 *     const critic = mlp({ backend, widths: [16], arena });
 *
 * It grows, doubling, when it is full. That moves what lies in it: a step that was captured before throws.
 */
export class Arena {
  readonly backend: Backend;
  #storage: Storage;
  #room: number;
  #end = 0;
  /** Keeps the memory while nothing lies in it yet; else what lies there does. */
  #hold: Tensor | undefined;
  /** All that lies here: parameters, and the spans of optimisers. Those disposed are left out by and by. */
  #tensors: Tensor[] = [];
  /** Where everything went. */
  #joined: Arena | undefined;

  /** @param options.capacity Numbers that it has room for at first, 65,536 unless given. */
  constructor(backend: Backend, options: { capacity?: number | undefined } = {}) {
    checkBackend('Arena', backend);
    checkOptions('Arena', options, 'capacity');
    const { capacity = 2 ** 16 } = options;
    this.backend = backend;
    this.#hold = bufferOf(backend, capacity);
    this.#storage = this.#hold.storage;
    this.#room = this.#hold.size;
  }

  /**
   * Moves tensors of float32 here, in their order: they stay the same tensors, with the same numbers. Networks do this
   * with their parameters when they are given an arena.
   *
   * @throws Error for a tensor that lies in an arena, or on another backend, and inside a captured step.
   */
  take(tensors: readonly Tensor[]): void {
    if (this.#joined) return this.#joined.take(tensors);
    checkList('Arena.take', 'tensors', tensors);
    for (const [i, x] of tensors.entries()) {
      checkDtype('Arena.take', `tensor ${i}`, x, 'f32');
      if (arenaOf('Arena.take', `tensor ${i}`, x) || tensors.indexOf(x) !== i || x.backend !== this.backend)
        throw new Error(`Arena.take: tensor ${i} lies in an arena already, or on another backend`);
    }
    this.#checkMoving();
    const starts: number[] = [];
    let size = 0;
    for (const x of tensors) {
      starts.push(size);
      size += alignedSize(x.size);
    }
    const isHeld = this.#hold !== undefined;
    if (!isHeld && this.#tensors.every((x) => x.isDisposed)) {
      // Its memory is somebody else's by now.
      this.#room = this.#end = 0;
    }
    this.#reserve(this.#end + size);
    const offset = this.#end;
    const storage = this.#storage;
    const y = new Tensor(storage, [size], { offset });
    copyTo(tensors, y, { rows: 1, pitch: size, widths: tensors.map((x) => x.size), starts });
    y.dispose();
    for (const [i, x] of tensors.entries()) x.moveTo(storage, offset + starts[i]!, new Range(this, x));
    this.#tensors.push(...tensors);
    this.#end += size;
    if (!isHeld) this.dispose();
  }

  /** Moves all that lies in another arena here. */
  join(other: Arena): void {
    this.#checkMoving();
    const isHeld = this.#hold !== undefined;
    this.#reserve(this.#end + other.#end);
    other.#move(this.#storage, this.#end);
    other.dispose();
    for (const { writes } of other.#tensors) if (writes instanceof Range) writes.arena = this;
    this.#tensors.push(...other.#tensors);
    this.#end += other.#end;
    other.#joined = this;
    other.#tensors = [];
    if (!isHeld) this.dispose();
  }

  /** From the first of some parameters to the last, and where each begins in it. What lies between is not theirs. */
  span(parameters: readonly Tensor[]): { flat: Tensor; starts: number[] } {
    const offset = Math.min(...parameters.map((x) => x.offset));
    const end = Math.max(...parameters.map((x) => x.offset + alignedSize(x.size)));
    const writes = new SpanWrites(parameters.map((x) => x.writes));
    const flat = outsideTidy(() => new Tensor(this.#storage, [end - offset], { offset, writes }));
    this.#tensors = this.#tensors.filter((x) => !x.isDisposed);
    this.#tensors.push(flat);
    return { flat, starts: parameters.map((x) => x.offset - offset) };
  }

  /** Gives the memory back once all that lies in it was disposed, and not only when the arena is forgotten as well. */
  dispose(): void {
    this.#hold?.dispose();
    this.#hold = undefined;
  }

  #reserve(size: number): void {
    if (size <= this.#room) return;
    const larger = bufferOf(this.backend, Math.max(size, 2 * this.#room));
    this.#move(larger.storage, 0);
    this.#storage = larger.storage;
    this.#room = larger.size;
    this.#hold?.dispose();
    this.#hold = larger;
  }

  /** To element `offset` of another buffer. */
  #move(to: Storage, offset: number): void {
    const size = this.#end;
    const { memory } = this.#storage;
    if (size > 0) this.backend.copy({ memory, offset: 0, size }, { memory: to.memory, offset, size });
    this.#tensors = this.#tensors.filter((x) => !x.isDisposed);
    for (const x of this.#tensors) x.moveTo(to, offset + x.offset, x.writes);
  }

  #checkMoving(): void {
    this.backend.step.recorder?.forbid('tensors are moved, by an arena,');
  }
}

function bufferOf(backend: Backend, size: number): Tensor {
  return outsideTidy(() => zeros([alignedSize(size)], backend, { label: 'parameters' }));
}
