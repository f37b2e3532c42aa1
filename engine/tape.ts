/** The tape: what was computed from what, and how its gradient is computed. `grad.ts` walks it. */
import { listening } from './listener.ts';
import type { Tensor } from './tensor.ts';

/**
 * The vector-Jacobian product of an op: the output's cotangent `g` to one cotangent an input. It is made of ops, so
 * that it can be differentiated again. `needs[i]` says whether input i is wanted; anything may be returned where not.
 */
export type Vjp = (g: Tensor, needs: readonly boolean[]) => readonly (Tensor | undefined)[];

export interface TapeNode {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** In-place writes that each input's storage had seen. */
  readonly versions: readonly number[];
  /** The same of the output, which many a VJP uses. */
  readonly outputVersion: number;
  readonly vjp: Vjp;
}

let recording = true;

/** False inside `noGrad`, and while a gradient is computed without `createGraph`. */
export function isRecording(): boolean {
  return recording;
}

/** Whether gradients can flow to `x`. */
export function isTracked(x: Tensor): boolean {
  return x.requiresGrad || x.node !== undefined;
}

/**
 * Says that `y` was computed by `op` from `inputs`, and returns `y` itself, so that a VJP which closes over `y` sees
 * the recorded tensor (a detached copy would pass the first order and fail the second).
 */
export function record(op: string, y: Tensor, inputs: readonly Tensor[], vjp: Vjp): Tensor {
  if (recording && inputs.some(isTracked)) {
    const versions = inputs.map((x) => x.storage.version);
    y.node = { op, inputs, versions, outputVersion: y.storage.version, vjp };
  }
  listening.to?.computed(op, y, inputs);
  return y;
}

/** Runs `f` without recording: for evaluation, and for the teacher's predictions. */
export function noGrad<T>(f: () => T): T {
  return withRecording(false, f);
}

export function withRecording<T>(on: boolean, f: () => T): T {
  const before = recording;
  recording = on;
  try {
    return f();
  } finally {
    recording = before;
  }
}
