/** The WGSL compiler without a GPU: Dawn's null backend compiles shaders and makes pipelines on any machine. */
import { create, globals } from 'webgpu';
import { createPipeline } from '../engine/pipelines.ts';
import type { Kernel } from '../kernels/kernel.ts';

let instance: GPU | undefined; // Dawn wants it alive as long as the device
let opening: Promise<GPUDevice> | undefined;

async function openNullDevice(): Promise<GPUDevice> {
  for (const [key, value] of Object.entries(globals)) {
    if (!(key in globalThis)) Object.assign(globalThis, { [key]: value });
  }
  instance ??= create(['backend=null']);
  const adapter = await instance.requestAdapter();
  if (!adapter) throw new Error('the null backend of Dawn has no adapter');
  // WebGPU's default limits: what fits here fits everywhere. Features are those that some kernels are written for.
  return adapter.requestDevice({ requiredFeatures: ['subgroups'] });
}

/** Complaints about a kernel's WGSL, and about its pipeline, where limits show. */
export async function wgslErrors(kernel: Kernel): Promise<string[]> {
  opening ??= openNullDevice();
  const device = await opening;
  const { name, source } = kernel;
  device.pushErrorScope('validation');
  const { messages } = await device.createShaderModule({ label: name, code: source }).getCompilationInfo();
  await device.popErrorScope();
  if (messages.length > 0) return messages.map((m) => `${name}:${m.lineNum}:${m.linePos} ${m.message}`);
  device.pushErrorScope('validation');
  createPipeline(device, kernel);
  const error = await device.popErrorScope();
  return error ? [`${name}: ${error.message}`] : [];
}
