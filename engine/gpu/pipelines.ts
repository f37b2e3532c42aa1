/** Compute pipelines, one for each WGSL source. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { MathMode } from '../../kernels/math/math.ts';
import type { Faults, Suspect } from './faults.ts';

export interface Pipeline {
  readonly id: number;
  readonly suspect: Suspect;
  /** How often it was used before its validity was known. */
  uses: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #math: MathMode;
  readonly #faults: Faults;
  // By kernel first: comparing long sources at every dispatch would cost more than the dispatch.
  readonly #byKernel = new WeakMap<Kernel, Pipeline>();
  readonly #bySource = new Map<string, Pipeline>();

  constructor(device: GPUDevice, math: MathMode, faults: Faults) {
    this.#device = device;
    this.#faults = faults;
    this.#math = math;
  }

  /** Throws if the kernel was found to be invalid: at its first use that is not yet known. */
  get(kernel: Kernel): Pipeline {
    const known = this.#byKernel.get(kernel);
    if (known?.suspect.error) throw known.suspect.error;
    if (known) return known;
    const code = this.#math === 'native' ? kernel.nativeSource : kernel.source;
    let pipeline = this.#bySource.get(code);
    if (!pipeline) {
      checkLimits(this.#device.limits, kernel);
      const id = this.#bySource.size;
      const suspect: Suspect = { isKnown: false };
      const make = (): Pipeline => ({
        ...createPipeline(this.#device, kernel, { code }),
        id,
        suspect,
        uses: 0,
      });
      pipeline = this.#faults.watch(
        make,
        suspect,
        (message) => new Error(`${kernel.name}: the GPU refuses this kernel; correct its WGSL. ${message}`),
      );
      this.#bySource.set(code, pipeline);
    }
    this.#byKernel.set(kernel, pipeline);
    if (pipeline.suspect.error) throw pipeline.suspect.error;
    return pipeline;
  }
}

/**
 * A pipeline with an explicit layout: `auto` drops bindings that the code does not use, and the bind group then fails.
 * Invalid WGSL is reported by the device, to an error scope if there is one, and later.
 */
export function createPipeline(
  device: GPUDevice,
  kernel: Kernel,
  { code = kernel.source } = {},
): Pick<Pipeline, 'pipeline' | 'layout'> {
  const { name: label } = kernel;
  const layout = device.createBindGroupLayout({ label, entries: layoutEntries(kernel) });
  const pipeline = device.createComputePipeline({
    label,
    layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
  });
  return { pipeline, layout };
}

function checkLimits(limits: GPUSupportedLimits, { name, inputs, outputs, workgroupSize }: Kernel): void {
  const buffers = [...inputs, ...outputs];
  const most = limits.maxStorageBuffersPerShaderStage;
  if (buffers.length > most) {
    throw new Error(
      `${name}: ${buffers.length} inputs and outputs (${buffers.join(', ')}) where this adapter allows ${most}; ` +
        'split the kernel, or put several tensors into one (WebGPU promises 8)',
    );
  }
  const [x, y, z] = workgroupSize;
  const invocations = limits.maxComputeInvocationsPerWorkgroup;
  if (x * y * z > invocations) {
    throw new Error(
      `${name}: a workgroup of ${x}×${y}×${z} where this adapter allows ${invocations} invocations (WebGPU promises 256)`,
    );
  }
}

function layoutEntries(kernel: Kernel): GPUBindGroupLayoutEntry[] {
  const types: GPUBufferBindingType[] = [
    ...kernel.inputs.map(() => 'read-only-storage' as const),
    ...kernel.outputs.map(() => 'storage' as const),
  ];
  if (Object.keys(kernel.uniforms).length > 0) types.unshift('uniform');
  if (kernel.readsStep) types.push('uniform');
  return types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }));
}
