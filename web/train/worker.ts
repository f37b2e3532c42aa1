/** The worker that trains: a study on WebGPU, told step by step, while the page stays free. */
import { AdapterError, DeviceLostError } from '../../engine/device-errors.ts';
import { NonFiniteError } from '../../train/loop.ts';
import { runStudy } from '../../train/study.ts';
import type { StudyConfig } from '../../train/results.ts';
import type { FailureKind, News, Order } from './protocol.ts';

const say = (news: News, transfer: Transferable[] = []) => globalThis.postMessage(news, { transfer });

globalThis.addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data.type === 'start') void train(data.config);
});

async function train(config: StudyConfig): Promise<void> {
  try {
    const outcome = await runStudy(config, {
      onDevice: (info) => say({ type: 'device', info }),
      onPlan: (plan) => say({ type: 'plan', plan }),
      onProgress: (event) => say({ type: 'progress', event }),
      onPoint: (point) => say({ type: 'point', point }),
      onNetwork: async (result, weights) => say({ type: 'network', result, weights }),
      onSeed: async (seed, dispatches) => say({ type: 'seed', seed, dispatches }),
      signal: new AbortController().signal,
    });
    say({ type: 'finished', dispatches: outcome.dispatches });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ type: 'failed', kind: kindOf(error), message });
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof AdapterError) return 'no-webgpu';
  if (error instanceof DeviceLostError) return 'device-lost';
  return error instanceof NonFiniteError ? 'not-finite' : 'other';
}
