/** The ops that a formula may call, by the names of the public API, and what they are of numbers. */
import { pointFunctions } from '../../../kernels/pointwise/functions.ts';

export interface FormulaOp {
  readonly name: string;
  /** What its arguments are called. */
  readonly parameters: readonly string[];
  /** Values of the last ones, where they may be left out. */
  readonly defaults: readonly number[];
  /** Whether the first must not be a plain number: the op wants a tensor there. */
  readonly wantsTensor: boolean;
  /** Of numbers, all arguments given. */
  readonly js: (...values: number[]) => number;
}

const UNARY = [
  'abs atan ceil cos erf exp expm1 floor gelu hardSwish log log1p neg normalDensity normalDistribution reciprocal',
  'relu round sigmoid sign silu sin softplus softsign sqrt square tan tanh',
];
const BINARY = 'add sub mul div pow maximum minimum greater greaterEqual less lessEqual equal notEqual';

type FunctionName = keyof typeof pointFunctions;

function op(
  name: string,
  parameters: readonly string[],
  { defaults = [] as readonly number[], wantsTensor = false } = {},
): FormulaOp {
  const { js } = pointFunctions[name as FunctionName];
  return { name, parameters, defaults, wantsTensor, js };
}

export const formulaOps: ReadonlyMap<string, FormulaOp> = new Map(
  [
    ...UNARY.flatMap((names) => names.split(' ')).map((name) => op(name, ['x'], { wantsTensor: true })),
    ...BINARY.split(' ').map((name) => op(name, ['a', 'b'])),
    op('leakyRelu', ['x', 'slope'], { defaults: [0.01], wantsTensor: true }),
    op('elu', ['x', 'alpha'], { defaults: [1], wantsTensor: true }),
    op('where', ['condition', 'a', 'b'], { wantsTensor: true }),
    op('clamp', ['x', 'min', 'max'], { wantsTensor: true }),
  ].map((one) => [one.name, one]),
);

/** Short names of formulas, which have no reductions to mix them up with. */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['min', 'minimum'],
  ['max', 'maximum'],
]);

/** Infix operators as ops. */
export const infix: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '**': 'pow',
  '^': 'pow',
  '>': 'greater',
  '>=': 'greaterEqual',
  '<': 'less',
  '<=': 'lessEqual',
  '==': 'equal',
  '===': 'equal',
  '!=': 'notEqual',
  '!==': 'notEqual',
  // A condition holds above 0.5, so these do what they say.
  '&&': 'minimum',
  '||': 'maximum',
};

export const constants: ReadonlyMap<string, number> = new Map([
  ['PI', Math.PI],
  ['pi', Math.PI],
]);
