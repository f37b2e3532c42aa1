/** The two backends that tests compare: one GPU a test process, opened when first asked for. */
import { afterAll } from 'vitest';
import { openCpu } from '../engine/cpu.ts';
import { type GpuBackend, openGpu } from '../engine/gpu.ts';

let opening: Promise<GpuBackend> | undefined;

/** No adapter is a failure of the test, not a reason to skip it. */
export function gpu(): Promise<GpuBackend> {
  opening ??= openGpu();
  return opening;
}

export const cpu = openCpu();

afterAll(async () => {
  const backend = await opening;
  backend?.close();
});
