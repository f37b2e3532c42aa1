/** Carries a formula out in ops of the engine. */
import * as activations from '../../../engine/ops/pointwise/activations.ts';
import * as elementwise from '../../../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../../../engine/tensor.ts';
import type { Formula, Program } from './formula.ts';

type Operand = Tensor | number;

/** All that `formulaOps` names is here; the parser has looked at the number and kind of arguments. */
const ops = { ...elementwise, ...activations } as unknown as Readonly<
  Record<string, (...operands: Operand[]) => Tensor>
>;

/** The value of a program for these tensors, by name. @throws if it is a plain number: nothing depends on a tensor. */
export function buildProgram(
  { definitions, result }: Program,
  tensors: Readonly<Record<string, Tensor>>,
): Tensor {
  const known: Record<string, Operand> = { ...tensors };
  for (const { name, value } of definitions) known[name] = operandOf(value, known);
  const built = operandOf(result, known);
  if (typeof built === 'number') throw new Error(`the formula is the number ${built}`);
  return built;
}

function operandOf(formula: Formula, known: Readonly<Record<string, Operand>>): Operand {
  if (formula.kind === 'number') return formula.value;
  if (formula.kind === 'name') return known[formula.name]!;
  return ops[formula.op]!(...formula.operands.map((operand) => operandOf(operand, known)));
}
