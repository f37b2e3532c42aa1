/** Memory of a backend as tensors hold it. */
import type { Backend, Memory } from './backend.ts';

/** How often numbers were written in place: a graph that used them before is out of date. */
export interface Writes {
  readonly version: number;
  note(): void;
}

/** Memory shared by views and counted, with the number of in-place writes it has seen. */
export class Storage implements Writes {
  readonly backend: Backend;
  readonly memory: Memory;
  version = 0;
  #references = 0;

  constructor(backend: Backend, memory: Memory) {
    this.backend = backend;
    this.memory = memory;
  }

  note(): void {
    this.version++;
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references === 0) this.backend.release(this.memory);
  }
}
