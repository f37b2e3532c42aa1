/** Commands on their way to the GPU: the open encoder, its submits, and what of them turned out to be lost. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Binding, Call } from '../backend.ts';
import type { BufferPool, GpuMemory } from './buffer-pool.ts';
import type { Faults, Suspect } from './faults.ts';
import type { Pipeline } from './pipelines.ts';
import {
  type EncodedClear,
  type EncodedCopy,
  type EncodedDispatch,
  encodeBetweenPasses,
  memoriesOf,
} from './recording.ts';
import { errorAmong, isDoubtful, isSuspected, isWhole, suspectsOf } from './suspicion.ts';

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

export class CommandStream {
  readonly #device: GPUDevice;
  readonly #pool: BufferPool;
  readonly #faults: Faults;
  dispatches = 0;
  submits = 0;
  /** What the open encoder uses and is not known to be valid. */
  #causes = new Set<Suspect>();
  /** Encoders whose commands were refused, and those after them until that was known, which may have used their results. */
  readonly #losses: { from: number; to: number; error: Error }[] = [];
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** Of the open encoder, or the next one. */
  #number = 0;
  /** The encoder that last replayed a recording, which uses buffers that only it knows. */
  #replayedIn = -1;

  constructor(device: GPUDevice, pool: BufferPool, faults: Faults) {
    this.#device = device;
    this.#pool = pool;
    this.#faults = faults;
  }

  /** A dispatch that is encoded for the first time; `more` is memory that it reads besides. */
  dispatch(encoded: EncodedDispatch, pipeline: Pipeline, call: Call, more: readonly GpuMemory[]): void {
    const { kernel } = encoded;
    const memories = Object.values(call.bindings).map(({ memory }) => memory as GpuMemory);
    const isNew = !pipeline.suspect.isKnown;
    const isSeparate = (isNew && pipeline.uses++ < SEPARATE_USES) || memories.some(isDoubtful);
    if (isSeparate) this.flush();
    // All of them are looked at, so that what is known by now is forgotten.
    if (memories.filter(isSuspected).length > 0 || isNew) this.#suspectDispatch(kernel, pipeline, call);
    for (const memory of [...memories, ...more]) memory.usedIn = this.#number;
    for (const name of kernel.outputs) (call.bindings[name]!.memory as GpuMemory).writtenIn = this.#number;
    this.encode(encoded);
    if (isSeparate) this.flush(true);
  }

  /** What follows replays commands, which write these memories. */
  beginReplay(written: Iterable<GpuMemory>): void {
    this.#replayedIn = this.#number;
    for (const memory of written) memory.writtenIn = this.#number;
  }

  encode({ pipeline, bindGroup, workgroups }: EncodedDispatch): void {
    const pass = (this.#pass ??= this.#openEncoder().beginComputePass());
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
    this.dispatches++;
    totalDispatches++;
  }

  encodeOther(command: EncodedClear | EncodedCopy): void {
    this.#endPass();
    encodeBetweenPasses(this.#openEncoder(), command);
    for (const memory of memoriesOf(command)) memory.usedIn = this.#number;
    ('cleared' in command ? command.cleared : command.target).writtenIn = this.#number;
  }

  /** To a buffer that is read by the host, in commands that are submitted; `done` knows whether they were refused. */
  copyToStaging({ memory, offset }: Binding, staging: GPUBuffer, sizeBytes: number): Suspect | undefined {
    const source = memory as GpuMemory;
    this.#endPass();
    this.#openEncoder().copyBufferToBuffer(source.buffer, offset * 4, staging, 0, sizeBytes);
    for (const suspect of source.suspects ?? []) this.#causes.add(suspect);
    return this.flush(isDoubtful(source));
  }

  /**
   * Submits what is encoded. Called by reads, and by writes to a buffer that waiting commands use. `isSeparate`: it is one command
   * with what may be invalid, of which its results know.
   */
  flush(isSeparate = false): Suspect | undefined {
    this.#endPass();
    const encoder = this.#encoder;
    if (!encoder) return undefined;
    const number = this.#number;
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
          this.#losses.push({ from: number, to: this.#number, error: suspect.error });
        }
        return error ? undefined : suspect.error;
      },
      ['validation'],
    );
    this.#causes = new Set();
    this.#encoder = undefined;
    this.#number++;
    this.submits++;
    return suspect;
  }

  /** `queue.writeBuffer` overtakes commands in an open encoder: those that use the buffer are submitted first. */
  write(memory: GpuMemory, offsetBytes: number, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    if (memory.usedIn === this.#number || this.#replayedIn === this.#number) this.flush();
    const write = () => this.#device.queue.writeBuffer(memory.buffer, offsetBytes, data);
    const { suspect } = memory;
    if (suspect.isKnown && !suspect.error) return write();
    const refused = (message: string) =>
      suspect.error ? undefined : new Error(`${memory.label}: cannot be written. ${message}`);
    this.#faults.watch(write, { isKnown: false }, refused, ['validation']);
  }

  /** What is computed from numbers under suspicion is too. `isNew`: what `to` held before is gone. */
  suspect(from: readonly Binding[], to: readonly Binding[], isNew: boolean, pipeline?: Suspect): void {
    const all = from.flatMap(({ memory }) => [...((memory as GpuMemory).suspects ?? [])]);
    if (pipeline) all.push(pipeline);
    for (const { memory, offset, size } of to) {
      const target = memory as GpuMemory;
      const kept = isNew && isWhole(target, offset, size) ? [target.suspect] : (target.suspects ?? []);
      target.suspects = suspectsOf([...all, ...kept]);
      for (const suspect of target.suspects ?? []) this.#causes.add(suspect);
    }
  }

  /** Why numbers that were written in an encoder are lost, if they are. */
  lost(writtenIn: number): Error | undefined {
    return this.#losses.find(({ from, to }) => writtenIn >= from && writtenIn <= to)?.error;
  }

  #suspectDispatch(kernel: Kernel, { suspect }: Pipeline, { bindings }: Call): void {
    const inputs = kernel.inputs.map((name) => bindings[name]!);
    const changed = kernel.inout.map((name) => bindings[name]!);
    for (const name of kernel.outputs) {
      const isNew = !kernel.inout.includes(name);
      this.suspect([...inputs, ...changed], [bindings[name]!], isNew, suspect);
    }
  }

  #openEncoder(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder({ label: 'limbeck' });
    return this.#encoder;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
