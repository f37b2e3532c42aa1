/**
 * The host's WGSL compiler: in Node Tint, by Dawn's null backend, which compiles shaders and makes pipelines without
 * a GPU; elsewhere the adapter's own, Tint in Chromium and naga in Deno.
 */
import { inject } from 'vitest';
import type * as Dawn from 'webgpu';
import { createPipeline } from '../engine/gpu/pipelines.ts';
import type { Kernel } from '../kernels/kernel.ts';

let instance: GPU | undefined; // Dawn wants it alive as long as the device
let opening: Promise<GPUDevice> | undefined;

/** With WebGPU's default limits: what fits here fits everywhere. */
async function openCompiler(): Promise<GPUDevice> {
  instance ??= inject('host') === 'node' ? await nullBackend() : navigator.gpu;
  const adapter = await instance.requestAdapter();
  if (!adapter) throw new Error(`no adapter to compile for in ${inject('host')}`);
  // What some kernels are written for.
  return adapter.requestDevice({
    requiredFeatures: adapter.features.has('subgroups') ? ['subgroups'] : [],
  });
}

async function nullBackend(): Promise<GPU> {
  const specifier = 'webgpu'; // not a literal: Vite would follow it into the browser
  const { create, globals } = (await import(/* @vite-ignore */ specifier)) as typeof Dawn;
  for (const [key, value] of Object.entries(globals)) {
    if (!(key in globalThis)) Object.assign(globalThis, { [key]: value });
  }
  return create(['backend=null']);
}

/** One pipeline costs SwiftShader a tenth of a second, and Chromium's Tint has seen what Node's sees. */
const STRIDE_IN_CHROMIUM = 10;

/** Those for the host's compiler: in Deno 2.9, which has no subgroups, those without; in Chromium a tenth. */
export async function compilable(kernels: readonly Kernel[]): Promise<readonly Kernel[]> {
  opening ??= openCompiler();
  const { features } = await opening;
  const stride = inject('host') === 'browser' ? STRIDE_IN_CHROMIUM : 1;
  return kernels.filter(
    ({ usesSubgroups }, i) => i % stride === 0 && (!usesSubgroups || features.has('subgroups')),
  );
}

/** Complaints about a kernel's WGSL, and about its pipeline, where limits show. */
export async function wgslErrors(kernel: Kernel): Promise<string[]> {
  opening ??= openCompiler();
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
