/** A user's own training loop by the kernel of small networks (`limbeck/small`): a step that is captured. */
import type { Backend } from '../backend.ts';
import { checkBackend, checkFunction, checkOptions } from '../borders.ts';
import { capture, type CapturedStep } from '../capture.ts';
import type { Batches } from '../data/batches.ts';
import { GpuBackend } from '../gpu/gpu.ts';
import type { Optimizer } from '../optim/options.ts';
import { outsideTidy, type Tensor, view, zeros } from '../tensor.ts';
import { NotSmall } from './describe-step.ts';
import { lanesOf } from './lanes.ts';
import { flat, SmallNetworkTraining } from './small-training.ts';
import { type WatchedStep, watchStep } from './watch-step.ts';

export interface CaptureSmallOptions {
  /** From which the step draws its batch; `prepare` is called before each step. */
  readonly batches: Batches<string>;
  /** The one that the step updates by. */
  readonly optimizer: Optimizer;
  /** For messages. */
  readonly where?: string | undefined;
  /** Also on hardware, where the kernel is not measured. */
  readonly isForced?: boolean | undefined;
  /** Told once how the steps are done: by the kernel, or why not. */
  onChoice?(reason: string | undefined): void;
}

/**
 * `capture` that knows steps of small networks. The first call runs `step` and watches what it does. Is it one batch, a loss of
 * `defineLoss` over a small multilayer perceptron, its gradients and one update, then from the second call on a kernel does all of
 * that in one dispatch, with the same bits (docs/small-networks.md); else the step is captured as by `capture`, and `onChoice` is
 * told why. The loss may be kept in a `MetricRing`, or returned.
 *
 * @throws as `capture` does.
 */
export async function captureSmall<T>(
  step: () => T,
  backend: Backend,
  options: CaptureSmallOptions,
): Promise<CapturedStep<T>> {
  const { where = 'captureSmall', isForced = false, optimizer, batches, onChoice } = options;
  checkFunction(where, 'step', step);
  checkBackend(where, backend);
  checkOptions(where, options, 'batches optimizer where isForced onChoice');
  try {
    if (!(backend instanceof GpuBackend)) throw new NotSmall('the CPU backend runs no WGSL');
    if (!backend.isSoftware && !isForced)
      throw new NotSmall('the kernel is not measured on hardware adapters');
    if (batches.firstEpoch !== 0) throw new NotSmall('its rows are drawn from another epoch on');
    const given = { backend, batches, optimizer: flat(optimizer), lanes: await lanesOf(backend), where };
    return smallStep(step, { ...given, onChoice });
  } catch (error) {
    if (!(error instanceof NotSmall)) throw error;
    onChoice?.(error.message);
    return capture(step, backend, { where });
  }
}

type Given = Parameters<typeof watchStep>[1] &
  Pick<Parameters<typeof SmallNetworkTraining.as>[1], 'lanes'> &
  Pick<CaptureSmallOptions, 'onChoice'>;

function smallStep<T>(step: () => T, given: Given): CapturedStep<T> {
  const { backend, where, onChoice } = given;
  let next: CapturedStep<T> | undefined;
  let isDisposed = false;

  const first = (): T => {
    backend.step.begin();
    const watched = watchStep(step, given);
    try {
      next = byKernel(watched, given);
      onChoice?.(undefined);
    } catch (error) {
      if (!(error instanceof NotSmall)) throw error;
      next = capture(step, backend, { where });
      onChoice?.(error.message);
    }
    return watched.result;
  };

  const run = (): T => {
    if (isDisposed) throw new Error(`${where}: the captured step was disposed`);
    return next ? next() : first();
  };
  return Object.defineProperties(run, {
    commands: { get: () => next?.commands ?? 0 },
    dispose: {
      value: () => {
        isDisposed = true;
        next?.dispose();
      },
    },
  }) as CapturedStep<T>;
}

/** The steps behind the first. What they return is a view of where the kernel writes the loss. */
function byKernel<T>({ step, ring, returned, result }: WatchedStep<T>, given: Given): CapturedStep<T> {
  if (step instanceof NotSmall) throw step;
  const { backend, batches, where } = given;
  const own = ring
    ? undefined
    : outsideTidy(() => zeros([1, batches.seeds.length], backend, { label: 'loss' }));
  let small: SmallNetworkTraining;
  try {
    small = SmallNetworkTraining.as(step, { ...given, ring: { values: ring ?? own! }, mostSteps: 1 });
  } catch (error) {
    own?.dispose();
    throw error;
  }
  const loss: Tensor | undefined = returned && outsideTidy(() => view(own!, returned));
  const run = () => {
    // Whoever records a step could not replay this one.
    backend.step.recorder?.forbid(`${where} is called`);
    small.run(batches.number!, 1);
    return loss ?? result;
  };
  return Object.defineProperties(run, {
    commands: { get: () => 1 },
    dispose: {
      value: () => {
        small.dispose();
        loss?.dispose();
        own?.dispose();
      },
    },
  }) as CapturedStep<T>;
}
