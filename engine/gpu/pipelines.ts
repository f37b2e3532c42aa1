/** Compute pipelines, one for each WGSL source. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { MathMode } from '../../kernels/math/math.ts';

export interface Pipeline {
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #math: MathMode;
  // By kernel first: comparing long sources at every dispatch would cost more than the dispatch.
  readonly #byKernel = new WeakMap<Kernel, Pipeline>();
  readonly #bySource = new Map<string, Pipeline>();

  constructor(device: GPUDevice, math: MathMode) {
    this.#device = device;
    this.#math = math;
  }

  get(kernel: Kernel): Pipeline {
    const known = this.#byKernel.get(kernel);
    if (known) return known;
    const code = this.#math === 'native' ? kernel.nativeSource : kernel.source;
    let pipeline = this.#bySource.get(code);
    if (!pipeline) {
      checkLimits(this.#device.limits, kernel);
      pipeline = createPipeline(this.#device, kernel, { code, id: this.#bySource.size });
      this.#bySource.set(code, pipeline);
    }
    this.#byKernel.set(kernel, pipeline);
    return pipeline;
  }
}

/**
 * A pipeline with an explicit layout: `auto` drops bindings that the code does not use, and the bind group then fails.
 * Invalid WGSL is reported by the device as an uncaptured error that carries the kernel's name.
 */
export function createPipeline(
  device: GPUDevice,
  kernel: Kernel,
  { code = kernel.source, id = 0 } = {},
): Pipeline {
  const { name: label } = kernel;
  const layout = device.createBindGroupLayout({ label, entries: layoutEntries(kernel) });
  const pipeline = device.createComputePipeline({
    label,
    layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
  });
  return { id, pipeline, layout };
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
