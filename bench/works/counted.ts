/** What an execution of this library's hands over: dispatches, submits, and the JavaScript that it takes. */
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import type { Counts } from './work.ts';

/** Runs `run` so many `times`, each after `wait` has emptied the queue; of the last, the dispatches and submits. */
export async function counted(
  gpu: GpuBackend,
  { run, wait, times }: { run: () => void; wait: () => Promise<unknown>; times: number },
): Promise<Required<Pick<Counts, 'dispatches' | 'submits' | 'encodeMs'>>> {
  let encodeMs = Infinity;
  let before = gpu.stats();
  for (let i = 0; i < times; i++) {
    await wait();
    before = gpu.stats();
    const began = performance.now();
    run();
    gpu.flush();
    encodeMs = Math.min(encodeMs, performance.now() - began);
  }
  const { dispatches, submits } = gpu.stats();
  return { dispatches: dispatches - before.dispatches, submits: submits - before.submits, encodeMs };
}
