/** Makes an op of a pointwise function and its vector-Jacobian products: operands, broadcasting, recording. */
import type { PointFunction } from '../../../kernels/pointwise/elementwise.ts';
import {
  type BinaryName,
  pointFunctions,
  type TernaryName,
  type UnaryName,
} from '../../../kernels/pointwise/functions.ts';
import { checkFunction, checkList, checkOptions, inWords } from '../../borders.ts';
import { record } from '../../tape.ts';
import { checkFloats, Tensor } from '../../tensor.ts';
import { constant, noGradient } from '../fill.ts';
import { map } from './map.ts';
import { sumTo } from '../reduce/sum.ts';

const COUNTS = ['a number', 'two numbers', 'three numbers'] as const;

/** A tensor, or a number that stands for a scalar tensor. */
export type Operand = Tensor | number;

/** y = f(x); `vjp` gets the cotangent, x, and y itself. Without it the gradient is zero. */
/* @__NO_SIDE_EFFECTS__ */
export function unary(name: UnaryName, vjp?: (g: Tensor, x: Tensor, y: Tensor) => Tensor) {
  return (x: Tensor): Tensor => {
    checkFloats(name, { x });
    const y = map(name, x);
    return record(name, y, [x], (g) => [vjp ? vjp(g, x, y) : noGradient(x)]);
  };
}

/**
 * y = f(a, b). The VJP by each operand is computed only if it is needed, then summed to its operand's shape; where there
 * is none the gradient is zero.
 */
/* @__NO_SIDE_EFFECTS__ */
export function binary(
  name: BinaryName,
  ...vjps: readonly ((g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor)[]
) {
  return (a: Operand, b: Operand): Tensor => pointwise(pointFunctions[name], [a, b], vjps);
}

/** y = f(a, b, c), as `binary`. */
/* @__NO_SIDE_EFFECTS__ */
export function ternary(
  name: TernaryName,
  ...vjps: readonly (((g: Tensor, a: Tensor, b: Tensor, c: Tensor, y: Tensor) => Tensor) | undefined)[]
) {
  return (a: Operand, b: Operand, c: Operand): Tensor => pointwise(pointFunctions[name], [a, b, c], vjps);
}

export interface PointwiseDefinition {
  /** For messages, and the kernels' label. */
  name: string;
  /** What `wgsl` calls its arguments: one to three names. */
  parameters: readonly string[];
  /** An expression of type f32. `exp_`, `log_`, … call the portable functions. */
  wgsl: string;
  /** The same in JavaScript. */
  js: (...values: number[]) => number;
  /**
   * For each parameter the part of the vector-Jacobian product: from the cotangent `g`, the operands and the output, in
   * ops, so that it can be differentiated again. Zero where it is left out.
   */
  gradients?: readonly ((g: Tensor, ...operandsAndOutput: Tensor[]) => Tensor)[] | undefined;
}

/**
 * A pointwise op of your own, with broadcasting and gradients:
 *
 *     const cube = definePointwise({
 *       name: 'cube', parameters: ['x'], wgsl: 'x * x * x', js: (x) => x ** 3,
 *       gradients: [(g, x) => mul(g, mul(3, square(x)))],
 *     });
 *
 * `checkGrads(cube, [[4, 3]])` and `checkBackends` hold it to its definition.
 */
/* @__NO_SIDE_EFFECTS__ */
export function definePointwise(definition: PointwiseDefinition): (...operands: Operand[]) => Tensor {
  checkOptions('definePointwise', definition, 'name parameters wgsl js gradients', true);
  const { name, parameters, gradients = [] } = definition;
  if (typeof name !== 'string' || typeof definition.wgsl !== 'string')
    throw new Error('definePointwise: name and wgsl are missing; both are texts');
  checkList(name, 'parameters', parameters);
  checkList(name, 'gradients', gradients);
  checkFunction(name, 'js', definition.js);
  for (const [i, gradient] of gradients.entries())
    if (gradient !== undefined) checkFunction(name, `gradient ${i}`, gradient);
  if (parameters.length < 1 || parameters.length > 3)
    throw new Error(`${name}: ${parameters.length} parameters; wants one to three`);
  if (gradients.length > parameters.length)
    throw new Error(`${name}: ${gradients.length} gradients for ${parameters.length} parameters`);
  return (...operands) => {
    if (operands.length !== parameters.length)
      throw new Error(`${name}: wants ${parameters.join(', ')}, got ${operands.length} operands`);
    return pointwise(definition, operands, gradients);
  };
}

function pointwise(
  f: PointFunction,
  given: readonly Operand[],
  vjps: readonly (((g: Tensor, ...operandsAndY: [Tensor, Tensor, Tensor, Tensor]) => Tensor) | undefined)[],
): Tensor {
  const operands = operandsOf(f.name, given);
  const y = map(f, ...operands);
  return record(f.name, y, operands, (g, needs) =>
    operands.map((operand, i) => {
      if (!needs[i]) return undefined;
      const vjp = vjps[i];
      // The cast: as many operands as `f` has parameters.
      const known = [...operands, y] as [Tensor, Tensor, Tensor, Tensor];
      return vjp ? sumTo(vjp(g, ...known), operand.shape) : noGradient(operand);
    }),
  );
}

function operandsOf(op: string, given: readonly Operand[]): Tensor[] {
  for (const [i, operand] of given.entries()) {
    if (typeof operand === 'number') continue;
    if (!(operand instanceof Tensor))
      throw new Error(`${op}: operand ${i} must be a tensor or a number, got ${hintOf(operand)}`);
    operand.checkAlive(op);
  }
  const first = given.find((operand) => typeof operand !== 'number');
  if (!first) throw new Error(`${op}: ${COUNTS[given.length - 1]} and no tensor; use JavaScript arithmetic`);
  return given.map((operand) => (typeof operand === 'number' ? constant(operand, first.backend) : operand));
}

/** What is no operand, with its cure. */
function hintOf(value: unknown): string {
  if (Array.isArray(value)) return `${inWords(value)}; make it a tensor`;
  const isSlot = value !== null && typeof value === 'object' && 'index' in value && 'free' in value;
  return isSlot ? 'a slot of the step buffer; stepValue(slot, backend) is its value' : inWords(value);
}
