/** How long each dispatch of a recording takes: by the GPU's clock, or by the host's where it has none. */
import type { GpuBackend } from '../gpu/gpu.ts';
import { withoutHaste } from '../device/patience.ts';
import {
  encodeBetweenPasses,
  type EncodedCommand,
  type EncodedDispatch,
  isDispatch,
  type Recording,
} from '../gpu/recording.ts';

/** Microseconds since the clock's own beginning. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** The most timestamps of a query set that WebGPU promises: 4,096. */
const DISPATCHES_PER_SET = 2048;
const SET_BYTES = DISPATCHES_PER_SET * 16;

/** Does what JavaScript does before the commands. Throws where something is to be done between them. */
export function runHooks(where: string, { parts }: Recording): void {
  if (parts.length > 1)
    throw new Error(`${where}: the step updates one optimiser twice; time a step with one update`);
  for (const hook of parts[0]!.hooks) hook();
}

/** Whether the device can time what runs on it; `timeCommands` measures with the host's clock otherwise. */
export function hasTimestamps({ opened }: GpuBackend): boolean {
  return opened.features.has('timestamp-query');
}

/**
 * Carries out commands of a recording, each dispatch in a pass of its own, and returns when each began and ended.
 * Without timestamps each dispatch is submitted alone and waited for: intervals then hold the submit and the wait
 * (see `waitMicroseconds`). They do not count in the backend's statistics.
 */
export async function timeCommands(
  gpu: GpuBackend,
  commands: readonly EncodedCommand[],
): Promise<Interval[]> {
  gpu.flush();
  return hasTimestamps(gpu) ? byTimestamps(gpu, commands) : byHost(gpu, commands);
}

/** Microseconds from an empty submit to the end of the wait for it: what the host's clock cannot measure below. */
export async function waitMicroseconds({ opened }: GpuBackend): Promise<number> {
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    opened.device.queue.submit([opened.device.createCommandEncoder({ label: 'empty' }).finish()]);
    await opened.waitFor(opened.device.queue.onSubmittedWorkDone());
    waits.push((performance.now() - start) * 1000);
  }
  return median(waits);
}

/**
 * A typical duration: the median; the mean where the clock's `tick` is no finer than a tenth of that, because a coarse
 * clock says 0 or one tick and only the average of many readings is right. Negative readings (a clock that was reset)
 * are left out; NaN if nothing else is there.
 */
export function typicalDuration(values: readonly number[], tick: number): number {
  const valid = values.filter((value) => value >= 0);
  const middle = median(valid);
  if (middle >= 10 * tick || valid.length === 0) return middle;
  return valid.reduce((sum, value) => sum + value, 0) / valid.length;
}

/** The clock's resolution, if all its steps are multiples of the smallest one; 0 if it is finer than what was measured. */
export function tickOf(samples: readonly (readonly Interval[])[]): number {
  const steps = samples.flatMap((intervals) => {
    const readings = intervals.flatMap(({ start, end }) => [start, end]);
    return readings.map((reading, i) => Math.abs(reading - (readings[i - 1] ?? reading)));
  });
  const tick = steps.reduce((least, step) => (step > 0 ? Math.min(least, step) : least), Infinity);
  const isMultiple = (step: number) => Math.abs(step / tick - Math.round(step / tick)) < 0.01;
  return Number.isFinite(tick) && steps.every(isMultiple) ? tick : 0;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

async function byTimestamps(
  { opened }: GpuBackend,
  commands: readonly EncodedCommand[],
): Promise<Interval[]> {
  const { device } = opened;
  const count = commands.filter(isDispatch).length;
  if (count === 0) return [];
  const querySets = Array.from({ length: Math.ceil(count / DISPATCHES_PER_SET) }, () =>
    device.createQuerySet({ label: 'timestamps', type: 'timestamp', count: 2 * DISPATCHES_PER_SET }),
  );
  const size = querySets.length * SET_BYTES;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ label: 'timestamps', size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ label: 'timestamps', size, usage: MAP_READ | COPY_DST });
  try {
    const encoder = device.createCommandEncoder({ label: 'timed' });
    let index = 0;
    for (const command of commands) {
      if (!isDispatch(command)) {
        encodeBetweenPasses(encoder, command);
        continue;
      }
      const beginningOfPassWriteIndex = 2 * (index % DISPATCHES_PER_SET);
      encodePass(encoder, command, {
        querySet: querySets[Math.floor(index++ / DISPATCHES_PER_SET)]!,
        beginningOfPassWriteIndex,
        endOfPassWriteIndex: beginningOfPassWriteIndex + 1,
      });
    }
    for (const [i, querySet] of querySets.entries()) {
      const written = Math.min(DISPATCHES_PER_SET, count - i * DISPATCHES_PER_SET);
      encoder.resolveQuerySet(querySet, 0, 2 * written, resolved, i * SET_BYTES);
    }
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await opened.waitFor(withoutHaste(opened.info, staging.mapAsync(GPUMapMode.READ)));
    const nanoseconds = new BigUint64Array(staging.getMappedRange());
    // Differences first: the clock's own numbers do not fit a float64.
    const origin = nanoseconds[0]!;
    const reading = (i: number) => Number(nanoseconds[i]! - origin) / 1000;
    return Array.from({ length: count }, (_, i) => ({ start: reading(2 * i), end: reading(2 * i + 1) }));
  } finally {
    for (const thing of [resolved, staging, ...querySets]) thing.destroy();
  }
}

async function byHost({ opened }: GpuBackend, commands: readonly EncodedCommand[]): Promise<Interval[]> {
  const { device } = opened;
  const intervals: Interval[] = [];
  await opened.waitFor(device.queue.onSubmittedWorkDone());
  for (const command of commands) {
    const encoder = device.createCommandEncoder({ label: 'timed' });
    if (!isDispatch(command)) {
      encodeBetweenPasses(encoder, command);
      device.queue.submit([encoder.finish()]);
      await opened.waitFor(device.queue.onSubmittedWorkDone());
      continue;
    }
    encodePass(encoder, command);
    const commandBuffer = encoder.finish();
    const start = performance.now() * 1000;
    device.queue.submit([commandBuffer]);
    await opened.waitFor(device.queue.onSubmittedWorkDone());
    intervals.push({ start, end: performance.now() * 1000 });
  }
  return intervals;
}

function encodePass(
  encoder: GPUCommandEncoder,
  { kernel, pipeline, bindGroup, workgroups }: EncodedDispatch,
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass({ label: kernel.name, timestampWrites });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
  pass.end();
}
