/** A pointwise formula as a tree of calls, where each part stands in the text, and what may be wrong with it. */

export interface Place {
  readonly from: number;
  readonly to: number;
}

export type Formula = FormulaNumber | FormulaName | FormulaCall;

export interface FormulaNumber extends Place {
  readonly kind: 'number';
  readonly value: number;
}

/** An input or a parameter. */
export interface FormulaName extends Place {
  readonly kind: 'name';
  readonly name: string;
}

export interface FormulaCall extends Place {
  readonly kind: 'call';
  readonly op: string;
  readonly operands: readonly Formula[];
}

/** `u = pred - label; abs(u)`: names for parts, each of those before it, and the value. */
export interface Program {
  readonly definitions: readonly { readonly name: string; readonly value: Formula }[];
  readonly result: Formula;
}

export class FormulaError extends Error {
  override readonly name = 'FormulaError';
  readonly from: number;
  readonly to: number;

  constructor(message: string, { from, to }: Place) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

/** Inputs and parameters that a program uses. */
export function namesIn({ definitions, result }: Program): Set<string> {
  const names = new Set([...definitions.map(({ value }) => value), result].flatMap(namesOf));
  for (const { name } of definitions) names.delete(name);
  return names;
}

function namesOf(formula: Formula): string[] {
  if (formula.kind === 'name') return [formula.name];
  return formula.kind === 'call' ? formula.operands.flatMap(namesOf) : [];
}

/** Ops that a program calls. */
export function opsIn({ definitions, result }: Program): Set<string> {
  return new Set([...definitions.map(({ value }) => value), result].flatMap(opsOf));
}

function opsOf(formula: Formula): string[] {
  return formula.kind === 'call' ? [formula.op, ...formula.operands.flatMap(opsOf)] : [];
}

/** A formula as calls of ops, as `composed` has it: 'square(sub(pred, label))'. It is a formula again. */
export function callsOf(formula: Formula): string {
  if (formula.kind === 'number') return Object.is(formula.value, -0) ? '-0' : String(formula.value);
  if (formula.kind === 'name') return formula.name;
  return `${formula.op}(${formula.operands.map(callsOf).join(', ')})`;
}
