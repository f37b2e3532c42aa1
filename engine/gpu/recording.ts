/** What a step did, command by command: to compare it with the step before, and to carry it out again. */
import type { Kernel } from '../../kernels/kernel.ts';
import type { Call } from '../backend.ts';
import type { GpuMemory } from './buffer-pool.ts';

/** One dispatch as the GPU gets it. */
export interface EncodedDispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Memory set to zero between two dispatches. */
export interface EncodedClear {
  readonly cleared: GpuMemory;
}

/** Bytes from one buffer to another between two dispatches. */
export interface EncodedCopy {
  readonly source: GpuMemory;
  readonly sourceOffset: number;
  readonly target: GpuMemory;
  readonly targetOffset: number;
  readonly sizeBytes: number;
}

export type EncodedCommand = EncodedDispatch | EncodedClear | EncodedCopy;

export function isDispatch(command: EncodedCommand): command is EncodedDispatch {
  return 'pipeline' in command;
}

/** Clears and copies stand between compute passes. */
export function encodeBetweenPasses(encoder: GPUCommandEncoder, command: EncodedClear | EncodedCopy): void {
  if ('cleared' in command) {
    encoder.clearBuffer(command.cleared.buffer);
    return;
  }
  const { source, sourceOffset, target, targetOffset, sizeBytes } = command;
  encoder.copyBufferToBuffer(source.buffer, sourceOffset, target.buffer, targetOffset, sizeBytes);
}

/** The buffers that a command without bindings uses. */
export function memoriesOf(command: EncodedClear | EncodedCopy): GpuMemory[] {
  return 'cleared' in command ? [command.cleared] : [command.source, command.target];
}

export class Recording {
  readonly commands: EncodedCommand[] = [];
  /** Every buffer that a command binds. */
  readonly memories = new Set<GpuMemory>();
  /** What JavaScript does before each replay. */
  readonly hooks: (() => void)[] = [];
  /** The commands in words: which kernel, and what must not change from step to step. */
  readonly #texts: string[] = [];
  readonly #where: string;
  #like: Recording | undefined;

  constructor(where: string, like?: Recording) {
    this.#where = where;
    this.#like = like;
  }

  /** Throws if the step that this one should be like had another command here. */
  add(command: EncodedCommand, call?: Call): void {
    const text = isDispatch(command) ? describe(command.kernel, call!) : describeOther(command);
    const index = this.#texts.push(text) - 1;
    this.commands.push(command);
    if (!isDispatch(command)) for (const memory of memoriesOf(command)) this.memories.add(memory);
    for (const { memory } of Object.values(call?.bindings ?? {})) this.memories.add(memory as GpuMemory);
    if (this.#like) this.#compare(index, this.#like.#texts[index], text);
  }

  /** Throws if the step that this one should be like had more commands. From here on that one is not needed. */
  finish(): void {
    const index = this.#texts.length;
    if (this.#like) this.#compare(index, this.#like.#texts[index], undefined);
    this.#like = undefined;
  }

  /** What the host sends cannot be replayed. The first of two steps may make constants. */
  forbidUpload(label: string): void {
    if (this.#like) this.#forbid(`'${label}' is uploaded`);
  }

  forbidRead(label: string): void {
    this.#forbid(`'${label}' is read`);
  }

  #forbid(what: string): never {
    throw new Error(`${this.#where}: ${what} inside the step, which a replay cannot do; do it between steps`);
  }

  #compare(index: number, before: string | undefined, now: string | undefined): void {
    if (before === now) return;
    throw new Error(
      `${this.#where}: the step differs from the one before. Command ${index} was ${before ?? 'none'}, and is now ` +
        `${now ?? 'none'}. What changes from step to step must be on the GPU: a slot of backend.step, or a tensor`,
    );
  }
}

function describeOther(command: EncodedClear | EncodedCopy): string {
  if ('cleared' in command) return `clear of ${command.cleared.sizeBytes} bytes`;
  return `copy of ${command.sizeBytes} bytes to byte ${command.targetOffset}`;
}

/** 'matmul (m 3, n 4, k 5; a 15, b 20, y 12; 1×1×1 workgroups)': all that a replay repeats. */
function describe(kernel: Kernel, { uniforms, bindings, workgroups }: Call): string {
  const numbers = Object.keys(kernel.uniforms).map((name) => `${name} ${uniforms[name]}`);
  const sizes = Object.entries(bindings).map(([name, { size }]) => `${name} ${size}`);
  return `${kernel.name} (${numbers.join(', ')}; ${sizes.join(', ')}; ${workgroups.join('×')} workgroups)`;
}
