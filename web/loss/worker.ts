/** The worker of the loss tab: compiles, draws, checks and times losses on a device of its own, one order at a time. */
import { timeLoss } from '../../bench/time-loss.ts';
import { type Difference, DifferenceError } from '../../engine/check/difference.ts';
import { AdapterError } from '../../engine/device/device-errors.ts';
import { type GpuBackend, openGpu } from '../../engine/gpu/gpu.ts';
import { lossChecks } from '../../losses/check-loss.ts';
import type { Loss } from '../../losses/loss.ts';
import { wgslComplaints } from '../../losses/wgsl-complaints.ts';
import { curvesOf } from './curves.ts';
import { lossOf, lossWithoutMeaning } from './loss-of.ts';
import type { News, Order } from './protocol.ts';
import type { Problem } from './source.ts';
import { problemsOf } from './wgsl-problems.ts';

const SAMPLES = [1000, 100_000];
const MEASURING = { sampleMs: 40, rounds: 7, budgetMs: 4000 };

/** Every text of WGSL leaves a pipeline behind; after so many a new device begins without. */
const ORDERS_PER_DEVICE = 200;

/** One that does not end stops the browser from drawing anything: nobody should come upon that by typing. */
const LOOPS = 'WGSL with loops runs only in a check, since one may not end';

const say = (news: News) => globalThis.postMessage(news);

let opened: Promise<GpuBackend> | undefined;
let count = 0;
const waiting: Order[] = [];
let isBusy = false;

globalThis.addEventListener('message', ({ data }: MessageEvent<Order>) => {
  // What is still waiting to be inspected has been overtaken.
  const overtaken = waiting.findIndex(({ type }) => type === 'inspect');
  if (data.type === 'inspect' && overtaken >= 0) waiting.splice(overtaken, 1);
  waiting.push(data);
  void work();
});

// It takes a while: before anybody asks.
void deviceIfAny();

async function work(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (let order = waiting.shift(); order; order = waiting.shift()) {
    try {
      const gpu = await deviceIfAny();
      if (order.type === 'inspect') await inspect(order, gpu);
      else if (gpu) await check(order, gpu);
    } catch (error) {
      say({ type: 'failed', id: order.id, message: messageOf(error) });
      // It may be lost, or in no good state.
      await close();
    }
  }
  isBusy = false;
}

async function device(): Promise<GpuBackend> {
  if (++count >= ORDERS_PER_DEVICE) await close();
  opened ??= openGpu().then((gpu) => {
    say({ type: 'ready', adapter: gpu.name });
    return gpu;
  });
  return opened;
}

/** Where there is none, the page hears of it. */
async function deviceIfAny(): Promise<GpuBackend | undefined> {
  try {
    return await device();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    say({ type: 'no-webgpu' });
    return undefined;
  }
}

async function close(): Promise<void> {
  const before = opened;
  opened = undefined;
  count = 0;
  await before?.then(
    (gpu) => gpu.close(),
    () => undefined,
  );
}

async function inspect(
  { id, signature, source, curve }: Extract<Order, { type: 'inspect' }>,
  gpu: GpuBackend | undefined,
): Promise<void> {
  const loss = source ? lossOf(source) : lossWithoutMeaning(signature);
  const problems = gpu ? await compile(loss, gpu) : [];
  let notDrawn = gpu ? undefined : 'The WGSL is not compiled';
  if (problems.some(isError)) notDrawn = 'The WGSL does not compile';
  else if (/\b(for|while|loop)\b/.test(signature.fused)) notDrawn = LOOPS;
  const curves = source && (await curvesOf(loss, curve, { gpu: notDrawn ? undefined : gpu }));
  say({ type: 'inspected', id, problems, curves, notDrawn });
}

async function compile(loss: Loss, gpu: GpuBackend): Promise<Problem[]> {
  const complaints = await wgslComplaints(loss, gpu.opened);
  return problemsOf(complaints, { source: loss.kernel.source, fused: loss.definition.fused });
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

async function check({ id, source }: Extract<Order, { type: 'check' }>, backend: GpuBackend): Promise<void> {
  const loss = lossOf(source);
  const { params } = source;
  const wrong = (await compile(loss, backend)).find(isError);
  if (wrong) throw new Error(`the WGSL does not compile: ${wrong.message}`);
  const checks = lossChecks(loss, { params, backend });
  say({ type: 'checks', id, titles: checks.map(({ title }) => title) });
  let isRight = true;
  for (const [index, { run }] of checks.entries()) {
    const failure = await run().then(() => undefined, differenceOf);
    if (failure) isRight = false;
    say({ type: 'checked', id, index, failure });
  }
  for (const size of isRight ? SAMPLES : []) {
    say({ type: 'timing', id, shape: [size] });
    say({
      type: 'timed',
      id,
      timing: await timeLoss(loss, { params, shape: [size], gpu: backend, ...MEASURING }),
    });
  }
  say({ type: 'finished', id });
}

/** Anything else ends the check. */
function differenceOf(error: unknown): Difference {
  if (error instanceof DifferenceError) return error.difference;
  throw error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
