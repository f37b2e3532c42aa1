/** The WebGPU backend: pipelines by source, one open compute pass for many dispatches, submit at read-back. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Backend, BackendStats, Binding, Call, DType, Values } from '../backend.ts';
import { BufferPool, type GpuMemory } from './buffer-pool.ts';
import { type OpenDevice, type OpenDeviceOptions, openDevice } from '../device/device.ts';
import { checkAliasing, resourceOf } from './resources.ts';
import { patienceOf } from '../device/patience.ts';
import { type Pipeline, PipelineCache } from './pipelines.ts';
import {
  encodeBetweenPasses,
  type EncodedClear,
  type EncodedCopy,
  type EncodedDispatch,
  isDispatch,
  memoriesOf,
  Recording,
} from './recording.ts';
import { StagingBuffers } from './staging-buffers.ts';
import { Step } from '../step.ts';
import { UniformArena } from './uniform-arena.ts';
import type { Tuning, Variants } from '../variants.ts';

/** Bind groups kept for reuse; a training loop meets the same ones every step. */
const MAX_BIND_GROUPS = 8192;

let totalDispatches = 0;

/** GPU dispatches of this process, over all backends: a test run that made none has tested nothing. */
export function dispatchCount(): number {
  return totalDispatches;
}

export class GpuBackend implements Backend {
  readonly kind = 'gpu';
  readonly name: string;
  readonly isSoftware: boolean;
  readonly subgroupSize: number;
  readonly maxStorageBuffers: number;
  readonly #patiently;
  readonly step: Step;
  variants: Variants | undefined;
  readonly opened: OpenDevice;
  readonly #device: GPUDevice;
  readonly #pool: BufferPool;
  readonly #pipelines: PipelineCache;
  readonly #uniforms: UniformArena;
  readonly #staging: StagingBuffers;
  readonly #stepBuffer: GpuMemory;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #encoderNumber = 0;
  #dispatches = 0;
  #submits = 0;
  #recording: Recording | undefined;
  /** The encoder that last replayed a recording, which uses buffers that only it knows. */
  #replayedIn = -1;
  #isClosed = false;

