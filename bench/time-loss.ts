/** How long a loss takes with its gradients: fused, and op by op. */
import { tensorsOf, wantedOf } from '../engine/check/check.ts';
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import { grad } from '../engine/grad.ts';
import type { Shape } from '../engine/shape.ts';
import { tidy } from '../engine/tensor.ts';
import { type AnyLoss, lossInputs, named } from '../losses/check-loss.ts';
import { openGpuClock } from './gpu-clock.ts';
import { measure, type MeasureOptions } from './harness.ts';

/** Value and gradient of one shape. Milliseconds on the GPU's clock, or on the host's where that has none: medians. */
export interface LossTiming {
  readonly shape: Shape;
  readonly fusedMs: number;
  readonly composedMs: number;
  /** How many times as long the composed one takes. */
  readonly ratio: number;
  readonly fusedDispatches: number;
  readonly composedDispatches: number;
}

export interface TimeLossOptions extends MeasureOptions {
  params: Readonly<Record<string, number>>;
  shape: Shape;
  gpu: GpuBackend;
}

export async function timeLoss(
  loss: AnyLoss,
  { params, shape, gpu, ...measuring }: TimeLossOptions,
): Promise<LossTiming> {
  const xs = tensorsOf(lossInputs(loss, shape), gpu);
  const wanted = wantedOf(xs);
  const clock = openGpuClock(gpu);
  // The first run compiles, and makes constants that a recording must not hold.
  const recordings = [loss, loss.composed].map((f) => {
    const step = () => tidy(() => void grad(f(named(loss, xs), params), wanted));
    step();
    return gpu.record(step, { where: loss.definition.name });
  });
  try {
    const [fused, composed] = await measure(
      recordings.map((recording) => ({ sample: (runs: number) => clock.time(recording, runs) })),
      measuring,
    );
    const [fusedDispatches, composedDispatches] = recordings.map(({ commands }) => commands.length);
    return {
      shape,
      fusedMs: fused!.ms,
      composedMs: composed!.ms,
      ratio: composed!.ms / fused!.ms,
      fusedDispatches: fusedDispatches!,
      composedDispatches: composedDispatches!,
    };
  } finally {
    clock.close();
    for (const recording of recordings) gpu.forget(recording);
    for (const x of xs) x.dispose();
  }
}
