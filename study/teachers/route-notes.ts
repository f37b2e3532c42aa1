/**
 * Checkpoints of teachers in training. They lie in tensors of the training's state, so that one that is put down and taken up
 * has those from before, too.
 */
import type { Backend } from '../../engine/backend.ts';
import { saveTensors } from '../../engine/files/checkpoint.ts';
import { decodeSafetensors } from '../../engine/files/safetensors.ts';
import { assign } from '../../engine/ops/movement/assign.ts';
import { zeros } from '../../engine/tensor.ts';
import type { StudyNetworks } from '../../models/network.ts';
import type { Named } from '../../models/parameters.ts';
import { networkOutputs } from '../data/evaluate.ts';
import { concatenated } from '../data/inputs.ts';
import type { PreparedData } from '../data/prepared-data.ts';
import type { Checkpoint } from './route.ts';

interface Noted {
  readonly data: PreparedData;
  readonly backend: Backend;
  /** Checkpoints, evenly apart, the last one when so many steps are done. */
  readonly count: number;
  readonly steps: number;
}

const PREDICTIONS = 'predictions';

export class RouteNotes {
  /** After which steps it takes a note. */
  readonly stops: ReadonlyMap<number, () => Promise<void>>;
  readonly state: Named;
  readonly #notes: readonly { readonly share: number; readonly weights: Named }[];
  readonly #data: PreparedData;

  constructor(model: StudyNetworks, { data, backend, count, steps }: Noted) {
    const own = { ...model.parameters, ...model.buffers };
    const predicted = data.seeds.length * data.each[0]!.dataset.train.rows * data.outputs;
    const at = Array.from({ length: count }, (_, j) => Math.round(((j + 1) * steps) / count));
    const notes = at.map((step) => ({
      share: step / steps,
      weights: Object.fromEntries(
        Object.entries(own).map(([name, { shape, dtype }]) => [
          name,
          zeros(shape, backend, { dtype, label: 'checkpoint' }),
        ]),
      ),
      predictions: zeros([predicted], backend, { label: 'checkpoint' }),
    }));
    this.#data = data;
    this.#notes = notes;
    this.state = Object.fromEntries(
      notes.flatMap(({ weights, predictions }, j) =>
        Object.entries({ ...weights, [PREDICTIONS]: predictions }).map(
          ([name, x]) => [`checkpoint${j}.${name}`, x] as const,
        ),
      ),
    );
    this.stops = new Map(
      notes.map(({ weights, predictions }, j) => [
        at[j]!,
        async () => {
          for (const [name, x] of Object.entries(own)) assign(weights[name]!, x);
          assign(predictions, concatenated(await networkOutputs(model.forward, data.trainInputs)));
        },
      ]),
    );
  }

  /** Once the training is done. */
  checkpoints(): Promise<Checkpoint[]> {
    const count = this.#data.seeds.length;
    return Promise.all(
      this.#notes.map(async ({ share, weights }, j) => {
        const bytes = await saveTensors(weights, {}, { float64: true });
        const all = await this.state[`checkpoint${j}.${PREDICTIONS}`]!.data();
        const size = all.length / count;
        return {
          share,
          tensors: decodeSafetensors(bytes).tensors,
          predictions: this.#data.seeds.map((_, i) =>
            Float32Array.from(all.subarray(i * size, (i + 1) * size)),
          ),
        };
      }),
    );
  }

  dispose(): void {
    for (const x of Object.values(this.state)) x.dispose();
  }
}
