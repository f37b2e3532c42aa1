/** Reverse-mode differentiation: walks the tape from a result back to the tensors asked for. */
import { checkOptions } from './borders.ts';
import { listening } from './listener.ts';
import { add } from './ops/pointwise/elementwise.ts';
import { constant, noGradient } from './ops/fill.ts';
import { sameShape, ShapeError, show } from './shape.ts';
import { type Destination, isTracked, type TapeNode, withRecording } from './tape.ts';
import { checkDtype, checkFloats, checkTensor, type Tensor, view, zeros } from './tensor.ts';

export interface GradOptions {
  /** Cotangent of `y`, of its shape; 1 for a scalar if left out. */
  seed?: Tensor | undefined;
  /** `y` is (seeds), a loss for each of several models side by side: each model gets the gradient of its own. */
  perSeed?: boolean | undefined;
  /** Record the gradient's own computation, so that it can be differentiated again. */
  createGraph?: boolean | undefined;
  /** Zeros for an input that `y` does not depend on, instead of an error. */
  allowUnused?: boolean | undefined;
}

/**
 * The derivatives of `y` by each of `xs`: for a scalar its gradient, else the vector-Jacobian product with `seed`.
 * Visits only what lies between `y` and `xs`.
 *
 * @throws if `y` is no scalar and no seed is given, if an x was not recorded, or if a tensor that the gradient needs
 *   was written in place or disposed in the meantime.
 */
export function grad(y: Tensor, xs: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  checkFloats('grad', { y });
  checkOptions('grad', options, 'seed perSeed createGraph allowUnused');
  const { perSeed = false, createGraph = false, allowUnused = false } = options;
  if (!Array.isArray(xs)) throw new Error('grad: wants a list of tensors, such as Object.values(parameters)');
  for (const [i, x] of xs.entries()) {
    checkTensor('grad', `input ${i}`, x);
    if (!isTracked(x)) {
      throw new Error(
        `grad: input ${i} ${describe(x)} was not recorded; make it with { requiresGrad: true }`,
      );
    }
  }
  return withRecording(createGraph, () => {
    const seed = options.seed ?? seedOf(y, perSeed);
    checkDtype('grad', 'seed', seed, 'f32');
    if (!sameShape(seed.shape, y.shape)) {
      throw new ShapeError(`grad: the seed ${show(seed.shape)} has not the shape of y, ${show(y.shape)}`);
    }
    const wanted = new Set(xs);
    const visits = between(y, wanted);
    const walk = walkOf(visits, { y, seed, wanted, createGraph });
    const { cotangents } = walk;
    for (const { output, node } of visits) {
      const g = cotangents.get(output)!;
      if (!wanted.has(output)) cotangents.delete(output);
      if (output.writes.version !== node.outputVersion) {
        throw new Error(
          `grad: ${describe(output)}, the result of ${node.op}, was written in place afterwards`,
        );
      }
      listening.to?.entersBackward(output, node);
      propagate(node, g, walk, walk.ungated.has(output));
      listening.to?.leavesBackward();
    }
    return xs.map((x, i) => {
      const g = cotangents.get(x);
      if (g) return g;
      if (allowUnused) return zeros(x.shape, x.backend);
      throw new Error(
        `grad: y does not depend on input ${i} ${describe(x)}; if y comes from a gradient, take that with { createGraph: true }; if it should not depend on it, { allowUnused: true } gives zeros`,
      );
    });
  });
}

interface Visit {
  output: Tensor;
  node: TapeNode;
}

/** The nodes from which some wanted tensor can be reached, last computed first. */
export function between(y: Tensor, wanted: ReadonlySet<Tensor>): Visit[] {
  // What is older than every wanted tensor cannot depend on one: so the walk of a fused loss stops at its leaves.
  const oldest = Math.min(...[...wanted].map((x) => x.serial));
  const reaches = new Map<TapeNode, boolean>();
  const visits: Visit[] = [];
  const stack: Tensor[] = [y];
  // Depth first without recursion: long chains must not overflow the stack.
  while (stack.length > 0) {
    const output = stack.at(-1)!;
    const { node } = output;
    if (!node || output.serial < oldest || reaches.get(node) !== undefined) {
      stack.pop();
    } else if (node.inputs.some((x) => isOpen(x, oldest, reaches))) {
      for (const x of node.inputs) if (isOpen(x, oldest, reaches)) stack.push(x);
    } else {
      stack.pop();
      checkPaths(node, oldest);
      const answer = node.inputs.some((x) => wanted.has(x) || (x.node && reaches.get(x.node)));
      reaches.set(node, answer);
      if (answer) visits.push({ output, node });
    }
  }
  return visits.sort((a, b) => b.output.serial - a.output.serial);
}

