/** The WebGPU backend: pipelines by source, one open compute pass for many dispatches, submit at read-back. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Backend, BackendStats, Binding, Call, DType, Values } from '../backend.ts';
import { checkOptions } from '../borders.ts';
import { BufferPool, type GpuMemory, memoryOf } from './buffer-pool.ts';
import { CommandStream } from './command-stream.ts';
import { type OpenDevice, type OpenDeviceOptions, openDevice } from '../device/device.ts';
import { Faults, type Suspect } from './faults.ts';
import { checkAliasing, resourceOf } from './resources.ts';
import { patienceOf } from '../device/patience.ts';
import { type Pipeline, PipelineCache } from './pipelines.ts';
import { type EncodedClear, type EncodedCopy, isDispatch, Recording } from './recording.ts';
import { StagingBuffers } from './staging-buffers.ts';
import { Step } from '../step.ts';
import { errorAmong, isDoubtful, isWhole, suspectsOf } from './suspicion.ts';
import { UniformArena } from './uniform-arena.ts';
import type { Tuning, Variants } from '../tuning.ts';

/** Bind groups kept for reuse; a training loop meets the same ones every step. */
const MAX_BIND_GROUPS = 8192;

export class GpuBackend implements Backend {
  readonly kind = 'gpu';
  readonly name: string;
  readonly isSoftware: boolean;
  readonly subgroupSize: number;
  readonly maxStorageBuffers: number;
  readonly maxBinding: number;
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
  readonly #faults: Faults;
  readonly #stream: CommandStream;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #isClosed = false;

  constructor(opened: OpenDevice) {
    this.opened = opened;
    this.#device = opened.device;
    this.name = opened.info.name;
    this.isSoftware = opened.info.isSoftware;
    this.#patiently = patienceOf(opened.info);
    this.subgroupSize = opened.info.subgroupSize;
    const { limits } = this.#device;
    this.maxStorageBuffers = limits.maxStorageBuffersPerShaderStage;
    this.maxBinding = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
    this.#faults = new Faults(this.#device, opened.report);
    this.#pool = new BufferPool(this.#device, this.#faults);
    this.#stream = new CommandStream(this.#device, this.#pool, this.#faults);
    this.#pipelines = new PipelineCache(this.#device, opened.math, this.#faults);
    this.#uniforms = new UniformArena(this.#device);
    this.#staging = new StagingBuffers(this.#device);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ label: 'step', size: 256, usage });
    const suspect = { isKnown: true };
    this.#stepBuffer = memoryOf({ id: -1, label: 'step', buffer, sizeBytes: 256, suspect });
    this.step = new Step((step) => this.#write(this.#stepBuffer, 0, step.toBytes()));
  }

  allocate(size: number, label: string): GpuMemory {
    this.#checkOpen();
    const memory = this.#pool.allocate(size * 4, label);
    this.#recording?.noteAllocation(memory);
    return memory;
  }

  release(memory: GpuMemory): void {
    if (memory.captures > 0) this.step.departures++;
    this.#pool.release(memory);
  }

  clear(memory: GpuMemory): void {
    this.#checkOpen();
    memory.suspects = suspectsOf([memory.suspect]);
    this.#encodeOther({ cleared: memory }, { memory: { memory, offset: 0, size: memory.sizeBytes / 4 } });
  }

  copy(from: Binding, to: Binding): void {
    if (from.size === 0) return;
    this.#checkOpen();
    this.#stream.suspect([from], [to], false);
    const [source, target] = [from.memory as GpuMemory, to.memory as GpuMemory];
    const [sourceOffset, targetOffset, sizeBytes] = [from.offset * 4, to.offset * 4, from.size * 4];
    const command = { source, sourceOffset, target, targetOffset, sizeBytes };
    this.#encodeOther(command, { source: from, target: to });
  }

  upload({ memory, offset }: Binding, values: ArrayLike<number>, dtype: DType): void {
    this.#recording?.noteUpload(memory as GpuMemory);
    const typed = dtype === 'u32' ? Uint32Array.from(values) : Float32Array.from(values);
    if (typed.length === 0) return;
    const target = memory as GpuMemory;
    if (isWhole(target, offset, typed.length)) target.suspects = suspectsOf([target.suspect]);
    this.#write(target, offset * 4, typed);
  }

  read(binding: Binding, dtype: DType): Promise<Values> {
    // At once, where the step can be seen on the stack, and not when the promise is awaited.
    this.#recording?.forbid(`'${binding.memory.label}' is read`);
    return this.#read(binding, dtype);
  }

  async #read(binding: Binding, dtype: DType): Promise<Values> {
    this.#checkOpen();
    const { memory, size } = binding;
    if (size === 0) return dtype === 'u32' ? new Uint32Array(0) : new Float32Array(0);
    const sizeBytes = size * 4;
    const source = memory as GpuMemory;
    if (isDoubtful(source)) this.flush();
    const { suspects, writtenIn } = source;
    const read: Suspect = { isKnown: false };
    const refused = (message: string) =>
      errorAmong(suspects) ?? new Error(`${memory.label}: cannot be read. ${message}`);
    const staging = this.#faults.watch(() => this.#staging.take(sizeBytes), read, refused);
    let bytes: ArrayBuffer;
    try {
      const submitted = this.#stream.copyToStaging(binding, staging, sizeBytes);
      const mapped = this.opened.waitFor(staging.mapAsync(GPUMapMode.READ, 0, sizeBytes));
      await this.#patiently(mapped, this.#stream.dispatches);
      await this.#faults.settled();
      this.opened.throwIfFailed();
      // What came to be known is of the numbers as they were when the read was asked for.
      const error = errorAmong(suspects) ?? this.#stream.lost(writtenIn) ?? submitted?.error ?? read.error;
      if (error) throw error;
      bytes = staging.getMappedRange(0, sizeBytes).slice(0);
    } catch (error) {
      this.#staging.discard(staging);
      throw error;
    }
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
    const encoded = { kernel, pipeline: pipeline.pipeline, bindGroup, workgroups: call.workgroups };
    this.#recording?.add(encoded, call.bindings, call);
    this.#stream.dispatch(encoded, pipeline, call, kernel.readsStep ? [this.#stepBuffer] : []);
  }

