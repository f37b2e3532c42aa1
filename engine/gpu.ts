/** The WebGPU backend: pipelines by source, one open compute pass for many dispatches, submit at read-back. */
import type { Kernel } from '../kernels/kernel.ts';
import type { Backend, BackendStats, Binding, Call, DType, Values } from './backend.ts';
import { BufferPool, type GpuMemory } from './buffer-pool.ts';
import { Faults, type Suspect } from './faults.ts';
import { type OpenDevice, type OpenDeviceOptions, openDevice } from './device.ts';
import { checkAliasing, resourceOf } from './resources.ts';
import { errorAmong, isDoubtful, isSuspected, isWhole, suspectsOf } from './suspicion.ts';
import { patienceOf } from './patience.ts';
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
import { Step } from './step.ts';
import { UniformArena } from './uniform-arena.ts';
import type { Tuning, Variants } from './variants.ts';

/** Bind groups kept for reuse; a training loop meets the same ones every step. */
const MAX_BIND_GROUPS = 8192;

/**
 * A kernel that is new is used in commands of its own until it is known to be valid, up to so many
 * times: were it not, all commands submitted with it would be lost. More would cost loops that never let JavaScript hear of it.
 */
const SEPARATE_USES = 8;

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
  readonly #faults: Faults;
  /** What the open encoder uses and is not known to be valid. */
  #causes = new Set<Suspect>();
  /** Encoders whose commands were refused, and those after them until that was known, which may have used their results. */
  readonly #losses: { from: number; to: number; error: Error }[] = [];
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
    this.#faults = new Faults(this.#device, opened.report);
    this.#pool = new BufferPool(this.#device, this.#faults);
    this.#pipelines = new PipelineCache(this.#device, opened.math, this.#faults);
    this.#uniforms = new UniformArena(this.#device);
    this.#staging = new StagingBuffers(this.#device);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ label: 'step', size: 256, usage });
    const shared = { id: -1, label: 'step', usedIn: -1, writtenIn: -1, isHeld: true, captures: 0 };
    const known = { suspect: { isKnown: true }, suspects: undefined };
    this.#stepBuffer = { ...shared, ...known, buffer, sizeBytes: 256 };
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
    memory.suspects = suspectsOf([memory.suspect]);
    this.#encodeOther({ cleared: memory });
  }

  copy(from: Binding, to: Binding): void {
    this.#checkOpen();
    if (from.size === 0) return;
    this.#suspect([from], [to], false);
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
    if (typed.length === 0) return;
    const target = memory as GpuMemory;
    if (isWhole(target, offset, typed.length)) target.suspects = suspectsOf([target.suspect]);
    this.#write(target, offset * 4, typed);
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
    const source = memory as GpuMemory;
    if (isDoubtful(source)) this.flush();
    const { suspects, writtenIn } = source;
    const read: Suspect = { isKnown: false };
    const refused = (message: string) =>
      errorAmong(suspects) ?? new Error(`${memory.label}: cannot be read. ${message}`);
    const staging = this.#faults.watch(() => this.#staging.take(sizeBytes), read, refused);
    let bytes: ArrayBuffer;
    try {
      this.#endPass();
      this.#openEncoder().copyBufferToBuffer(source.buffer, offset * 4, staging, 0, sizeBytes);
      for (const suspect of suspects ?? []) this.#causes.add(suspect);
      const submitted = this.flush(isDoubtful(source));
      const mapped = this.opened.waitFor(staging.mapAsync(GPUMapMode.READ, 0, sizeBytes));
      await this.#patiently(mapped, this.#dispatches);
      await this.#faults.settled();
      this.opened.throwIfFailed();
      // What came to be known is of the numbers as they were when the read was asked for.
      const error = errorAmong(suspects) ?? this.#lost(writtenIn) ?? submitted?.error ?? read.error;
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
    const memories = Object.values(call.bindings).map(({ memory }) => memory as GpuMemory);
    const isNew = !pipeline.suspect.isKnown;
    const isSeparate = (isNew && pipeline.uses++ < SEPARATE_USES) || memories.some(isDoubtful);
    if (isSeparate) this.flush();
    // All of them are looked at, so that what is known by now is forgotten.
    if (memories.filter(isSuspected).length > 0 || isNew) this.#suspectDispatch(kernel, pipeline, call);
    for (const memory of memories) memory.usedIn = this.#encoderNumber;
    for (const name of kernel.outputs)
      (call.bindings[name]!.memory as GpuMemory).writtenIn = this.#encoderNumber;
    if (kernel.readsStep) this.#stepBuffer.usedIn = this.#encoderNumber;
    const encoded = { kernel, pipeline: pipeline.pipeline, bindGroup, workgroups: call.workgroups };
    this.#recording?.add(encoded, call);
    this.#encode(encoded);
    if (isSeparate) this.flush(true);
  }

  /**
   * Submits what is encoded. Called by reads, and by writes to a buffer that waiting commands use. `isSeparate`: it is one command
   * with what may be invalid, of which its results know.
   */
  flush(isSeparate = false): Suspect | undefined {
    this.#endPass();
    const encoder = this.#encoder;
    if (!encoder) return undefined;
    const number = this.#encoderNumber;
    const causes = this.#causes;
    const suspect: Suspect = { isKnown: false };
    this.#faults.watch(
      () => this.#device.queue.submit([encoder.finish()]),
      suspect,
      (message) => {
        // Of commands that were invalid nothing was carried out, and what came after may have used their results.
        const error = errorAmong(causes);
        suspect.error =
          error ?? new Error(`the GPU refuses commands; what they were to compute is lost. ${message}`);
        if (!error || !isSeparate) {
          this.#pool.taint(number, suspect);
          this.#losses.push({ from: number, to: this.#encoderNumber, error: suspect.error });
        }
        return error ? undefined : suspect.error;
      },
      ['validation'],
    );
    this.#causes = new Set();
    this.#encoder = undefined;
    this.#encoderNumber++;
    this.#submits++;
    return suspect;
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
  replay({ commands, hooks, written }: Recording): void {
    this.#checkOpen();
    if (this.#faults.hasFailed)
      for (const command of commands) if (isDispatch(command)) this.#pipelines.get(command.kernel);
    for (const hook of hooks) hook();
    this.#replayedIn = this.#encoderNumber;
    for (const memory of written) memory.writtenIn = this.#encoderNumber;
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
    ('cleared' in command ? command.cleared : command.target).writtenIn = this.#encoderNumber;
  }

  /** Why numbers that were written in an encoder are lost, if they are. */
  #lost(writtenIn: number): Error | undefined {
    return this.#losses.find(({ from, to }) => writtenIn >= from && writtenIn <= to)?.error;
  }

  #suspectDispatch(kernel: Kernel, { suspect }: Pipeline, { bindings }: Call): void {
    const inputs = kernel.inputs.map((name) => bindings[name]!);
    const changed = kernel.inout.map((name) => bindings[name]!);
    for (const name of kernel.outputs) {
      const isNew = !kernel.inout.includes(name);
      this.#suspect([...inputs, ...changed], [bindings[name]!], isNew, suspect);
    }
  }

  /** What is computed from numbers under suspicion is too. */
  #suspect(from: readonly Binding[], to: readonly Binding[], isNew: boolean, pipeline?: Suspect): void {
    const all = from.flatMap(({ memory }) => [...((memory as GpuMemory).suspects ?? [])]);
    if (pipeline) all.push(pipeline);
    for (const { memory, offset, size } of to) {
      const target = memory as GpuMemory;
      const kept = isNew && isWhole(target, offset, size) ? [target.suspect] : (target.suspects ?? []);
      target.suspects = suspectsOf([...all, ...kept]);
      for (const suspect of target.suspects ?? []) this.#causes.add(suspect);
    }
  }

  /** `queue.writeBuffer` overtakes commands in an open encoder: those that use the buffer are submitted first. */
  #write(memory: GpuMemory, offsetBytes: number, data: GPUAllowSharedBufferSource): void {
    this.#checkOpen();
    if (memory.usedIn === this.#encoderNumber || this.#replayedIn === this.#encoderNumber) this.flush();
    const write = () => this.#device.queue.writeBuffer(memory.buffer, offsetBytes, data);
    const { suspect } = memory;
    if (suspect.isKnown && !suspect.error) write();
    else
      this.#faults.watch(
        write,
        { isKnown: false },
        (message) =>
          suspect.error ? undefined : new Error(`${memory.label}: cannot be written. ${message}`),
        ['validation'],
      );
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
    this.opened.throwIfLost();
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
