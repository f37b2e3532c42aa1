/** Carries out a rule of `kernels/reduce/reduce.ts` over axes of a tensor: layout, pieces, dispatches. Nothing is recorded. */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import {
  type Layout,
  layoutOfPieces,
  planReduction,
  type ReducePlan,
  type WalkUniforms,
} from '../../../kernels/reduce/reduce-plan.ts';
import { reduceKernel, type Rule, type RuleName, rules } from '../../../kernels/reduce/reduce.ts';
import { checkOptions } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { resolveAxes, type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { noGrad } from '../../tape.ts';
import { checkFloats, type Tensor, view } from '../../tensor.ts';
import { transpose } from '../movement/movement.ts';

export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. */
  keepDims?: boolean | undefined;
}

export type Axes = number | readonly number[];

/** What a reduction made: its result, and the shapes that its gradient needs. */
export interface Reduced {
  y: Tensor;
  /** The axes, resolved. */
  axes: readonly number[];
  /** The shape of `y` with the reduced axes kept. */
  kept: Shape;
  /** Terms of each output. */
  count: number;
}

const kernels = new Map<string, Kernel>();

/** Rules without a result where there are no terms. */
const wantTerms: readonly RuleName[] = ['mean', 'max', 'min', 'logSumExp'];

/** The rule over `axes`, all of them if left out. @throws ShapeError if it needs terms and has none. */
export function reduceOver(
  name: RuleName,
  x: Tensor,
  given: Axes | undefined,
  options: ReduceOptions,
): Reduced {
  checkFloats(name, { x });
  checkOptions(name, options, 'keepDims');
  const { keepDims = false } = options;
  x.checkAlive(name);
  const axes = resolveAxes(name, given, x.shape.length);
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (count === 0 && wantTerms.includes(name))
    throw new ShapeError(`${name}: no elements along axes ${axes.join(', ')} of ${show(x.shape)}`);
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  return { y: reduce(name, x, axes, shape), axes, kept, count };
}

function reduce(name: RuleName, x: Tensor, axes: readonly number[], shape: Shape): Tensor {
  const layout = layoutOf(x.shape, axes);
  if (!layout) {
    // More than two runs of axes: they move to the end, where they are one.
    const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
    const moved = noGrad(() => transpose(x, order));
    return reduce(name, moved, [...x.shape.keys()].slice(-axes.length), shape);
  }
  const { term, finish, isShifted }: Rule = rules[name];
  if (layout.count === 1 && !term && !finish) return view(x, shape);
  const shift = isShifted ? reduce('max', x, axes, shape) : undefined;
  return reducePieces(name, x, { layout, shape, shift, terms: layout.count });
}

function reducePieces(
  name: RuleName,
  x: Tensor,
  options: { layout: Layout; shape: Shape; shift?: Tensor; terms: number; isFirst?: boolean },
): Tensor {
  const { layout, shape, shift, terms, isFirst = true } = options;
  const plan = planReduction(layout);
  const isLast = plan.pieces === 1;
  const kernel = getOrMake(kernels, [name, plan.isShared, isFirst, isLast].join(), () =>
    reduceKernel(name, { isShared: plan.isShared, isFirst, isLast }),
  );
  const inputs: Record<string, Tensor> = kernel.inputs.includes('shift') ? { x, shift: shift! } : { x };
  const { y } = dispatch(kernel, {
    inputs,
    uniforms: { ...uniformsOf(layout, plan), terms },
    outputs: { y: isLast ? shape : [plan.pieces, layout.outputs] },
    workgroups: workgroupsOf(kernel, layout, plan),
  });
  if (isLast) return y!;
  return reducePieces(name, y!, { ...options, layout: layoutOfPieces(layout, plan), isFirst: false });
}

export function uniformsOf(layout: Layout, plan: ReducePlan): WalkUniforms {
  const { outputs, count, kept, run, inner } = layout;
  return { outputs, count, kept, run, inner, pieces: plan.pieces, pieceSize: plan.pieceSize };
}

export function workgroupsOf(kernel: Kernel, { outputs }: Layout, { pieces, isShared }: ReducePlan): number {
  return isShared ? pieces * outputs : workgroupsFor(kernel, pieces * outputs);
}

/** Axes of size 1 count for nothing; neighbours of the same kind are one. Undefined beyond two runs of reduced axes. */
export function layoutOf(shape: Shape, axes: readonly number[]): Layout | undefined {
  const runs: { length: number; isReduced: boolean }[] = [{ length: 1, isReduced: false }];
  for (const [axis, length] of shape.entries()) {
    const isReduced = axes.includes(axis);
    if (length === 1) continue;
    if (runs.at(-1)!.isReduced === isReduced) runs.at(-1)!.length *= length;
    else runs.push({ length, isReduced });
  }
  const lengths = runs.map(({ length }) => length);
  if (lengths.length > 5) return undefined;
  const outputs = sizeOf(runs.filter(({ isReduced }) => !isReduced).map(({ length }) => length));
  // (outer), (outer, run, inner) or (outer, runs, kept, run, inner)
  const [, second = 1, third = 1, fourth, fifth = 1] = lengths;
  if (fourth === undefined) return { outputs, count: second, kept: 1, run: second, inner: third };
  return { outputs, count: second * fourth, kept: third, run: fourth, inner: fifth };
}
