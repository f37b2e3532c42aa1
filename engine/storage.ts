/** Memory of a backend as tensors hold it. */
import type { Backend, Memory } from './backend.ts';

/** Memory shared by views and counted, with the number of in-place writes it has seen. */
export class Storage {
  readonly backend: Backend;
  readonly memory: Memory;
  version = 0;
  /** The optimiser that keeps parameters here, while it lives. */
  owner: string | undefined;
  #references = 0;

  constructor(backend: Backend, memory: Memory) {
    this.backend = backend;
    this.memory = memory;
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references === 0) this.backend.release(this.memory);
  }
}
