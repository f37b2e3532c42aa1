/** Whether a training is done by the kernel of small networks, where it is of that form; every bit is that of ordinary steps. */
import { flag, integer, whereIs } from '../base/option.ts';
import type { Backend } from '../engine/backend.ts';
import { Batches } from '../engine/data/batches.ts';
import type { MetricRing } from '../engine/data/metric-ring.ts';
import type { Optimizer } from '../engine/optim/optim.ts';
import type { SmallNetworkTraining } from '../engine/small/small-training.ts';
import type { Tensor } from '../engine/tensor.ts';

const noSmallKernel = flag({
  name: 'no-small-kernel',
  group: 'run',
  help: 'small networks by ordinary steps as well: the same bits, more time',
});

/** No part of what a network is known by: the bits are the same. */
export const smallKernelOptions = {
  noSmallKernel,
  stepsPerDispatch: integer({
    name: 'steps-per-dispatch',
    group: 'run',
    min: 1,
    max: 1000,
    default: 50,
    help: 'steps of a small network that the GPU does on its own',
    when: whereIs(noSmallKernel, false),
  }),
};

export interface SmallKernel {
  /** Steps of a dispatch at most, 50 unless given. */
  mostSteps?: number | undefined;
  /** Also on hardware, where it is not measured, and for a few steps. */
  isForced?: boolean | undefined;
  /** Told how the training goes: by this kernel, or why not. */
  onChoice?(reason: string | undefined): void;
}

/** As the options of a run say. */
export function smallKernelOf(
  values: Readonly<{ noSmallKernel: boolean; stepsPerDispatch: number }>,
  { onKernel }: { onKernel?(): void },
): SmallKernel | undefined {
  if (values.noSmallKernel) return undefined;
  return {
    mostSteps: values.stepsPerDispatch,
    onChoice(reason) {
      if (reason === undefined) onKernel?.();
    },
  };
}

/** For fewer steps another kernel is not worth its compilation. */
const LEAST_STEPS = 200;

interface Given {
  readonly backend: Backend;
  readonly batches: unknown;
  readonly optimizer: Optimizer;
  loss(batch: Record<string, Tensor>): Tensor;
  readonly ring: MetricRing;
  readonly hasPhases: boolean;
  readonly steps: number;
}

/** Undefined where the training is not of that form, or the adapter cannot do it. Loads the kernel's code when it is needed. */
export async function smallTrainingOf(
  { mostSteps = 50, isForced = false, onChoice }: SmallKernel,
  { batches, hasPhases, steps, ...given }: Given,
): Promise<SmallNetworkTraining | undefined> {
  const refuse = (reason: string): undefined => onChoice?.(reason) as undefined;
  if (!(batches instanceof Batches)) return refuse('the batches are not Batches');
  if (hasPhases) return refuse('its steps are of several kinds');
  if (given.backend.kind !== 'gpu') return refuse('the CPU backend runs no WGSL');
  if (steps < LEAST_STEPS && !isForced) return refuse(`${steps} steps are fewer than ${LEAST_STEPS}`);
  if (!given.backend.isSoftware && !isForced)
    return refuse('the kernel is not measured on hardware adapters');
  const { SmallNetworkTraining, NotSmall } = await import('../engine/small/small-training.ts');
  try {
    const training = await SmallNetworkTraining.of({ ...given, batches, mostSteps });
    onChoice?.(undefined);
    return training;
  } catch (error) {
    if (error instanceof NotSmall) return refuse(error.message);
    throw error;
  }
}
