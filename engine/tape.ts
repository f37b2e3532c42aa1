/** The tape: what was computed from what, and how its gradient is computed. `grad.ts` walks it. */
import type { FusedActivation } from '../kernels/matmul/matmul-options.ts';
import { checkFunction, checkList, inWords } from './borders.ts';
import { listening } from './listener.ts';
import type { DestinationOf, TapeNodeOf, VjpOf, WayOf } from './tape-node.ts';
import type { Tensor } from './tensor.ts';

export type Vjp = VjpOf<Tensor>;
export type TapeNode = TapeNodeOf<Tensor>;
export type Way = WayOf<Tensor>;
export type Destination = DestinationOf<Tensor>;

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
    const versions = inputs.map((x) => x.writes.version);
    y.node = { op, inputs, versions, outputVersion: y.writes.version, vjp, gate };
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
