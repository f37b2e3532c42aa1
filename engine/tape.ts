/** The tape: what was computed from what, and how its gradient is computed. `grad.ts` walks it. */
import type { FusedActivation } from '../kernels/matmul/matmul-options.ts';
import { checkFunction, checkList, inWords } from './borders.ts';
import { listening } from './listener.ts';
import type { Tensor } from './tensor.ts';

/**
 * The vector-Jacobian product of an op: the output's cotangent `g` to one cotangent an input. It is made of ops, so
 * that it can be differentiated again. `needs[i]` says whether input i is wanted; anything may be returned where not.
 */
export type Vjp = (g: Tensor, needs: readonly boolean[], way?: Way) => readonly (Tensor | undefined)[];

/** What a VJP may save: passes over a cotangent that the dispatch which computes it can do as well. */
export interface Way {
  /** `g` has been taken through the op's own `gate` already. */
  readonly isUngated: boolean;
  /** For each input; undefined where there is nothing to save. */
  readonly next: readonly (Destination | undefined)[];
}

/** An input that an op with a gate has computed, and whose last cotangent is being asked for. */
export interface Destination {
  /** Sum of the other cotangents. */
  readonly sum: Tensor | undefined;
  readonly gate: FusedActivation;
  /** To be set by a VJP which has added `sum` and gone back through the gate. */
  isReached: boolean;
}

export interface TapeNode {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** In-place writes that each input's storage had seen. */
  readonly versions: readonly number[];
  /** The same of the output, which many a VJP uses. */
  readonly outputVersion: number;
  readonly vjp: Vjp;
  /** The op ends in this activation, and its VJP begins with the activation's gradient. */
  readonly gate: FusedActivation | undefined;
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
export function record(
  op: string,
  y: Tensor,
  inputs: readonly Tensor[],
  vjp: Vjp,
  gate?: FusedActivation,
): Tensor {
  if (typeof vjp !== 'function' || !Array.isArray(inputs)) refuseRecord(op, inputs, vjp);
  if (recording && inputs.some(isTracked)) {
    const versions = inputs.map((x) => x.storage.version);
    y.node = { op, inputs, versions, outputVersion: y.storage.version, vjp, gate };
  }
  listening.to?.computed(op, y, inputs);
  return y;
}

/** Apart, because every op comes by. */
function refuseRecord(op: string, inputs: unknown, vjp: unknown): void {
  checkList(`record: ${inWords(op)}`, 'inputs', inputs as readonly unknown[]);
  checkFunction(`record: ${inWords(op)}`, 'vjp', vjp);
}

/** Runs `f` without recording: for evaluation, and for the teacher's predictions. */
export function noGrad<T>(f: () => T): T {
  checkFunction('noGrad', 'what it is given', f);
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
