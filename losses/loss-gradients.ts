/** A fused loss on the tape: its gradients are at hand, and those that are recorded themselves come from its meaning. */
import { grad } from '../engine/grad.ts';
import { mul } from '../engine/ops/pointwise/elementwise.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { isRecording, record } from '../engine/tape.ts';
import { type Tensor, view } from '../engine/tensor.ts';

export interface FusedResults {
  readonly name: string;
  readonly value: Tensor;
  /** By the inputs of `wrt`, in their order. */
  readonly derivatives: readonly Tensor[];
  readonly given: Readonly<Record<string, Tensor>>;
  readonly wrt: readonly string[];
  /** The definition, in ops. */
  meaning(tensors: Readonly<Record<string, Tensor>>): Tensor;
}

export function recordLoss({ name, value, derivatives, given, wrt, meaning }: FusedResults): Tensor {
  const leaves = wrt.map((key) => given[key]!);
  // The others are recorded as well, so that a later write to them is noticed; no gradient flows there.
  const others = Object.keys(given).filter((key) => !wrt.includes(key));
  return record(name, value, [...leaves, ...others.map((key) => given[key]!)], (g, needs) =>
    isRecording()
      ? recordedGradients(meaning, given, { wrt, needs, seed: g })
      : derivatives.map((derivative, i) => (needs[i] ? scaled(g, derivative) : undefined)),
  );
}

/** The gradients by their meaning. By copies of the leaves: one tensor may be several of the inputs. */
function recordedGradients(
  meaning: FusedResults['meaning'],
  given: Readonly<Record<string, Tensor>>,
  { wrt, needs, seed }: { wrt: readonly string[]; needs: readonly boolean[]; seed: Tensor },
): (Tensor | undefined)[] {
  const wanted = wrt.filter((_, i) => needs[i]);
  const copies = wanted.map((key) =>
    record('copy', view(given[key]!, given[key]!.shape), [given[key]!], (g) => [g]),
  );
  const tensors = { ...given, ...Object.fromEntries(wanted.map((key, i) => [key, copies[i]!])) };
  const gradients = grad(meaning(tensors), copies, { seed, createGraph: true, allowUnused: true });
  return wrt.map((key) => gradients[wanted.indexOf(key)]);
}

/** Each mean's derivatives times its seed; that is often a known 1: nothing to multiply. */
function scaled(g: Tensor, derivative: Tensor): Tensor {
  if (g.isOne) return derivative;
  const missing = derivative.shape.length - g.shape.length;
  return mul(reshape(g, [...g.shape, ...Array<number>(missing).fill(1)]), derivative);
}
