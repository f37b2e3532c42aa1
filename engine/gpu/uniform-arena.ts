/**
 * Uniforms by content. What changes from step to step is in the step buffer, so the uniforms of a training loop repeat:
 * after the first step nothing is written, and a recorded step finds its uniforms unchanged.
 */
import type { Kernel } from '../../kernels/kernel.ts';
import { numberKey } from '../number-key.ts';

const SLOT_BYTES = 256;
const SLOTS = 1024;

interface UniformSlot {
  readonly key: string;
  readonly resource: GPUBufferBinding;
}

export class UniformArena {
  readonly #device: GPUDevice;
  readonly #slots = new Map<string, UniformSlot>();
  #chunk: GPUBuffer | undefined;
  #used = 0;
  #chunks = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Chunks made so far, forgotten ones included: recorded steps may still use them. */
  get buffers(): number {
    return this.#chunks;
  }

  get sizeBytes(): number {
    return this.#chunks * SLOTS * SLOT_BYTES;
  }

  /** Where these values lie in a uniform buffer; nothing for a kernel without uniforms. */
  slot(kernel: Kernel, values: Readonly<Record<string, number>>): UniformSlot | undefined {
    // Asked at every dispatch: the numbers themselves are the key, they are packed only once.
    let key = '';
    for (const name in kernel.uniforms) key += `${kernel.uniforms[name]}${numberKey(values[name])},`;
    if (key === '') return undefined;
    const known = this.#slots.get(key);
    if (known) return known;

    const content = pack(kernel, values);
    if (!this.#chunk || this.#used === SLOTS) this.#openChunk();
    const offset = this.#used++ * SLOT_BYTES;
    this.#device.queue.writeBuffer(this.#chunk!, offset, content);
    const resource = { buffer: this.#chunk!, offset, size: Math.ceil(content.byteLength / 16) * 16 };
    const slot = { key: `${this.#chunks}.${offset}`, resource };
    this.#slots.set(key, slot);
    return slot;
  }

  destroy(): void {
    this.#chunk?.destroy();
    this.#slots.clear();
  }

  /** Full chunks are forgotten, not overwritten: recorded bind groups may still use them. */
  #openChunk(): void {
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.#chunk = this.#device.createBuffer({ label: 'uniforms', size: SLOTS * SLOT_BYTES, usage });
    this.#chunks++;
    this.#used = 0;
    this.#slots.clear();
  }
}

function pack(kernel: Kernel, values: Readonly<Record<string, number>>): ArrayBuffer {
  const names = Object.keys(kernel.uniforms);
  const content = new ArrayBuffer(names.length * 4);
  if (content.byteLength > SLOT_BYTES)
    throw new Error(`${kernel.name}: more than ${SLOT_BYTES} bytes of uniforms`);
  const integers = new Uint32Array(content);
  const floats = new Float32Array(content);
  for (const [i, name] of names.entries()) {
    const value = values[name];
    if (value === undefined) throw new Error(`${kernel.name}: uniform '${name}' is missing`);
    if (kernel.uniforms[name] === 'u32') integers[i] = value;
    else floats[i] = value;
  }
  return content;
}
