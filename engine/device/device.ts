/**
 * Opens a `GPUDevice`: in Node (`dawn.ts`), a browser or Deno. What only Node needs is in files of its own, in whose place bundles
 * for browsers have `no-….ts`; no other file knows where it runs.
 */
import type { MathMode } from '../../kernels/math/math.ts';
import { adapterName, includesWords, isSoftwareAdapter, matchesAdapter, vendorName } from './adapter-name.ts';
import { checkOptions, inWords } from '../borders.ts';
import { DAWN_CURE, dawnInstance, dawnNames } from './dawn.ts';
import { AdapterError, type DeviceWatch, NO_ADAPTER, watchDevice } from './device-errors.ts';

export type Host = 'node' | 'browser' | 'deno';

export interface OpenDeviceOptions {
  /** Part of the adapter's name, vendor or description, in any case; 'auto' is the host's first choice. */
  adapter?: string | undefined;
  /**
   * 'portable', the default: transcendental functions give the same bits on every driver that rounds as IEEE asks.
   * 'native': WGSL's built-ins, often faster and less exact; `docs/ulp.md` has their errors.
   */
  math?: MathMode | undefined;
}

export interface DeviceInfo {
  /** For people: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)'. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly host: Host;
  readonly isSoftware: boolean;
  /** Invocations of its smallest subgroup; 0 where WGSL has no subgroups. */
  readonly subgroupSize: number;
}

export interface OpenDevice extends DeviceWatch {
  readonly device: GPUDevice;
  readonly info: DeviceInfo;
  readonly features: ReadonlySet<string>;
  readonly limits: GPUSupportedLimits;
  readonly math: MathMode;
  close(): void;
}

/** Asked for where the adapter has them; everything must run without. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** Asked for up to what the adapter can do; WebGPU's defaults are those of a phone. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
] as const;

/** A driver that is busy, or just waking up, may refuse at first. */
const RETRY_AFTER_MS = [50, 200];

const openedNames = new Set<string>();

/** Throws an `AdapterError` when there is no adapter, or none of that name. */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<OpenDevice> {
  checkOptions('openDevice', options, 'adapter math');
  const { adapter: wanted = 'auto', math = 'portable' } = options;
  if (typeof wanted !== 'string')
    throw new Error(`openDevice: adapter must be a text, got ${inWords(wanted)}`);
  if (math !== 'portable' && math !== 'native')
    throw new Error(`openDevice: math is '${String(math)}'; wants 'portable' or 'native'`);
  const adapter = await findAdapter(wanted);
  const device = await adapter.requestDevice({
    label: 'limbeck',
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  const { architecture, description } = adapter.info;
  const name = adapterName(adapter.info);
  openedNames.add(name);
  return {
    device,
    info: {
      name,
      vendor: vendorName(adapter.info.vendor),
      architecture,
      description,
      host: hostOf(),
      isSoftware: isSoftwareAdapter(adapter.info),
      subgroupSize: device.features.has('subgroups') ? (adapter.info.subgroupMinSize ?? 4) : 0,
    },
    features: device.features,
    limits: device.limits,
    math,
    close: () => device.destroy(),
    ...watchDevice(device),
  };
}

/** Names of the adapters there are; a browser or Deno shows only its first choice. */
export async function listAdapters(): Promise<string[]> {
  if (hostOf() === 'node') return dawnNames();
  const adapter = await ask(navigatorGpu());
  return adapter ? [adapterName(adapter.info)] : [];
}

/** Names of the adapters that this process has opened. */
export function openedAdapters(): string[] {
  return [...openedNames];
}

async function findAdapter(wanted: string): Promise<GPUAdapter> {
  if (hostOf() === 'node' && wanted !== 'auto') return findDawnAdapter(wanted);
  const adapter = await ask(hostOf() === 'node' ? await dawnInstance() : navigatorGpu());
  if (!adapter) throw new AdapterError(`${NO_ADAPTER}; ${cure()}`);
  if (wanted === 'auto' || matchesAdapter(adapter.info, wanted)) return adapter;
  throw noSuchAdapter(wanted, [adapterName(adapter.info)]);
}

/** Names first; then the words that only an opened adapter tells, such as its vendor. */
async function findDawnAdapter(wanted: string): Promise<GPUAdapter> {
  const names = await dawnNames();
  if (names.length === 0) throw new AdapterError(`${NO_ADAPTER}; ${cure()}`);
  const match = names.find((name) => includesWords(name, wanted));
  for (const name of match ? [match] : names) {
    const adapter = await ask(await dawnInstance(name));
    if (adapter && (match || matchesAdapter(adapter.info, wanted))) return adapter;
  }
  throw noSuchAdapter(wanted, names);
}

async function ask(gpu: GPU): Promise<GPUAdapter | null> {
  for (const pauseMs of [...RETRY_AFTER_MS, 0]) {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter || pauseMs === 0) return adapter;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return null;
}

function navigatorGpu(): GPU {
  const gpu = globalThis.navigator?.gpu as GPU | undefined;
  if (!gpu) throw new AdapterError(`${NO_ADAPTER}: ${hostOf()} has no navigator.gpu; ${cure()}`);
  return gpu;
}

function noSuchAdapter(wanted: string, names: readonly string[]): AdapterError {
  return new AdapterError(`no WebGPU adapter is called '${wanted}'; there are: ${names.join('; ')}`);
}

function cure(): string {
  if (hostOf() === 'node') return DAWN_CURE;
  if (hostOf() === 'deno') return 'a Vulkan, Metal or Direct3D 12 driver is needed';
  return 'a browser with WebGPU is needed, on a page served by https or from localhost';
}

/** Where this code runs. */
export function hostOf(): Host {
  if ('Deno' in globalThis) return 'deno';
  return typeof globalThis.process?.versions?.node === 'string' ? 'node' : 'browser';
}
