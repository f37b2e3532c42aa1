/** From what a dispatch binds to what WebGPU binds, and what it forbids. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Binding, Call } from '../backend.ts';
import type { GpuMemory } from './buffer-pool.ts';

/** Whole vec4s: kernels that load them may touch the padding, which belongs to the buffer. */
export function resourceOf(kernel: Kernel, { memory, offset, size }: Binding): GPUBufferBinding {
  const { buffer, label } = memory as GpuMemory;
  if ((offset * 4) % 256 !== 0) {
    throw new Error(`${kernel.name}: ${label} at byte ${offset * 4}; bindings begin at multiples of 256`);
  }
  return { buffer, offset: offset * 4, size: Math.max(16, Math.ceil(size / 4) * 16) };
}

/** WebGPU forbids one buffer as read and as written in one dispatch, even at disjoint ranges. */
export function checkAliasing(kernel: Kernel, bindings: Call['bindings']): void {
  for (const output of kernel.outputs) {
    const alias = kernel.inputs.find((input) => bindings[input]!.memory === bindings[output]!.memory);
    if (alias)
      throw new Error(`${kernel.name}: '${alias}' and '${output}' share a buffer; one is read, one written`);
  }
}
