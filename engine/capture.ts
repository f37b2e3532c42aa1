/** A training step that is replayed: one submit, no JavaScript for its ops, nothing allocated. */
import type { Backend } from './backend.ts';
import { GpuBackend } from './gpu/gpu.ts';
import type { Recording } from './gpu/recording.ts';
import { outsideTidy, type Tensor, tensorsIn, tidy } from './tensor.ts';

/** Begins the backend's next step and carries it out. */
export interface CapturedStep<T> {
  (): T;
  /** Commands of a replay; 0 until there is one, and on a backend that runs every step anew. */
  readonly commands: number;
  /** Gives the buffers of the step back, and with them the tensors that it returned. Twice is fine. */
  dispose(): void;
}

export interface CaptureOptions {
  /** For messages. */
  where?: string;
}

/**
 * The same step, faster. The first two calls run `step` and compare what it does; from the third on its dispatches are
 * carried out again as they were, on the same buffers, without running `step`. Each call begins a step of the backend
 * (`backend.step.begin()`), so `step` must not.
 *
 * What changes from one step to the next has to be on the GPU: slots of the step buffer (learning rates, scheduled
 * weights, the batch's place), parameters, running statistics, random numbers. Numbers that JavaScript computes in
 * `step` stay what they were. From the second call on the tensors that `step` returns are the same ones with new
 * contents; they belong to the capture.
 *
 * On the CPU backend every call runs `step`.
 *
 * @throws in the second call, at the dispatch that differs from the first or at an upload; in both at a read-back.
 */
export function capture<T>(
  step: () => T,
  backend: Backend,
  { where = 'capture' }: CaptureOptions = {},
): CapturedStep<T> {
  let first: Recording | undefined;
  let recording: Recording | undefined;
  let result: T;
  let results: readonly Tensor[] = [];
  let isDisposed = false;

  const run = (): T => {
    if (isDisposed) throw new Error(`${where}: the captured step was disposed`);
    backend.step.begin();
    if (!(backend instanceof GpuBackend)) return tidy(step);
    if (!recording) return record(backend);
    backend.replay(recording);
    for (const x of results) x.storage.version++;
    return result;
  };

  const record = (gpu: GpuBackend): T => {
    if (!first) {
      first = gpu.record(() => (result = tidy(step)), { where });
      gpu.forget(first);
      return result;
    }
    recording = gpu.record(() => (result = outsideTidy(() => tidy(step))), { where, like: first });
    first = undefined;
    results = [...tensorsIn(result)];
    return result;
  };

  return Object.defineProperties(run, {
    commands: { get: () => recording?.commands.length ?? 0 },
    dispose: {
      value: () => {
        if (recording) (backend as GpuBackend).forget(recording);
        for (const x of results) x.dispose();
        recording = undefined;
        results = [];
        isDisposed = true;
      },
    },
  }) as CapturedStep<T>;
}