  constructor(opened: OpenDevice) {
    this.opened = opened;
    this.#device = opened.device;
    this.name = opened.info.name;
    this.isSoftware = opened.info.isSoftware;
    this.#patiently = patienceOf(opened.info);
    this.subgroupSize = opened.info.subgroupSize;
    this.maxStorageBuffers = this.#device.limits.maxStorageBuffersPerShaderStage;
    this.#pool = new BufferPool(this.#device);
    this.#pipelines = new PipelineCache(this.#device, opened.math);
    this.#uniforms = new UniformArena(this.#device);
    this.#staging = new StagingBuffers(this.#device);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ label: 'step', size: 256, usage });
    const shared = { id: -1, label: 'step', usedIn: -1, isHeld: true, captures: 0 };
    this.#stepBuffer = { ...shared, buffer, sizeBytes: 256 };
    this.step = new Step((step) => this.#write(this.#stepBuffer, 0, step.toBytes()));
  }

  allocate(size: number, label: string): GpuMemory {
    this.#checkOpen();
    return this.#pool.allocate(size * 4, label);
  }

  release(memory: GpuMemory): void {
    this.#pool.release(memory);
  }

  clear(memory: GpuMemory): void {
    this.#checkOpen();
    this.#encodeOther({ cleared: memory });
  }

  copy(from: Binding, to: Binding): void {
    this.#checkOpen();
    if (from.size === 0) return;
    this.#encodeOther({
      source: from.memory as GpuMemory,
      sourceOffset: from.offset * 4,
      target: to.memory as GpuMemory,
      targetOffset: to.offset * 4,
      sizeBytes: from.size * 4,
    });
  }

  upload({ memory, offset }: Binding, values: ArrayLike<number>, dtype: DType): void {
    this.#recording?.forbidUpload(memory.label);
    const typed = dtype === 'u32' ? Uint32Array.from(values) : Float32Array.from(values);
    if (typed.length > 0) this.#write(memory as GpuMemory, offset * 4, typed);
  }

  read(binding: Binding, dtype: DType): Promise<Values> {
    // At once, where the step can be seen on the stack, and not when the promise is awaited.
    this.#recording?.forbidRead(binding.memory.label);
    return this.#read(binding, dtype);
  }

  async #read({ memory, offset, size }: Binding, dtype: DType): Promise<Values> {
    this.#checkOpen();
    if (size === 0) return dtype === 'u32' ? new Uint32Array(0) : new Float32Array(0);
    const sizeBytes = size * 4;
    const staging = this.#staging.take(sizeBytes);
    this.#endPass();
    this.#openEncoder().copyBufferToBuffer((memory as GpuMemory).buffer, offset * 4, staging, 0, sizeBytes);
    this.flush();
    const mapped = this.opened.waitFor(staging.mapAsync(GPUMapMode.READ, 0, sizeBytes));
    await this.#patiently(mapped, this.#dispatches);
    const bytes = staging.getMappedRange(0, sizeBytes).slice(0);
    staging.unmap();
    this.#staging.release(staging);
    return dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  canRun({ usesSubgroups }: Kernel): boolean {
    return !usesSubgroups || this.subgroupSize > 0;
  }

  dispatch(kernel: Kernel, call: Call): void {
    this.#checkOpen();
    const pipeline = this.#pipelines.get(kernel);
    const bindGroup = this.#bindGroup(kernel, pipeline, call);
    for (const { memory } of Object.values(call.bindings)) (memory as GpuMemory).usedIn = this.#encoderNumber;
    if (kernel.readsStep) this.#stepBuffer.usedIn = this.#encoderNumber;
    const encoded = { kernel, pipeline: pipeline.pipeline, bindGroup, workgroups: call.workgroups };
    this.#recording?.add(encoded, call);
    this.#encode(encoded);
  }

  /** Submits what is encoded. Called by reads, and by writes to a buffer that waiting commands use. */
  flush(): void {
    this.#endPass();
    if (!this.#encoder) return;
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#encoderNumber++;
    this.#submits++;
  }

  /**
   * Runs `f` and returns its dispatches and clears, to be carried out again with `replay`. Their buffers are nobody
   * else's until `forget`. `capture` is the way to use it.
   *
   * @throws at the first command that differs from `like`, and at an upload or a read inside it; both as capture says.
   */
  record(f: () => void, { where = 'record', like }: { where?: string; like?: Recording } = {}): Recording {
    if (this.#recording) throw new Error(`${where}: a step is being recorded already`);
    const recording = new Recording(where, like);
    this.#recording = recording;
    this.step.hooks = recording.hooks;
    try {
      f();
      recording.finish();
    } finally {
      this.#recording = undefined;
      this.step.hooks = undefined;
    }
    this.#pool.reserve(recording.memories);
    return recording;
  }

  /** Carries out a recording again, on the same buffers. */
  replay({ commands, hooks }: Recording): void {
    this.#checkOpen();
    for (const hook of hooks) hook();
    this.#replayedIn = this.#encoderNumber;
    for (const command of commands) {
      if (isDispatch(command)) this.#encode(command);
      else this.#encodeOther(command);
    }
  }

  /** The recording is not replayed any more; its buffers may be reused. */
  forget(recording: Recording): void {
    this.#pool.unreserve(recording.memories);
  }

  stats(): BackendStats {
    const parts = [this.#pool, this.#uniforms, this.#staging];
    const buffers = parts.reduce((sum, part) => sum + part.buffers, 0);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    return { dispatches: this.#dispatches, submits: this.#submits, buffers, sizeBytes };
  }

  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    this.#pool.destroy();
    this.#uniforms.destroy();
    this.#staging.destroy();
    this.#stepBuffer.buffer.destroy();
    this.opened.close();
  }

  #encode(dispatch: EncodedDispatch): void {
    const pass = (this.#pass ??= this.#openEncoder().beginComputePass());
    pass.setPipeline(dispatch.pipeline);
    pass.setBindGroup(0, dispatch.bindGroup);
    pass.dispatchWorkgroups(...dispatch.workgroups);
    this.#dispatches++;
    totalDispatches++;
  }

  #encodeOther(command: EncodedClear | EncodedCopy): void {
    this.#recording?.add(command);
    this.#endPass();
    encodeBetweenPasses(this.#openEncoder(), command);
    for (const memory of memoriesOf(command)) memory.usedIn = this.#encoderNumber;
  }

  /** `queue.writeBuffer` overtakes commands in an open encoder: those that use the buffer are submitted first. */
  #write(memory: GpuMemory, offsetBytes: number, data: GPUAllowSharedBufferSource): void {
    this.#checkOpen();
    if (memory.usedIn === this.#encoderNumber || this.#replayedIn === this.#encoderNumber) this.flush();
    this.#device.queue.writeBuffer(memory.buffer, offsetBytes, data);
  }

  #bindGroup(kernel: Kernel, { id, layout }: Pipeline, { bindings, uniforms }: Call): GPUBindGroup {
    const slot = this.#uniforms.slot(kernel, uniforms);
    let key = `${id}|${slot?.key ?? ''}`;
    const names = [...kernel.inputs, ...kernel.outputs];
    for (const name of names) {
      const { memory, offset, size } = bindings[name]!;
      key += `|${(memory as GpuMemory).id},${offset},${size}`;
    }
    const known = this.#bindGroups.get(key);
    if (known) return known;

    checkAliasing(kernel, bindings);
    const resources: GPUBufferBinding[] = names.map((name) => resourceOf(kernel, bindings[name]!));
    if (slot) resources.unshift(slot.resource);
    if (kernel.readsStep) resources.push({ buffer: this.#stepBuffer.buffer });
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const bindGroup = this.#device.createBindGroup({ label: kernel.name, layout, entries });
    if (this.#bindGroups.size >= MAX_BIND_GROUPS) this.#bindGroups.clear();
    this.#bindGroups.set(key, bindGroup);
    return bindGroup;
  }

  #openEncoder(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder({ label: 'limbeck' });
    return this.#encoder;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the device was closed; open another');
    this.opened.throwIfFailed();
  }
}

export interface OpenGpuOptions extends OpenDeviceOptions {
  /** What `autotune` found on this adapter before. */
  tuning?: Tuning;
}

/**
 * Opens a WebGPU device: Dawn in Node, `navigator.gpu` in browsers and Deno.
 *
 * @throws AdapterError if there is none, or none of that name; the message says how to get one. Error if `tuning` is of
 * another adapter.
 */
export async function openGpu({ tuning, ...options }: OpenGpuOptions = {}): Promise<GpuBackend> {
  const backend = new GpuBackend(await openDevice(options));
  if (!tuning) return backend;
  if (tuning.adapter !== backend.name) {
    backend.close();
    throw new Error(
      `openGpu: the tuning is of '${tuning.adapter}', the adapter '${backend.name}'; autotune again`,
    );
  }
  backend.variants = { choices: new Map(Object.entries(tuning.choices)) };
  return backend;
}
