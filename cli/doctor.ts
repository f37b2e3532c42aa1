/**
 * The command `doctor`: what this machine offers WebGPU, a small computation to prove it, and what to do if
 * that fails.
 */
import { AdapterError } from '../engine/device/device-errors.ts';
import { listAdapters, type OpenDevice, openDevice } from '../engine/device/device.ts';
import { packageVersion } from '../base/package-version.ts';

export interface DoctorOptions {
  /** Path of the browser for the tests, if the caller has found one. */
  chromium?: string | undefined;
  /** What would give this machine an adapter; undefined if nothing is known. */
  cure?: () => string | undefined;
  write?: (text: string) => void;
}

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Resolves to 0 if WebGPU computes here, and to 1 if not. */
export async function doctor({ chromium, cure, write = print }: DoctorOptions = {}): Promise<number> {
  const row = (name: string, value: string) => write(`${name.padEnd(12)}${value}\n`);
  row('limbeck', packageVersion);
  row('host', `Node ${process.versions.node}, ${process.platform} ${process.arch}`);
  row('browser', chromium ?? 'none found (only the browser tests need one; CHROME_PATH names it)');
  try {
    row('adapters', (await listAdapters()).join('; ') || 'none');
    const opened = await openDevice();
    try {
      describe(opened, row);
      await checkCompute(opened);
    } finally {
      opened.close();
    }
    row('compute', 'ok: 1,000 sums on the GPU are right');
    return 0;
  } catch (error) {
    row(
      'problem',
      error instanceof Error ? error.message.replace(/; `npm run doctor`.*/, '') : String(error),
    );
    const remedy =
      error instanceof AdapterError ? cure?.() : 'update the graphics driver, or choose another adapter';
    if (remedy) row('cure', remedy);
    return 1;
  }
}

function describe({ info, features, limits }: OpenDevice, row: (name: string, value: string) => void): void {
  row('adapter', info.name);
  row('vendor', [info.vendor, info.architecture].filter(Boolean).join(', ') || 'unknown');
  row('driver', info.description || 'unknown');
  row('kind', info.isSoftware ? 'software: correct, but slow' : 'GPU');
  row('features', [...features].sort().join(', ') || 'none beyond the core');
  for (const limit of LIMITS) row('limit', `${limit} ${limits[limit].toLocaleString('en')}`);
}

const SUM = `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> sum: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid: vec3u) {
  if (gid.x < arrayLength(&sum)) { sum[gid.x] = a[gid.x] + b[gid.x]; }
}
`;

/** Adds two vectors with bare WebGPU, so that a fault here is the driver's and not the engine's. */
async function checkCompute({ device, waitFor }: OpenDevice): Promise<void> {
  const a = Float32Array.from({ length: 1000 }, (_, i) => i / 8);
  const b = Float32Array.from({ length: 1000 }, (_, i) => 1000 - i);
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const buffer = (label: string, usage: number) => device.createBuffer({ label, size: a.byteLength, usage });
  const buffers = ['a', 'b', 'sum'].map((label) => buffer(label, STORAGE | COPY_DST | COPY_SRC));
  const staging = buffer('staging', COPY_DST | MAP_READ);
  device.queue.writeBuffer(buffers[0]!, 0, a);
  device.queue.writeBuffer(buffers[1]!, 0, b);

  const module = device.createShaderModule({ label: 'sum', code: SUM });
  const pipeline = device.createComputePipeline({ label: 'sum', layout: 'auto', compute: { module } });
  const entries = buffers.map((resource, binding) => ({ binding, resource: { buffer: resource } }));
  const encoder = device.createCommandEncoder({ label: 'sum' });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({ label: 'sum', layout: pipeline.getBindGroupLayout(0), entries }),
  );
  pass.dispatchWorkgroups(Math.ceil(a.length / 64));
  pass.end();
  encoder.copyBufferToBuffer(buffers[2]!, 0, staging, 0, a.byteLength);
  device.queue.submit([encoder.finish()]);

  await waitFor(staging.mapAsync(GPUMapMode.READ));
  const sums = new Float32Array(staging.getMappedRange());
  // Every sum is a multiple of 1/8 below 2048, so it is exact.
  const wrong = sums.findIndex((sum, i) => sum !== a[i]! + b[i]!);
  if (wrong >= 0)
    throw new Error(`the adapter computes wrongly: ${a[wrong]} + ${b[wrong]} gave ${sums[wrong]}`);
}

function print(text: string): void {
  process.stdout.write(text);
}
