/** Makes an op of a pointwise function and its vector-Jacobian products: operands, broadcasting, recording. */
import type { BinaryName, TernaryName, UnaryName } from '../../kernels/functions.ts';
import { record } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import { constant, full } from './fill.ts';
import { map } from './map.ts';
import { sumTo } from './reduce.ts';

/** A tensor, or a number that stands for a scalar tensor. */
export type Operand = Tensor | number;

/** y = f(x); `vjp` gets the cotangent, x, and y itself. Without it the gradient is zero. */
export function unary(name: UnaryName, vjp?: (g: Tensor, x: Tensor, y: Tensor) => Tensor) {
  return (x: Tensor): Tensor => {
    const y = map(name, x);
    return record(name, y, [x], (g) => [vjp ? vjp(g, x, y) : full(x.shape, 0, x.backend)]);
  };
}

/**
 * y = f(a, b). The VJP by each operand is computed only if it is needed, then summed to its operand's shape; where there
 * is none the gradient is zero.
 */
export function binary(
  name: BinaryName,
  ...vjps: readonly ((g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor)[]
) {
  return (a: Operand, b: Operand): Tensor => pointwise(name, [a, b], vjps);
}

/** y = f(a, b, c), as `binary`. */
export function ternary(
  name: TernaryName,
  ...vjps: readonly (((g: Tensor, a: Tensor, b: Tensor, c: Tensor, y: Tensor) => Tensor) | undefined)[]
) {
  return (a: Operand, b: Operand, c: Operand): Tensor => pointwise(name, [a, b, c], vjps);
}

function pointwise(
  name: BinaryName | TernaryName,
  given: readonly Operand[],
  vjps: readonly (((g: Tensor, ...operandsAndY: [Tensor, Tensor, Tensor, Tensor]) => Tensor) | undefined)[],
): Tensor {
  const operands = operandsOf(name, given);
  const y = map(name, ...operands);
  return record(name, y, operands, (g, needs) =>
    operands.map((operand, i) => {
      if (!needs[i]) return undefined;
      const vjp = vjps[i];
      // The cast: two or three operands, as `binary` and `ternary` say.
      const known = [...operands, y] as [Tensor, Tensor, Tensor, Tensor];
      return vjp ? sumTo(vjp(g, ...known), operand.shape) : full(operand.shape, 0, operand.backend);
    }),
  );
}

function operandsOf(op: string, given: readonly Operand[]): Tensor[] {
  for (const operand of given) if (typeof operand !== 'number') operand.checkAlive(op);
  const first = given.find((operand) => typeof operand !== 'number');
  if (!first)
    throw new Error(
      `${op}: ${given.length === 2 ? 'two' : 'three'} numbers and no tensor; use JavaScript arithmetic`,
    );
  return given.map((operand) => (typeof operand === 'number' ? constant(operand, first.backend) : operand));
}
