/** Formulas of the page: what they mean, where they are wrong, and the TypeScript that they become. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as limbeck from '../../index.ts';
import { buildProgram } from '../../web/loss/formula/build-formula.ts';
import {
  callsOf,
  type Formula,
  FormulaError,
  namesIn,
  type Program,
} from '../../web/loss/formula/formula.ts';
import { formulaOps } from '../../web/loss/formula/formula-ops.ts';
import { parseProgram } from '../../web/loss/formula/parse-program.ts';

const cpu = limbeck.openCpu();
const NAMES = ['pred', 'label', 'outlier', 'eps'];
const VALUES = { pred: [0.5, -1.25, 2], label: [1, 0.25, -0.5], outlier: [0, 1, 0], eps: [0.25] };

const parse = (text: string) => parseProgram(text, NAMES);

/** The formula's numbers, by the ops of the engine in float64. */
async function valuesOf(program: Program): Promise<number[]> {
  const tensors = Object.fromEntries(
    Object.entries(VALUES).map(([name, values]) => [
      name,
      limbeck.tensor(values, values.length === 1 ? [] : [values.length], cpu),
    ]),
  );
  return [...(await buildProgram(program, tensors).data())];
}

/** The same by JavaScript. */
const byHand = (f: (pred: number, label: number, outlier: number, eps: number) => number) =>
  VALUES.pred.map((pred, i) => f(pred, VALUES.label[i]!, VALUES.outlier[i]!, VALUES.eps[0]!));

describe('meaning', () => {
  test.each<[string, (pred: number, label: number, outlier: number, eps: number) => number]>([
    ['(pred - label) ** 2', (p, l) => (p - l) ** 2],
    ['(pred-label)^2/2', (p, l) => (p - l) ** 2 / 2],
    ['-pred ** 2', (p) => -(p ** 2)],
    ['(-pred) ** 2', (p) => p ** 2],
    ['2 * -pred^2', (p) => 2 * -(p ** 2)],
    ['exp(pred) ^ 2 ^ eps', (p, _l, _o, e) => Math.exp(p) ** (2 ** e)],
    ['1 - 2 - pred', (p) => 1 - 2 - p],
    [
      'outlier > 0.5 ? sqrt(abs(pred) + eps) : label',
      (p, l, o, e) => (o > 0.5 ? Math.sqrt(Math.abs(p) + e) : l),
    ],
    ['where(outlier, pred, label)', (p, l, o) => (o > 0.5 ? p : l)],
    ['pred > 0 ? 1 : label > 0 ? 2 : pred', (p, l) => (p > 0 ? 1 : l > 0 ? 2 : p)],
    [
      '!(pred > 0) && label > 0 || outlier == 1 ? pred : 0',
      (p, l, o) => ((!(p > 0) && l > 0) || o === 1 ? p : 0),
    ],
    ['min(pred, label) + max(pred, eps)', (p, l, _o, e) => Math.min(p, l) + Math.max(p, e)],
    ['clamp(pred, -1, 1) * +label', (p, l) => Math.min(Math.max(p, -1), 1) * l],
    ['softplus(pred)', (p) => Math.log1p(Math.exp(p))],
    ['leakyRelu(pred) + leakyRelu(label, 0.5)', (p, l) => (p > 0 ? p : 0.01 * p) + (l > 0 ? l : 0.5 * l)],
    ['pred * sqrt(2) / PI', (p) => (p * Math.sqrt(2)) / Math.PI],
    ['3 > 2 ? pred : label', (p) => p],
    [
      'u = pred - label;\nabs(u) > eps ? abs(u) : u ** 2;',
      (p, l, _o, e) => (Math.abs(p - l) > e ? Math.abs(p - l) : (p - l) ** 2),
    ],
    ['two = 1 + 1; half = pred / two; half * half', (p) => (p / 2) ** 2],
  ])('%s', async (text, f) => {
    const got = await valuesOf(parse(text));
    for (const [i, value] of byHand(f).entries()) expect(got[i] ?? got[0]).toBeCloseTo(value, 12);
  });

  test('every function of formulas is an op of the public API', () => {
    const api: Readonly<Record<string, unknown>> = limbeck;
    expect([...formulaOps.keys()].filter((name) => typeof api[name] !== 'function')).toEqual([]);
  });

  test('names that are used', () => {
    expect([...namesIn(parse('u = pred * eps; u + u'))]).toEqual(['pred', 'eps']);
  });
});

