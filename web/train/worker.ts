/** The worker that trains: a study, reported while it runs, with the page left free. */
import { adapterName, isSoftwareAdapter } from '../../engine/device/adapter-name.ts';
import type { Table } from '../../datasets/dataset.ts';
import { openCpu } from '../../engine/cpu.ts';
import { AdapterError, DeviceLostError } from '../../engine/device/device-errors.ts';
import { NonFiniteError } from '../../train/run-steps.ts';
import { prepareData } from '../../study/data/prepared-data.ts';
import { mostPoints } from '../../report/report-fit.ts';
import type { StudyConfig } from '../../study/results.ts';
import { pointsOf } from '../../study/seed-result.ts';
import { runStudy } from '../../study/study.ts';
import type { StudyHooks } from '../../study/study-types.ts';
import type { FailureKind, News, Order } from './protocol.ts';
import { type PageWriting, readWritten } from './writing.ts';

const say = (news: News) => globalThis.postMessage(news);

/** While the page has stopped the training: what the next step waits for. */
let pause: { ended: Promise<void>; end(): void } | undefined;

globalThis.addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
  switch (order.type) {
    case 'preview':
      return void preview(order.config, order.table);
    case 'start':
      return void train(order.config, order.table);
    case 'read':
      return void read(order.name, order.source, order.writing);
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
async function preview(given: StudyConfig, table: Table | undefined): Promise<void> {
  try {
    // The first rows are the same ones, however many there are.
    const config = { ...given, trainRows: Math.min(given.trainRows, mostPoints), testRows: 1 };
    const data = await prepareData(config, [config.seed], openCpu(), { table });
    data.dispose();
    const none = new Float32Array(0);
    const points = pointsOf({ data: data.each[0]!, results: [], teacher: none, outlier: none });
    say({ type: 'preview', event: { seed: config.seed, points } });
  } catch (error) {
    say({ type: 'preview-refused', message: messageOf(error) });
  }
}

/** Here and not on the page, which a large file would stop. */
async function read(name: string, source: Blob, writing: PageWriting): Promise<void> {
  try {
    const { table, found } = readWritten(new Uint8Array(await source.arrayBuffer()), name, writing);
    const { columns, rows, values, notes } = table;
    say({ type: 'table', name, table: { columns, rows, values }, notes, found });
  } catch (error) {
    say({ type: 'table-refused', name, message: onPage(messageOf(error)) });
  }
}

/** There is a field for each option here, and no command line. */
function onPage(message: string): string {
  return message.replaceAll(/\(--([a-z-]+) ([^)]*)\)/g, '($1: $2)');
}

async function train(config: StudyConfig, table: Table | undefined): Promise<void> {
  try {
    const hooks: StudyHooks = {
      onDevice: (info) => say({ type: 'device', info }),
      onPlan: (plan) => say({ type: 'plan', plan }),
      onLabels: (event) => say({ type: 'labels', event }),
      onProgress: (event) => say({ type: 'progress', event }),
      onPoint: (point) => say({ type: 'point', point }),
      onFit: (event) => say({ type: 'fit', event }),
      onNetwork: async (result, weights) => say({ type: 'network', result, weights }),
      onSeed: async (seed, dispatches) => say({ type: 'seed', seed, dispatches }),
      pause: () => pause && waitFor(pause.ended),
      // Whoever wants it to end, ends the worker.
      signal: new AbortController().signal,
    };
    const { dispatches } = await runStudy(config, hooks, { table });
    say({ type: 'finished', dispatches });
  } catch (error) {
    say({ type: 'failed', kind: kindOf(error), message: messageOf(error) });
  }
}

async function waitFor(ended: Promise<void>): Promise<void> {
  say({ type: 'paused' });
  await ended;
  say({ type: 'resumed' });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof AdapterError) return 'gpu' in navigator ? 'no-adapter' : 'no-webgpu';
  if (error instanceof DeviceLostError) return 'device-lost';
  return error instanceof NonFiniteError ? 'not-finite' : 'unexpected';
}
