/** A ring of metrics on the GPU: a step writes its loss there, and the host reads many at once. */
import type { Backend } from './backend.ts';
import { dispatch } from './dispatch.ts';
import { type Tensor, zeros } from './tensor.ts';
import { storeMetric } from '../kernels/training.ts';

export class MetricRing {
  readonly #ring: Tensor;
  readonly #capacity: number;

  constructor(capacity: number, backend: Backend) {
    this.#capacity = capacity;
    this.#ring = zeros([capacity], backend, { label: 'metrics' });
  }

  /** Keeps a scalar of the present step. */
  store(value: Tensor): void {
    const uniforms = { capacity: this.#capacity };
    dispatch(storeMetric, { inputs: { value }, uniforms, outputs: { ring: this.#ring }, workgroups: 1 });
  }

  /** The values of steps `from` to `to`, both included; at most `capacity` of them. */
  async read(from: number, to: number): Promise<number[]> {
    const values = await this.#ring.data();
    return Array.from({ length: to - from + 1 }, (_, i) => values[(from + i) % this.#capacity]!);
  }

  dispose(): void {
    this.#ring.dispose();
  }
}
