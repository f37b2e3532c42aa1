/** jsep, with what formulas need besides: where each token stands, whether it is in parentheses, and `^` as a power. */
import jsep from 'jsep';
import { FormulaError, type Place } from './formula.ts';

/** A node of jsep's tree; what it has depends on `type`. */
export interface Syntax {
  readonly type: string;
  /** Of tokens: numbers, names, calls, unary expressions, and everything in parentheses. */
  readonly place?: Place;
  readonly isGroup?: boolean;
  readonly operator?: string;
  readonly left?: Syntax;
  readonly right?: Syntax;
  readonly argument?: Syntax;
  readonly callee?: Syntax;
  readonly arguments?: readonly Syntax[];
  readonly test?: Syntax;
  readonly consequent?: Syntax;
  readonly alternate?: Syntax;
  readonly object?: Syntax;
  readonly property?: Syntax;
  readonly name?: string;
  readonly value?: unknown;
  readonly body?: readonly Syntax[];
  readonly expressions?: readonly Syntax[];
}

jsep.addBinaryOp('^', jsep.binary_ops['**']!, true);

/** Set while jsep reads the token that the hook has been asked for. */
let isWithin = false;

jsep.hooks.add('gobble-token', function (env) {
  if (isWithin) {
    isWithin = false;
    return;
  }
  const from = this.index;
  const isGroup = this.char === '(';
  isWithin = true;
  const node = this.gobbleToken();
  isWithin = false;
  if (!node) {
    if (this.index > from) this.throwError('Nothing inside the parentheses');
    return;
  }
  const to = this.expr.slice(0, this.index).trimEnd().length;
  env.node = { ...node, place: { from, to }, isGroup };
});

/** @throws FormulaError where the text is no expression. */
export function syntaxOf(text: string): Syntax {
  isWithin = false;
  try {
    return jsep(text) as Syntax;
  } catch (error) {
    if (!(error instanceof Error && 'index' in error && 'description' in error)) throw error;
    const at = Math.min(Number(error.index), Math.max(0, text.trimEnd().length - 1));
    throw new FormulaError(String(error.description), { from: at, to: at + 1 });
  }
}

/** From the first to the last token of a node. */
export function placeOf(node: Syntax): Place {
  if (node.place) return node.place;
  const first = node.left ?? node.test ?? node.body?.[0] ?? node.expressions?.[0];
  const last = node.right ?? node.alternate ?? node.body?.at(-1) ?? node.expressions?.at(-1);
  return { from: first ? placeOf(first).from : 0, to: last ? placeOf(last).to : 0 };
}
