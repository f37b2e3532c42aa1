/** The CPU backend: runs each kernel's reference in float64. The oracle of the tests, and a look without a GPU; not fast. */
import type { Kernel } from '../kernels/kernel.ts';
import type { Backend, BackendStats, Binding, Call, DType, Memory, Values } from './backend.ts';
import { Step } from './step.ts';

interface CpuMemory extends Memory {
  readonly values: Float64Array;
}

class CpuBackend implements Backend {
  readonly kind = 'cpu';
  readonly name = 'cpu reference (float64)';
  readonly isSoftware = true;
  readonly subgroupSize = 0;
  readonly maxStorageBuffers = 8;
  readonly maxBinding = Infinity;
  readonly step: Step = new Step(() => {});
  readonly #alive = new Set<Memory>();
  #dispatches = 0;
  #sizeBytes = 0;
  #isClosed = false;

  allocate(size: number, label: string): Memory {
    this.#checkOpen();
    const memory: CpuMemory = { label, values: new Float64Array(size) };
    this.#alive.add(memory);
    this.#sizeBytes += memory.values.byteLength;
    return memory;
  }

  release(memory: Memory): void {
    if (this.#alive.delete(memory)) this.#sizeBytes -= (memory as CpuMemory).values.byteLength;
  }

  clear(memory: Memory): void {
    (memory as CpuMemory).values.fill(0);
  }

  copy(from: Binding, to: Binding): void {
    view({ ...to, size: from.size }).set(view(from));
  }

  upload(binding: Binding, values: ArrayLike<number>): void {
    view(binding).set(values);
    toRange(view(binding));
  }

  async read(binding: Binding, dtype: DType): Promise<Values> {
    this.#checkOpen();
    return dtype === 'u32' ? Uint32Array.from(view(binding)) : view(binding).slice();
  }

  canRun(kernel: Kernel): boolean {
    return kernel.reference !== undefined;
  }

  dispatch(kernel: Kernel, { bindings, uniforms }: Call): void {
    this.#checkOpen();
    if (!kernel.reference)
      throw new Error(`${kernel.name}: the CPU backend needs a reference, and this kernel has none`);
    const views = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, view(bindings[name]!)]));
    const outputs = views(kernel.outputs);
    kernel.reference(views(kernel.inputs), uniforms, outputs, this.step);
    for (const values of Object.values(outputs)) toRange(values);
    this.#dispatches++;
  }

  stats(): BackendStats {
    const { size: buffers } = this.#alive;
    return { dispatches: this.#dispatches, submits: 0, buffers, sizeBytes: this.#sizeBytes };
  }

  close(): void {
    this.#isClosed = true;
    this.#alive.clear();
    this.#sizeBytes = 0;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the CPU backend was closed; open another');
  }
}

function view({ memory, offset, size }: Binding): Float64Array {
  return (memory as CpuMemory).values.subarray(offset, offset + size);
}

/** The smallest normal float32, and the least number that float32 rounds to infinity. */
const [SMALLEST, TOO_LARGE] = [2 ** -126, 2 ** 128 - 2 ** 103];

/**
 * The range of float32 with the precision of float64, so that both backends agree where numbers vanish and where they overflow:
 * what float32 has no normal number for becomes 0, without a sign, or infinity. Integers of 32 bits lie within.
 */
function toRange(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const size = Math.abs(value);
    if (size < SMALLEST) values[i] = 0;
    else if (size >= TOO_LARGE) values[i] = value > 0 ? Infinity : -Infinity;
  }
}

/** The kernels' own references in float64; needs no GPU. Made for checking and for a first look. */
export function openCpu(): Backend {
  return new CpuBackend();
}
