/** A ring of metrics on the GPU: a step writes its loss, or losses, there, and the host reads many at once. */
import type { Backend } from '../backend.ts';
import { checkBackend, checkOptions, inWords } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { ShapeError, show } from '../shape.ts';
import { checkFloats, type Tensor, zeros } from '../tensor.ts';
import { storeMetric } from '../../kernels/training/batch.ts';

export class MetricRing {
  /** (capacity, count): step n has row n mod capacity. */
  readonly values: Tensor;
  readonly #capacity: number;
  readonly #count: number;

  /** For `capacity` steps of `count` numbers. */
  constructor(capacity: number, backend: Backend, options: { count?: number | undefined } = {}) {
    checkOptions('MetricRing', options, 'count');
    checkBackend('MetricRing', backend);
    const { count = 1 } = options;
    for (const [name, value] of Object.entries({ capacity, count }))
      if (!(Number.isInteger(value) && value >= 1))
        throw new Error(`MetricRing: ${name} must be an integer of at least 1, got ${inWords(value)}`);
    this.#capacity = capacity;
    this.#count = count;
    this.values = zeros([capacity, count], backend, { label: 'metrics' });
  }

  /** Keeps the numbers of the present step. @throws ShapeError if there are not `count` of them. */
  store(value: Tensor): void {
    checkFloats('MetricRing', { value });
    if (value.size !== this.#count)
      throw new ShapeError(`metrics: ${show(value.shape)} for ${this.#count} a step`);
    dispatch(storeMetric, {
      inputs: { value },
      uniforms: { capacity: this.#capacity, count: this.#count },
      outputs: { ring: this.values },
      workgroups: workgroupsFor(storeMetric, this.#count),
    });
  }

  /** Number `index` of steps `from` to `to`, both included, for every index; at most `capacity` steps. */
  async read(from: number, to: number): Promise<number[][]> {
    const values = await this.values.data();
    return Array.from({ length: this.#count }, (_, index) =>
      Array.from(
        { length: to - from + 1 },
        (_, i) => values[((from + i) % this.#capacity) * this.#count + index]!,
      ),
    );
  }

  dispose(): void {
    this.values.dispose();
  }
}
