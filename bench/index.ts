/** `limbeck/bench`: how fast a kernel of one's own is on the adapter at hand. */
import { checkNamed, checkNumber, checkOptions, inWords } from '../base/borders.ts';
import { dispatch, type DispatchOptions } from '../engine/dispatch.ts';
import { GpuBackend } from '../engine/gpu/gpu.ts';
import { type Tensor, tensorsIn, tidy } from '../engine/tensor.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { hasGpuClock, openGpuClock } from './gpu-clock.ts';
import { measure, type MeasureOptions, type Timing } from './harness.ts';

export type { MeasureOptions, Timing };

/** What one execution gets, as for `dispatch`, and what it does, for the rates. */
export interface BenchCall<I extends string, O extends string, U extends string>
  extends DispatchOptions<I, O, U> {
  /** Floating-point operations of one execution; without them there is no `gflops`. */
  flops?: number;
  /** Bytes that one execution must move: unless given, every bound tensor once, and twice what is changed in place. */
  bytes?: number;
}

/** `ms`, `minMs` and `spread` are of one execution: the median, the least, and the quartiles' distance over the median. */
export interface BenchResult extends Timing {
  readonly kernel: string;
  readonly adapter: string;
  /** Milliseconds until the first execution was done: with the compilation of its WGSL, unless that was run before. */
  readonly firstMs: number;
  /** Whose clock measured: the GPU's timestamps, or the host's around a submit of many executions. */
  readonly clock: 'gpu' | 'host';
  readonly bytes: number;
  /** Gigabytes (10⁹) a second, from `bytes` and the median. */
  readonly gbs: number;
  /** Thousand million floating-point operations a second, from `flops` and the median. */
  readonly gflops?: number;
}

/**
 * Times a kernel on the backend of its tensors. It runs once, then in samples of many executions in one submit; outputs
 * given as tensors are changed by each of them.
 *
 *     const { ms, gbs } = await bench(kernel, { inputs: { x }, outputs: { y: x.shape }, workgroups: 64 });
 *
 * @throws on the CPU backend, for a call that dispatches nothing, and whatever the device refuses.
 */
export async function bench<I extends string, O extends string, U extends string>(
  kernel: Kernel<I, O, U>,
  call: BenchCall<I, O, U>,
  options: MeasureOptions = {},
): Promise<BenchResult> {
  checkCall(kernel, call, options);
  const gpu = backendOf(kernel, call);
  let bytes = 0;
  const run = () =>
    tidy(() => {
      const outputs = dispatch(kernel, call);
      bytes = call.bytes ?? bytesOf(kernel, call.inputs, outputs);
    });
  const began = performance.now();
  const recording = gpu.record(run, { where: 'bench' });
  const clock = openGpuClock(gpu);
  try {
    if (recording.commands.length === 0)
      throw new Error(`bench: ${kernel.name} has nothing to do: no elements`);
    gpu.flush();
    await gpu.opened.waitFor(gpu.opened.device.queue.onSubmittedWorkDone());
    const firstMs = performance.now() - began;
    const [timing] = await measure([{ sample: (runs) => clock.time(recording, runs) }], options);
    const { ms } = timing!;
    return {
      kernel: kernel.name,
      adapter: gpu.name,
      firstMs,
      ...timing!,
      clock: hasGpuClock(gpu) ? 'gpu' : 'host',
      bytes,
      gbs: bytes / ms / 1e6,
      ...(call.flops === undefined ? {} : { gflops: call.flops / ms / 1e6 }),
    };
  } finally {
    clock.close();
    gpu.forget(recording);
  }
}

function checkCall(kernel: Kernel, call: object, options: MeasureOptions): void {
  if (typeof kernel?.source !== 'string')
    throw new Error(`bench: wants a kernel of defineKernel, got ${inWords(kernel)}`);
  checkOptions('bench', call, 'inputs outputs uniforms workgroups backend flops bytes', true);
  const { inputs, outputs, flops = 0, bytes = 0 } = call as BenchCall<string, string, string>;
  checkNamed('bench: inputs', inputs, 'tensors');
  checkNamed('bench: outputs', outputs, 'tensors or shapes');
  checkNumber('bench', 'flops', flops, { from: 0 });
  checkNumber('bench', 'bytes', bytes, { from: 0 });
  checkOptions('bench', options, 'sampleMs rounds budgetMs');
  for (const [name, value] of Object.entries(options) as [string, number | undefined][])
    if (value !== undefined) checkNumber('bench', name, value, { from: 0 });
}

function backendOf<I extends string, O extends string, U extends string>(
  { name }: Kernel<I, O, U>,
  { backend, inputs, outputs }: BenchCall<I, O, U>,
): GpuBackend {
  const [first] = tensorsIn([Object.values<Tensor>(inputs), Object.values(outputs)]);
  const on = backend ?? first?.backend;
  if (on instanceof GpuBackend) return on;
  throw new Error(
    `bench: ${name}: wants a GPU backend, ${on ? `got ${on.name}` : 'and has no tensor that names one'}`,
  );
}

function bytesOf(
  { inout }: Kernel,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
): number {
  const written = Object.entries(outputs).map(([name, { size }]) => (inout.includes(name) ? 2 * size : size));
  return [...Object.values(inputs).map(({ size }) => size), ...written].reduce(
    (sum, size) => sum + 4 * size,
    0,
  );
}
