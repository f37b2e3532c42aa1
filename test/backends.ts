/** The two backends that tests compare: one GPU a test process, opened when first asked for, and again when it failed. */
import { afterAll, inject } from 'vitest';
import { openCpu } from '../engine/cpu.ts';
import { type GpuBackend, openGpu } from '../engine/gpu/gpu.ts';

let opening: Promise<GpuBackend> | undefined;

/**
 * No adapter is a failure of the test, not a reason to skip it; nor may one host stand in for another. A device that failed
 * has failed one test: the next one gets another.
 */
export async function gpu(): Promise<GpuBackend> {
  opening ??= open();
  const backend = await opening.catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  try {
    backend.opened.throwIfFailed();
    return backend;
  } catch {
    backend.close();
    opening = open();
    return opening;
  }
}

async function open(): Promise<GpuBackend> {
  const backend = await openGpu();
  const { host } = backend.opened.info;
  if (host === inject('host')) return backend;
  backend.close();
  throw new Error(
    `these tests are for ${inject('host')}, but run in ${host}; npm test starts each in its own`,
  );
}

export const cpu = openCpu();

afterAll(async () => {
  const backend = await opening;
  backend?.close();
});
