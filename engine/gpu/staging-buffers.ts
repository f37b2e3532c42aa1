/** Buffers that results are read through, reused by size. */
export class StagingBuffers {
  readonly #device: GPUDevice;
  readonly #free: GPUBuffer[] = [];
  #buffers = 0;
  #sizeBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get buffers(): number {
    return this.#buffers;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** An unmapped buffer of at least `sizeBytes`. Give it back, unmapped, with `release`. */
  take(sizeBytes: number): GPUBuffer {
    const index = this.#free.findIndex((buffer) => buffer.size >= sizeBytes);
    if (index >= 0) return this.#free.splice(index, 1)[0]!;
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(sizeBytes)));
    this.#buffers++;
    this.#sizeBytes += size;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.#device.createBuffer({ label: 'read-back', size, usage });
  }

  /** One that a read which failed leaves behind. */
  discard(buffer: GPUBuffer): void {
    this.#buffers--;
    this.#sizeBytes -= buffer.size;
    buffer.destroy();
  }

  release(buffer: GPUBuffer): void {
    this.#free.push(buffer);
  }

  destroy(): void {
    for (const buffer of this.#free) buffer.destroy();
  }
}