describe('errors say where and what', () => {
  test.each([
    ['pred - lable', 7, 12, "unknown name 'lable', did you mean 'label'?"],
    ['q * 2', 0, 1, "unknown name 'q'; there are pred, label, outlier, eps"],
    ['abs(pred, label)', 0, 16, 'abs wants (x), got 2'],
    ['1 + where(outlier, pred)', 4, 24, 'where wants (condition, a, b), got 2'],
    ['2 * sqr(pred)', 4, 7, "no function 'sqr', did you mean 'sqrt'?"],
    ['sqrt + pred', 0, 4, 'sqrt is a function: write sqrt(…)'],
    ['pred(1)', 0, 4, "'pred' is no function"],
    ['pred - uniforms.eps', 7, 19, "'uniforms.' is for WGSL; here write eps"],
    ['(pred - label', 12, 13, 'Unclosed ('],
    ['pred +', 5, 6, 'Expected expression after +'],
    ['pred label', 5, 10, 'a second formula begins here'],
    ['u = pred - label\nabs(u)', 17, 23, 'a second formula begins here'],
    ['0 < pred < 1', 0, 12, 'a chain of comparisons'],
    ['pred % 2', 0, 8, "no operator '%'; there are + - * / ** ^ > >= < <= == != && ||"],
    ["pred + 'a'", 7, 10, 'wants a number'],
    ['pred + log(0)', 7, 13, 'this is -Infinity'],
    ['clamp(2, pred, 3)', 6, 7, 'clamp: x must depend on an input or a parameter, got 2'],
    ['pred[0]', 0, 7, 'no properties and no indices'],
    ['constructor + pred', 0, 11, "unknown name 'constructor'"],
    ['toString(pred)', 0, 8, "no function 'toString'"],
    ['() + pred', 2, 3, 'Nothing inside the parentheses'],
    ['  ', 0, 2, 'the formula is missing'],
    ['u = pred;', 8, 9, 'after the definition of u comes the formula itself'],
    ['pred = 2; pred', 0, 4, "'pred' is there already"],
    ['u = pred; sqrt = u; u', 10, 14, "'sqrt' cannot be a name here"],
    ['pred + 1; pred', 0, 8, 'only the last part may be without a name'],
    ['u = pred; v = u * lable; v', 18, 23, "unknown name 'lable'"],
  ])('%s', (text, from, to, message) => {
    const error = caught(() => parse(text));
    expect(error.message).toContain(message);
    expect([error.from, error.to]).toEqual([from, to]);
  });

  function caught(f: () => unknown): FormulaError {
    try {
      f();
    } catch (error) {
      if (error instanceof FormulaError) return error;
      throw error;
    }
    throw new Error('no error');
  }
});

/** A formula as text, fully in parentheses or with as few as the tree allows not to matter, and what it is. */
interface Sample {
  readonly text: string;
  readonly value: (names: Readonly<Record<string, number>>) => number;
}

const samples = fc.letrec<{ sample: Sample }>((tie) => {
  const leaf: fc.Arbitrary<Sample> = fc.oneof(
    fc
      .constantFrom(...NAMES)
      .map((name) => ({ text: name, value: (names: Readonly<Record<string, number>>) => names[name]! })),
    fc.integer({ min: 0, max: 12 }).map((n) => ({ text: String(n / 4), value: () => n / 4 })),
  );
  const infix = (operator: string, js: (a: number, b: number) => number) =>
    fc.tuple(tie('sample'), tie('sample')).map(([a, b]) => ({
      text: `(${a.text}) ${operator} (${b.text})`,
      value: (names: Readonly<Record<string, number>>) => js(a.value(names), b.value(names)),
    }));
  return {
    sample: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      infix('+', (a, b) => a + b),
      infix('-', (a, b) => a - b),
      infix('*', (a, b) => a * b),
      infix('>', (a, b) => (a > b ? 1 : 0)),
      tie('sample').map((x) => ({
        text: `-(${x.text})`,
        value: (names: Readonly<Record<string, number>>) => -x.value(names),
      })),
      tie('sample').map((x) => ({
        text: `tanh(${x.text})`,
        value: (names: Readonly<Record<string, number>>) => Math.tanh(x.value(names)),
      })),
      tie('sample').map((x) => ({
        text: `(${x.text}) ** 2`,
        value: (names: Readonly<Record<string, number>>) => x.value(names) ** 2,
      })),
      fc.tuple(tie('sample'), tie('sample'), tie('sample')).map(([test, a, b]) => ({
        text: `(${test.text}) ? ${a.text} : (${b.text})`,
        value: (names: Readonly<Record<string, number>>) => (test.value(names) > 0.5 ? a : b).value(names),
      })),
    ),
  };
}).sample;

test('arbitrary formulas mean what JavaScript means, and so do the calls that they become', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async ({ text, value }) => {
      const program = parse(`(${text}) + 0 * pred`);
      const got = await valuesOf(program);
      const wanted = byHand((pred, label, outlier, eps) => value({ pred, label, outlier, eps }));
      for (const [i, number] of wanted.entries())
        expect(Math.abs(got[i]! - number), `${text}: ${got[i]}, wanted ${number}`).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(number)),
        );
      const again = parse(callsOf(program.result));
      expect(withoutPlaces(again.result)).toEqual(withoutPlaces(program.result));
    }),
    { numRuns: 150 },
  );
});

function withoutPlaces(formula: Formula): unknown {
  if (formula.kind === 'number') return formula.value;
  return formula.kind === 'name' ? formula.name : [formula.op, ...formula.operands.map(withoutPlaces)];
}

test('arbitrary text is a program or a FormulaError with a place inside of it', () => {
  const tokens = fc.constantFrom(
    ...'pred label eps u = ; ( ) , + - * ** / > ? : ! && sqrt( where( 1e-3 .5 2. 7x . [ "a" `'.split(' '),
  );
  const texts = fc.oneof(
    fc.array(tokens, { maxLength: 12 }).map((list) => list.join(' ')),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parse(text);
      } catch (error) {
        if (!(error instanceof FormulaError)) throw error;
        expect(error.from).toBeGreaterThanOrEqual(0);
        expect(error.to).toBeGreaterThanOrEqual(error.from);
        expect(error.to).toBeLessThanOrEqual(Math.max(1, text.length));
      }
    }),
    { numRuns: 2000 },
  );
});
