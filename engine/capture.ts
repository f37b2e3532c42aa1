/** A training step that is replayed: one submit, no JavaScript for its ops, nothing allocated. */
import type { Backend } from './backend.ts';
import { checkBackend, checkFunction, checkOptions } from './borders.ts';
import { GpuBackend } from './gpu/gpu.ts';
import type { Recording } from './gpu/recording.ts';
import { show } from './shape.ts';
import { forbidInside } from './step.ts';
import { outsideTidy, Tensor, tensorsIn, tidy } from './tensor.ts';

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
  where?: string | undefined;
  /**
   * Runs `step` anew in every so many calls, and throws if it does not do what is replayed: an integer of at least 1. Finds
   * numbers of JavaScript that change later. Without it nothing is run anew.
   */
  check?: number | undefined;
}

/**
 * The same step, faster. The first two calls run `step` and compare what it does; from the third on its dispatches are
 * carried out again as they were, on the same buffers, without running `step`. Each call begins a step of the backend
 * (`backend.step.begin()`), so `step` must not.
 *
 * What changes from one step to the next has to be on the GPU: slots of the step buffer (learning rates, scheduled
 * weights, the batch's place), parameters, running statistics, random numbers, and tensors that `assign` puts new numbers
 * into between calls:
 *
 *     const x = zeros([32, 8], gpu);
 *     const step = capture(() => train(x), gpu);
 *     for (const batch of batches) {
 *       assign(x, batch); // not x = tensor(batch, …): every replay reads the same tensor
 *       step();
 *     }
 *
 * A number that JavaScript computes in `step` stays what it was in the second call. If it differs between the first two
 * calls that is an error; if it changes only later, nobody notices, unless `check` is given.
 *
 * From the second call on the tensors that `step` returns are the same ones with new contents; they belong to the
 * capture. What the step uses from outside (tensors, slots) must be kept as long as it is called.
 *
 * On the CPU backend every call runs `step`, with what it then finds in JavaScript.
 *
 * @throws in the second call, at the dispatch that differs from the first, in what it does or in a tensor that it uses, at
 *   an upload, or if another result is returned; in both, at a read-back, at an upload into a tensor from outside, at
 *   `step.begin()`, at a slot that is made, at `Batches.prepare` and at a call of another captured step. Later, before
 *   anything is done, if a tensor that the step uses was disposed or moved to an optimiser, or a slot given back. A step
 *   that throws has been done up to there; the next call begins where it was, with the same comparison.
 */
export function capture<T>(step: () => T, backend: Backend, options: CaptureOptions = {}): CapturedStep<T> {
  checkFunction('capture', 'step', step);
  checkBackend('capture', backend);
  checkOptions('capture', options, 'where check');
  const { where = 'capture', check = Infinity } = options;
  if (!(check === Infinity || (Number.isInteger(check) && check >= 1)))
    throw new Error(`${where}: check must be an integer of at least 1, got ${check}`);
  let first: Recording | undefined;
  let recording: Recording | undefined;
  let result: T;
  let results: readonly Tensor[] = [];
  let unchecked = 0;
  let isDisposed = false;

  const run = (): T => {
    if (isDisposed) throw new Error(`${where}: the captured step was disposed`);
    recording?.check(backend.step.departures);
    backend.step.begin();
    if (!(backend instanceof GpuBackend)) return runAnew(step, backend, where);
    if (!recording) return record(backend);
    if (unchecked + 1 >= check) compare(backend, recording);
    else backend.replay(recording);
    unchecked = unchecked + 1 >= check ? 0 : unchecked + 1;
    for (const x of results) x.writes.note();
    return result;
  };

  const record = (gpu: GpuBackend): T => {
    if (!first) {
      first = gpu.record((own) => own.returns(partsOf((result = tidy(step)), own)), { where });
      gpu.forget(first);
      return result;
    }
    recording = gpu.record((own) => (results = runOutside(own)), { where, like: first });
    first = undefined;
    recording.results = results;
    for (const x of results) x.isBound = true;
    unchecked = 2;
    return result;
  };

  /** Its results belong to nobody else; returns those that it has made. */
  const runOutside = (own: Recording, use = (value: T) => void (result = value)): Tensor[] => {
    const value = outsideTidy(() => tidy(step));
    const made = [...tensorsIn(value)].filter((x) => own.isOwn(x));
    try {
      own.returns(partsOf(value, own));
    } catch (error) {
      for (const x of made) x.dispose();
      throw error;
    }
    use(value);
    return made;
  };

  /** A step that is run, and not replayed. Its results come where they are expected. */
  const compare = (gpu: GpuBackend, like: Recording): void => {
    let made: readonly Tensor[] = [];
    const anew = gpu.record((own) => (made = runOutside(own, () => {})), { where, like });
    gpu.forget(anew);
    for (const [i, x] of made.entries()) {
      const { memory } = x.storage;
      // A view of a parameter is up to date.
      if (memory !== results[i]!.storage.memory) gpu.copy(x.binding, results[i]!.binding);
      x.dispose();
    }
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

/** Refuses what a replay could not do, as far as it is free to see. */
function runAnew<T>(step: () => T, backend: Backend, where: string): T {
  const ignore = () => {};
  const forbid = (what: string) => forbidInside(where, what);
  const recorder = { onReplay: ignore, divide: ignore, uses: ignore, forbid };
  return backend.step.recordBy(recorder, () => tidy(step));
}

/** What a step returns, in words that must be the same each time. */
function partsOf(value: unknown, own: Recording, at = 'result', all = [...tensorsIn(value)]): string[] {
  if (value instanceof Tensor) {
    const origin = `${own.isOwn(value) ? 'new' : 'kept'} ${all.indexOf(value)}, ${own.sourceOf(value.binding)}`;
    return [`${at} ${show(value.shape)} ${value.dtype} (${origin})`];
  }
  if (Array.isArray(value) || (value && Object.getPrototypeOf(value) === Object.prototype))
    return Object.entries(value).flatMap(([key, part]) => partsOf(part, own, `${at}.${key}`, all));
  return [`${at}: ${Object(value) === value ? 'an object' : String(value)}`];
}
