/** Reuses GPU buffers by size, so that a training loop allocates nothing after its first step. */
import type { Memory } from '../backend.ts';
import type { Faults, Suspect } from './faults.ts';

/** A GPU buffer with what the backend must know about it. */
export interface GpuMemory extends Memory {
  /** What it is used for now; the GPU's own label says what it was made for. */
  label: string;
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly sizeBytes: number;
  /** The encoder that last used it: an upload must not overtake it. */
  usedIn: number;
  /** Whether a storage holds it. */
  isHeld: boolean;
  /** The encoder that last wrote it. */
  writtenIn: number;
  /** Of the GPU's own object. */
  readonly suspect: Suspect;
  /** What its numbers were computed with and is not known to be valid; or is known not to be. */
  suspects: ReadonlySet<Suspect> | undefined;
  /** Captured steps that bind it: while there is one, nobody else may have it. */
  captures: number;
  /** How often it has been given out: what a tensor left behind is not what another one finds. */
  turn: number;
}

/** A buffer that nobody has used yet. */
export function memoryOf(
  own: Pick<GpuMemory, 'id' | 'label' | 'buffer' | 'sizeBytes' | 'suspect'>,
): GpuMemory {
  const suspects = new Set([own.suspect]);
  return { ...own, suspects, usedIn: -1, writtenIn: -1, isHeld: true, captures: 0, turn: 0 };
}

export class BufferPool {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #free = new Map<number, GpuMemory[]>();
  readonly #all = new Set<GpuMemory>();
  #sizeBytes = 0;
  #nextId = 0;

  constructor(device: GPUDevice, faults: Faults) {
    this.#device = device;
    this.#faults = faults;
  }

  get buffers(): number {
    return this.#all.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** A buffer of at least `sizeBytes`, rounded up to 256. Last in, first out: a loop meets the same buffers again. */
  allocate(sizeBytes: number, label: string): GpuMemory {
    const rounded = Math.max(256, Math.ceil(sizeBytes / 256) * 256);
    const waiting = this.#free.get(rounded)?.pop();
    if (waiting) {
      waiting.isHeld = true;
      waiting.turn++;
      waiting.label = label;
      waiting.suspects = undefined;
      waiting.writtenIn = -1;
      return waiting;
    }
    const limit = Math.min(
      this.#device.limits.maxBufferSize,
      this.#device.limits.maxStorageBufferBindingSize,
    );
    if (rounded > limit) {
      throw new Error(
        `${label}: ${rounded} bytes are more than this adapter's limit of ${limit} for one buffer`,
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const suspect: Suspect = { isKnown: false };
    const buffer = this.#faults.watch(
      () => this.#device.createBuffer({ label, size: rounded, usage }),
      suspect,
      (message) => {
        this.#forget(memory);
        return new Error(`${label}: the GPU refuses ${rounded} bytes; free tensors, or use less. ${message}`);
      },
    );
    const memory = memoryOf({ id: this.#nextId++, label, buffer, sizeBytes: rounded, suspect });
    this.#all.add(memory);
    this.#sizeBytes += rounded;
    return memory;
  }

  release(memory: GpuMemory): void {
    memory.isHeld = false;
    this.#offer(memory);
  }

  /** Keeps the buffers of a captured step from everybody else, those that are free at the moment too. */
  reserve(memories: ReadonlySet<GpuMemory>): void {
    for (const memory of memories) memory.captures++;
    for (const [size, free] of this.#free) {
      this.#free.set(
        size,
        free.filter(({ captures }) => captures === 0),
      );
    }
  }

  /** Undoes `reserve`. */
  unreserve(memories: ReadonlySet<GpuMemory>): void {
    for (const memory of memories) {
      memory.captures--;
      this.#offer(memory);
    }
  }

  /** The contents of all memory that was written since an encoder began are lost. */
  taint(encoder: number, suspect: Suspect): void {
    for (const memory of this.#all)
      if (memory.writtenIn >= encoder) memory.suspects = new Set([...(memory.suspects ?? []), suspect]);
  }

  /** There is nothing behind it: nobody gets it again. */
  #forget(memory: GpuMemory): void {
    if (!this.#all.delete(memory)) return;
    this.#sizeBytes -= memory.sizeBytes;
    const free = this.#free.get(memory.sizeBytes);
    if (free?.includes(memory)) free.splice(free.indexOf(memory), 1);
  }

  #offer(memory: GpuMemory): void {
    if (memory.isHeld || memory.captures > 0) return;
    if (!this.#all.has(memory)) return; // the pool was destroyed in the meantime
    const waiting = this.#free.get(memory.sizeBytes);
    if (waiting) waiting.push(memory);
    else this.#free.set(memory.sizeBytes, [memory]);
  }

  /** Nothing submitted or unsubmitted may use the buffers any more. */
  destroy(): void {
    for (const { buffer } of this.#all) buffer.destroy();
    this.#all.clear();
    this.#free.clear();
    this.#sizeBytes = 0;
  }
}
