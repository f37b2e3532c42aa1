/** The worker that trains: a study, told while it runs, with the page left free. */
import { adapterName, isSoftwareAdapter } from '../../engine/adapter-name.ts';
import { openCpu } from '../../engine/cpu.ts';
import { AdapterError, DeviceLostError } from '../../engine/device-errors.ts';
import { NonFiniteError } from '../../train/loop.ts';
import { prepareData } from '../../train/prepared-data.ts';
import type { StudyConfig } from '../../train/results.ts';
import { runStudy } from '../../train/study.ts';
import type { FailureKind, News, Order } from './protocol.ts';

const say = (news: News) => globalThis.postMessage(news);

/** While the page has stopped the training: what the next step waits for. */
let pause: { ended: Promise<void>; end(): void } | undefined;

globalThis.addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
  switch (order.type) {
    case 'preview':
      return void preview(order.config);
    case 'start':
      return void train(order.config);
    case 'pause':
      pause ??= makePause();
      return;
    default:
      pause?.end();
      pause = undefined;
  }
});
void lookForAdapter();

function makePause(): NonNullable<typeof pause> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}

/** Wakes the browser's GPU process while the page still loads. */
async function lookForAdapter(): Promise<void> {
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return say({ type: 'adapter-missing', kind: gpu ? 'no-adapter' : 'no-webgpu' });
  say({ type: 'adapter', name: adapterName(adapter.info), isSoftware: isSoftwareAdapter(adapter.info) });
}

/** On the CPU: it needs no adapter, and nobody sees the last bits. */
async function preview(config: StudyConfig): Promise<void> {
  const data = await prepareData(config, [config.seed], openCpu());
  const [{ seed, dataset }] = data.each as [(typeof data.each)[0]];
  data.dispose();
  const outlier = Array.from(dataset.outlier, (bit) => bit === 1);
  const points = {
    x: [...dataset.train.x],
    y: [...dataset.train.y],
    outlier,
    rejected: outlier.map(() => false),
  };
  say({ type: 'preview', event: { seed, points } });
}

async function train(config: StudyConfig): Promise<void> {
  try {
    const { dispatches } = await runStudy(config, {
      onDevice: (info) => say({ type: 'device', info }),
      onPlan: (plan) => say({ type: 'plan', plan }),
      onLabels: (event) => say({ type: 'labels', event }),
      onProgress: (event) => say({ type: 'progress', event }),
      onPoint: (point) => say({ type: 'point', point }),
      onFit: (event) => say({ type: 'fit', event }),
      onNetwork: async (result, weights) => say({ type: 'network', result, weights }),
      onSeed: async (seed, dispatches) => say({ type: 'seed', seed, dispatches }),
      // Whoever wants it to end, ends the worker.
      signal: new AbortController().signal,
    });
    say({ type: 'finished', dispatches });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ type: 'failed', kind: kindOf(error), message });
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof AdapterError) return 'gpu' in navigator ? 'no-adapter' : 'no-webgpu';
  if (error instanceof DeviceLostError) return 'device-lost';
  return error instanceof NonFiniteError ? 'not-finite' : 'unexpected';
}
