/** From a text without `;` to a formula: `outlier > 0.5 ? sqrt(abs(pred - teacher) + eps) : (pred - label) ** 2`. */
import { suggestion } from '../../../base/suggest.ts';
import { type Formula, FormulaError, type Place } from './formula.ts';
import { aliases, constants, formulaOps, infix } from './formula-ops.ts';
import { placeOf, type Syntax, syntaxOf } from './formula-syntax.ts';

const COMPARISONS = ['>', '>=', '<', '<=', '==', '===', '!=', '!=='];

/** What a name stands for: itself, or a number that a definition came to. */
export type Names = ReadonlyMap<string, number | undefined>;

/**
 * Arithmetic (`**` or `^` for powers; -x ** 2 is -(x ** 2)), comparisons, `&&`, `||`, `!`, `condition ? a : b`, and calls
 * of the pointwise ops of the public API. Whatever is of numbers alone is computed at once.
 *
 * @param names inputs, parameters and definitions
 * @throws FormulaError with the place of what is wrong
 */
export function parseFormula(text: string, names: Names): Formula {
  if (text.trim() === '') throw new FormulaError('the formula is empty', { from: 0, to: text.length });
  return formulaOf(syntaxOf(text), names);
}

function formulaOf(node: Syntax, names: Names): Formula {
  const place = placeOf(node);
  const within = (child: Syntax) => formulaOf(child, names);
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'number') return { kind: 'number', value: node.value, ...place };
      throw new FormulaError('wants a number, an input or a parameter', place);
    case 'Identifier':
      return nameOf(node.name!, names, place);
    case 'UnaryExpression':
      return unaryOf(node, within);
    case 'BinaryExpression':
      return binaryOf(node, within);
    case 'ConditionalExpression':
      return call('where', [node.test!, node.consequent!, node.alternate!].map(within), place);
    case 'CallExpression':
      return callOf(node, names);
    case 'Compound':
    case 'SequenceExpression':
      throw new FormulaError(
        'a second formula begins here: an operator is missing, or a ; after a definition',
        placeOf((node.body ?? node.expressions)![1] ?? node),
      );
    case 'MemberExpression':
      if (node.object?.name === 'uniforms' && node.property?.name)
        throw new FormulaError(`'uniforms.' is for WGSL; here write ${node.property.name}`, place);
      throw new FormulaError('a formula has no properties and no indices', place);
    default:
      throw new FormulaError('that is not arithmetic', place);
  }
}

function nameOf(name: string, names: Names, place: Place): Formula {
  const value = names.get(name) ?? constants.get(name);
  if (names.has(name) && value === undefined) return { kind: 'name', name, ...place };
  if (value !== undefined) return { kind: 'number', value, ...place };
  if (formulaOps.has(name) || aliases.has(name))
    throw new FormulaError(`${name} is a function: write ${name}(…)`, place);
  const known = [...names.keys()];
  const hint = suggestion(name, known) || `; there are ${known.join(', ')}`;
  throw new FormulaError(`unknown name '${name}'${hint}`, place);
}

function unaryOf(node: Syntax, within: (child: Syntax) => Formula): Formula {
  const place = placeOf(node);
  const operand = within(node.argument!);
  if (node.operator === '-') return call('neg', [operand], place);
  if (node.operator === '+') return operand;
  if (node.operator === '!')
    return call('lessEqual', [operand, { kind: 'number', value: 0.5, ...place }], place);
  throw new FormulaError(`no operator '${node.operator}'`, place);
}

function binaryOf(node: Syntax, within: (child: Syntax) => Formula): Formula {
  const { operator = '', left, right } = node as Syntax & { left: Syntax; right: Syntax };
  const place = placeOf(node);
  const op = infix[operator];
  if (op === undefined) {
    const known = [...new Set(Object.keys(infix))].filter((key) => key.length < 3).join(' ');
    throw new FormulaError(`no operator '${operator}'; there are ${known}`, place);
  }
  const isBare = (child: Syntax) => !child.isGroup;
  if (op === 'pow' && left.type === 'UnaryExpression' && isBare(left)) {
    // jsep binds a sign tighter than a power; mathematics and Python do not.
    const { place: _, ...power } = { ...node, left: left.argument! };
    return unaryOf({ ...left, argument: power, place }, within);
  }
  const chained = COMPARISONS.includes(operator) ? [left, right].find(isComparison) : undefined;
  if (chained && isBare(chained))
    throw new FormulaError('a chain of comparisons: join two with &&, as in 0 < x && x < 1', place);
  const [a, b] = [within(left), within(right)];
  if (op === 'pow' && b.kind === 'number' && b.value === 2) return call('square', [a], place);
  return call(op, [a, b], place);
}

function isComparison({ type, operator = '' }: Syntax): boolean {
  return type === 'BinaryExpression' && COMPARISONS.includes(operator);
}

function callOf(node: Syntax, names: Names): Formula {
  const place = placeOf(node);
  const { callee, arguments: given = [] } = node;
  if (callee?.type !== 'Identifier') throw new FormulaError('only functions can be called, by name', place);
  const name = callee.name!;
  // The callee is no token of its own; the call begins with it.
  const head = { from: place.from, to: place.from + name.length };
  if (names.has(name)) throw new FormulaError(`'${name}' is no function`, head);
  const op = formulaOps.get(aliases.get(name) ?? name);
  if (!op) {
    const known = [...formulaOps.keys(), ...aliases.keys()];
    throw new FormulaError(`no function '${name}'${suggestion(name, known)}`, head);
  }
  const { parameters, defaults } = op;
  if (given.length > parameters.length || given.length < parameters.length - defaults.length)
    throw new FormulaError(`${name} wants (${parameters.join(', ')}), got ${given.length}`, place);
  const operands = given.map((child) => formulaOf(child, names));
  return call(op.name, operands, place);
}

/** A call, or what it comes to where nothing in it depends on an input or a parameter. */
function call(name: string, operands: readonly Formula[], place: Place): Formula {
  const op = formulaOps.get(name)!;
  const values = operands.flatMap((operand) => (operand.kind === 'number' ? [operand.value] : []));
  if (values.length === operands.length) {
    const missing = op.parameters.length - values.length;
    const value = op.js(...values, ...op.defaults.slice(op.defaults.length - missing));
    if (!Number.isFinite(value)) throw new FormulaError(`this is ${value}`, place);
    return { kind: 'number', value, ...place };
  }
  const [first] = operands;
  if (first?.kind === 'number' && name === 'where') return operands[first.value > 0.5 ? 1 : 2]!;
  if (first?.kind === 'number' && op.wantsTensor)
    throw new FormulaError(
      `${name}: ${op.parameters[0]} must depend on an input or a parameter, got ${first.value}`,
      first,
    );
  return { kind: 'call', op: name, operands, ...place };
}
