/** A kernel, or a few that belong together, to be measured by itself; and how a competitor runs it. */
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { isDispatch, type Recording } from '../../engine/gpu/recording.ts';
import { outsideTidy, type Tensor, tidy, zeros } from '../../engine/tensor.ts';
import { hasGpuClock, openGpuClock } from '../gpu-clock.ts';
import { counted } from './counted.ts';
import type { Counts, Job } from './work.ts';

/** Ordinary executions whose JavaScript is timed. */
const COUNTED = 15;

/** What `run` needs is made once; each call then dispatches the same commands. */
export type Run = () => Tensor | readonly Tensor[];

export interface Case {
  readonly name: string;
  readonly shape: string;
  /** Floating-point operations of one execution; a transcendental function counts as one. */
  readonly flops: number;
  /** Bytes that have to be read and written at least: every operand once, every result once. */
  readonly bytes: number;
  /** Ways to do the same: 'native' mathematics, the 'composed' meaning of a loss. The case itself is ''. */
  readonly variants?: readonly string[];
  /** How many times as long each variant should take at least. */
  readonly goal?: number;
  make(gpu: GpuBackend, variant: string): Run;
}

export function titleOf({ name, shape }: Pick<Case, 'name' | 'shape'>): string {
  return `${name} ${shape}`;
}

/** The first execution is an ordinary one; all others repeat what was recorded. */
export function caseJob(gpu: GpuBackend, { make }: Case, variant: string): Job {
  const run = make(gpu, variant);
  const clock = openGpuClock(gpu);
  let outputs: readonly Tensor[] = [];
  let recording: Recording | undefined;
  // Of its own: some cases return nothing.
  const probe = zeros([1], gpu);

  const execute = () => {
    for (const output of outputs) output.dispose();
    const made = tidy(run);
    outputs = Array.isArray(made) ? (made as readonly Tensor[]) : [made as Tensor];
  };
  const recorded = () => (recording ??= gpu.record(() => outsideTidy(execute)));

  return {
    run: execute,
    async wait() {
      await probe.data();
    },
    async result() {
      const parts: number[] = [];
      for (const output of outputs) for (const value of await output.data()) parts.push(value);
      return Float32Array.from(parts);
    },
    gpuTime: (runs) => clock.time(recorded(), runs),
    async counts(): Promise<Counts> {
      const dispatches = recorded().commands.filter(isDispatch).length;
      const { encodeMs } = await counted(gpu, { run: execute, wait: () => probe.data(), times: COUNTED });
      return { dispatches, clock: hasGpuClock(gpu) ? 'gpu' : 'host', encodeMs };
    },
    close() {
      if (recording) gpu.forget(recording);
      for (const held of [...outputs, probe]) held.dispose();
      clock.close();
    },
  };
}
