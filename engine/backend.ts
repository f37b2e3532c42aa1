/** What a backend must do: hold memory, run kernels on it in order, and give numbers back. */
import type { Kernel } from '../kernels/kernel.ts';
import type { Step } from './step.ts';
import type { Variants } from './tuning.ts';

export type DType = 'f32' | 'u32';

/** A piece of a backend's memory. Only the backend that made it looks inside. */
export interface Memory {
  readonly label: string;
}

/** A contiguous part of a memory, in elements of four bytes. */
export interface Binding {
  readonly memory: Memory;
  readonly offset: number;
  readonly size: number;
  /** The tensor that it was asked of. */
  readonly holder?: Holder | undefined;
}

/** A tensor as a recorded step sees it: to name it, and to find out whether it is where it was. */
export interface Holder {
  readonly label: string;
  /** Grows with time. */
  readonly serial: number;
  /** What this is a view of. */
  readonly base: Holder | undefined;
  readonly isDisposed: boolean;
  readonly binding: Binding;
  /** A recorded step uses it: `Step.departures` counts when it leaves. */
  isBound: boolean;
}

/** One dispatch: what each name of the kernel means this time. */
export interface Call {
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly uniforms: Readonly<Record<string, number>>;
  /** At most 65,535 each. */
  readonly workgroups: readonly [number, number, number];
}

/** Float32Array or Uint32Array from the GPU, Float64Array from the CPU backend. */
export type Values = Float32Array | Float64Array | Uint32Array;

export interface BackendStats {
  dispatches: number;
  submits: number;
  /** Buffers in use or waiting for reuse, those for uniforms and read-back included, and their bytes. */
  buffers: number;
  sizeBytes: number;
}

/**
 * Calls take effect in the order they are made; nothing but `read` waits. A backend knows nothing of shapes or
 * gradients.
 */
export interface Backend {
  readonly kind: 'gpu' | 'cpu';
  /** For people: 'llvmpipe (LLVM 15.0.6, 256 bits)', 'cpu reference (float64)'. */
  readonly name: string;
  /** Whether kernels run on CPU cores, where few workgroups are better than many. */
  readonly isSoftware: boolean;
  /** Invocations of the smallest subgroup that kernels may meet; 0 where there are none to be used. */
  readonly subgroupSize: number;
  /** Inputs and outputs that a kernel may have; 8 at least. */
  readonly maxStorageBuffers: number;
  /** Bytes of the largest buffer that a kernel can bind. */
  readonly maxBinding: number;
  /** What changes from step to step. */
  readonly step: Step;
  /** Choices among kernels that give the same bits; undefined where the rules choose. */
  readonly variants?: Variants | undefined;
  /** Contents are unspecified: memory is reused. Padding to a multiple of 256 bytes belongs to it. */
  allocate(size: number, label: string): Memory;
  /** The memory may be reused by the next `allocate`. */
  release(memory: Memory): void;
  /** Sets all bytes, padding too, to zero. */
  clear(memory: Memory): void;
  /** Copies as many elements as `from` has to where `to` begins, in another memory. */
  copy(from: Binding, to: Binding): void;
  upload(binding: Binding, values: ArrayLike<number>, dtype: DType): void;
  /** Waits for all work before it. Throws the first thing that went wrong on the device. */
  read(binding: Binding, dtype: DType): Promise<Values>;
  /** Whether the backend has what the kernel needs: the CPU needs a reference. */
  canRun(kernel: Kernel): boolean;
  dispatch(kernel: Kernel, call: Call): void;
  stats(): BackendStats;
  /** Frees everything. Tensors of a closed backend throw. */
  close(): void;
}