/** A disposed tensor has forgotten its inputs: a path may end here that must not, and the gradient would miss it. */
function checkPaths({ op, inputs }: TapeNode, oldest: number): void {
  const lost = inputs.findIndex((x) => x.wasRecorded && x.serial >= oldest);
  if (lost < 0) return;
  throw new Error(
    `grad: ${describe(inputs[lost]!)}, input ${lost} of ${op}, was disposed; call grad inside tidy`,
  );
}

function isOpen(x: Tensor, oldest: number, reaches: ReadonlyMap<TapeNode, boolean>): boolean {
  return x.node !== undefined && x.serial >= oldest && !reaches.has(x.node);
}

interface Walk {
  readonly cotangents: Map<Tensor, Tensor>;
  readonly needed: ReadonlySet<Tensor>;
  /** How many cotangents are still to come for each tensor that is only passed through. */
  readonly awaited: Map<Tensor, number>;
  /** Whose cotangent has been taken back through the activation that made them. */
  readonly ungated: Set<Tensor>;
}

interface WalkOptions {
  readonly y: Tensor;
  readonly seed: Tensor;
  readonly wanted: ReadonlySet<Tensor>;
  readonly createGraph: boolean;
}

function walkOf(visits: readonly Visit[], { y, seed, wanted, createGraph }: WalkOptions): Walk {
  const needed = new Set([...wanted, ...visits.map(({ output }) => output)]);
  const awaited = new Map<Tensor, number>();
  // What is to be differentiated again has a dispatch for each op.
  for (const { node } of createGraph ? [] : visits)
    for (const x of node.inputs)
      if (needed.has(x) && !wanted.has(x)) awaited.set(x, (awaited.get(x) ?? 0) + 1);
  return { cotangents: new Map([[y, seed]]), needed, awaited, ungated: new Set() };
}

function propagate(
  node: TapeNode,
  g: Tensor,
  { cotangents, needed, awaited, ungated }: Walk,
  isUngated: boolean,
): void {
  const { op, inputs, versions, vjp } = node;
  const needs = inputs.map((x) => needed.has(x));
  for (const [i, x] of inputs.entries()) {
    if (x.isDisposed)
      throw new Error(`grad: ${describe(x)}, input ${i} of ${op}, was disposed; call grad inside tidy`);
    if (x.writes.version !== versions[i]) {
      throw new Error(`grad: ${describe(x)}, input ${i} of ${op}, was written in place after ${op} used it`);
    }
  }
  const next = inputs.map((x, i): Destination | undefined => {
    const left = awaited.get(x);
    if (left === undefined) return undefined;
    awaited.set(x, left - 1);
    const gate = x.node?.gate;
    // The sum would lack what the same tensor gets as another input of this op.
    const isTwice = inputs.indexOf(x) !== i;
    return left === 1 && gate && !isTwice ? { sum: cotangents.get(x), gate, isReached: false } : undefined;
  });
  const gradients = g.isZero
    ? inputs.map((x, i) => (needs[i] ? noGradient(x) : undefined))
    : vjp(g, needs, { isUngated, next });
  for (const [i, x] of inputs.entries()) {
    if (!needs[i]) continue;
    const gradient = gradients[i];
    if (!gradient) throw new Error(`${op}: its VJP gave nothing for input ${i}`);
    if (!sameShape(gradient.shape, x.shape)) {
      throw new ShapeError(
        `${op}: gradient ${show(gradient.shape)} of input ${i}, which is ${show(x.shape)}`,
      );
    }
    const isReached = next[i]?.isReached;
    if (isReached) ungated.add(x);
    const sum = isReached ? undefined : cotangents.get(x);
    if (!sum || sum.isZero) cotangents.set(x, gradient);
    else if (!gradient.isZero) cotangents.set(x, add(sum, gradient));
  }
}

function seedOf(y: Tensor, perSeed: boolean): Tensor {
  if (perSeed && y.shape.length === 1) return constant(1, y.backend, y.shape);
  if (perSeed) throw new ShapeError(`grad: y is ${show(y.shape)}; with perSeed it must be (seeds)`);
  if (y.size !== 1)
    throw new ShapeError(`grad: y is ${show(y.shape)}, not a scalar; reduce it or give a seed`);
  const one = constant(1, y.backend);
  if (y.shape.length === 0) return one;
  const seed = view(one, y.shape);
  seed.isOne = true;
  return seed;
}

function describe(x: Tensor): string {
  return x.label ? `'${x.label}' ${show(x.shape)}` : show(x.shape);
}