  /** Submits what is encoded. Called by reads, and by writes to a buffer that waiting commands use. */
  flush(): void {
    this.#stream.flush();
  }

  /**
   * Runs `f` and returns its dispatches and clears, to be carried out again with `replay`. Their buffers are nobody
   * else's until `forget`. `capture` is the way to use it.
   *
   * @throws at the first command that differs from `like`, and at an upload or a read inside it; both as capture says.
   */
  record(
    f: (recording: Recording) => void,
    { where = 'record', like }: { where?: string; like?: Recording } = {},
  ): Recording {
    const recording = new Recording(where, this.step.departures, like);
    this.step.recordBy(recording, () => {
      f(recording);
      recording.finish();
    });
    this.#pool.reserve(recording.memories);
    return recording;
  }

  /** Carries out a recording again, on the same buffers. Throws if a tensor or a slot that it uses is gone. */
  replay(recording: Recording): void {
    this.#checkOpen();
    recording.check(this.step.departures);
    if (this.#faults.hasFailed)
      for (const command of recording.commands) if (isDispatch(command)) this.#pipelines.get(command.kernel);
    for (const { hooks, commands } of recording.parts) {
      for (const hook of hooks) hook();
      this.#stream.beginReplay(recording.written);
      for (const command of commands) {
        if (isDispatch(command)) this.#stream.encode(command);
        else this.#stream.encodeOther(command);
      }
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
    return { dispatches: this.#stream.dispatches, submits: this.#stream.submits, buffers, sizeBytes };
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

  #encodeOther(command: EncodedClear | EncodedCopy, bindings: Call['bindings']): void {
    this.#recording?.add(command, bindings);
    this.#stream.encodeOther(command);
  }

  #write(memory: GpuMemory, offsetBytes: number, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    this.#checkOpen();
    this.#stream.write(memory, offsetBytes, data);
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
    const bindGroup = this.#faults.watch(
      () => this.#device.createBindGroup({ label: kernel.name, layout, entries }),
      { isKnown: false },
      (message) => {
        const own = names.map((name) => (bindings[name]!.memory as GpuMemory).suspect);
        this.#bindGroups.delete(key);
        return errorAmong(own)
          ? undefined
          : new Error(`${kernel.name}: the GPU refuses its tensors. ${message}`);
      },
      ['validation'],
    );
    if (this.#bindGroups.size >= MAX_BIND_GROUPS) this.#bindGroups.clear();
    this.#bindGroups.set(key, bindGroup);
    return bindGroup;
  }

  get #recording(): Recording | undefined {
    return this.step.recorder as Recording | undefined;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the device was closed; open another');
    this.opened.throwIfLost();
  }
}

export interface OpenGpuOptions extends OpenDeviceOptions {
  /** What `autotune` found on this adapter before. */
  tuning?: Tuning | undefined;
}

/**
 * Opens a WebGPU device: Dawn in Node, `navigator.gpu` in browsers and Deno.
 *
 * @throws AdapterError if there is none, or none of that name; the message says how to get one. Error if `tuning` is of
 * another adapter.
 */
export async function openGpu(given: OpenGpuOptions = {}): Promise<GpuBackend> {
  checkOptions('openGpu', given, 'tuning adapter math');
  const { tuning, ...options } = given;
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
