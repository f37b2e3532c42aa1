/** Reductions: a table of rules, and the kernel that carries one out over any one or two runs of axes. */
import { defineKernel, type Kernel, type Scalar } from '../kernel.ts';
import { closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import {
  openWalk,
  walk,
  walkReference,
  walkSums,
  walkUniforms,
  type WalkUniforms,
  walkWorkgroupSize,
  workgroupTotal,
} from './reduce-plan.ts';
import { wgsl } from '../wgsl.ts';

/** How two numbers become one. Without a `start`, the first term is it. */
interface Combination {
  readonly wgsl: (a: string, b: string) => string;
  readonly js: (a: number, b: number) => number;
  readonly start?: number;
}

const sum: Combination = { wgsl: (a, b) => `${a} + ${b}`, js: (a, b) => a + b, start: 0 };
const product: Combination = { wgsl: (a, b) => `${a} * ${b}`, js: (a, b) => a * b, start: 1 };
const max: Combination = { wgsl: (a, b) => `max_(${a}, ${b})`, js: (a, b) => Math.max(a, b) };
const min: Combination = { wgsl: (a, b) => `min_(${a}, ${b})`, js: (a, b) => Math.min(a, b) };

/** A function of each element `x` or of the result `s`; both may use `c`, the largest x of its output. */
interface Step {
  readonly wgsl: string;
  readonly js: (x: number, c: number) => number;
}

export interface Rule {
  readonly combine: Combination;
  /** Before combining. */
  readonly term?: Step;
  /** After it. The number of terms is `terms`. */
  readonly finish?: { readonly wgsl: string; readonly js: (s: number, c: number, terms: number) => number };
  /** Whether `c` is read: the largest term's `x`. */
  readonly isShifted?: boolean;
}

const squareTerm: Step = { wgsl: 'x * x', js: (x) => x * x };

export const rules = {
  sum: { combine: sum },
  mean: { combine: sum, finish: { wgsl: 's / uniforms.terms', js: (s, _, terms) => s / terms } },
  prod: { combine: product },
  max: { combine: max },
  min: { combine: min },
  sumSquare: { combine: sum, term: squareTerm },
  l1Norm: { combine: sum, term: { wgsl: 'abs(x)', js: Math.abs } },
  l2Norm: { combine: sum, term: squareTerm, finish: { wgsl: 'sqrt(s)', js: Math.sqrt } },
  logSum: { combine: sum, finish: { wgsl: 'log_(s)', js: Math.log } },
  // log Σ exp x = c + log Σ exp(x - c), which does not overflow if c is the largest x; an infinite c, or NaN, is the result
  logSumExp: {
    combine: sum,
    term: { wgsl: 'exp_(x - c)', js: (x, c) => Math.exp(x - c) },
    finish: {
      wgsl: 'select(c + log_(s), c, (bitcast<u32>(c) & 0x7f800000u) == 0x7f800000u)',
      js: (s, c) => (Number.isFinite(c) ? c + Math.log(s) : c),
    },
    isShifted: true,
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

export interface ReduceShape {
  isShared: boolean;
  /** Whether it reads elements, or what an earlier dispatch made of pieces. */
  isFirst: boolean;
  /** Whether it gives the result, or pieces. */
  isLast: boolean;
}

/** Reduces each piece of each output of a `Layout` to one number: (pieces, outputs). */
export function reduceKernel(name: RuleName, { isShared, isFirst, isLast }: ReduceShape): Kernel {
  const rule: Rule = rules[name];
  const { combine } = rule;
  const term = isFirst ? rule.term : undefined;
  const finish = isLast ? rule.finish : undefined;
  const isShifted = rule.isShifted === true && (term !== undefined || finish !== undefined);
  const isSum = combine === sum;
  const value = 'term(x[at], c)';
  // What is lost of pieces counts as much as what was lost in them.
  const loop = isSum
    ? walkSums(isShared, { result: value }, { isExact: !isFirst })
    : walk(isShared, `result = ${combine.wgsl('result', value)};`);
  const start = combine.start === undefined ? 'term(x[firstOfPiece], c)' : combine.start.toFixed(1);
  const uniforms: Record<string, Scalar> = { ...walkUniforms, terms: 'f32' };
  return defineKernel<string, string, string>({
    name: `reduce-${name}`,
    inputs: isShifted ? ['x', 'shift'] : ['x'],
    outputs: ['y'],
    uniforms,
    workgroupSize: walkWorkgroupSize(isShared),
    code: wgsl`
fn term(x: f32, c: f32) -> f32 { return ${term?.wgsl ?? 'x'}; }
fn finish(s: f32, c: f32) -> f32 { return ${finish?.wgsl ?? 's'}; }
${isShared ? workgroupTotal('workgroupTotal', isSum ? 'add' : combine.wgsl) : ''}
${openWalk(isShared, { isWhole: isLast })}
  let c = ${isShifted ? 'shift[i]' : '0.0'};
  ${isSum ? hiddenZero('count') : ''}
  ${isSum ? openSum('result') : `var result = ${start};`}
  ${loop}
  ${isSum ? `result = ${closeSum('result')};` : ''}
  #if ${isShared}
  result = workgroupTotal(lane, result);
  #endif
  if (isMine) { y[number] = finish(result, c); }
}
`,
    reference({ x, shift }, given, { y }) {
      walkReference(given as WalkUniforms, (number, i, places) => {
        const c = shift?.[i] ?? 0;
        const values = places.map((at) => term?.js(x![at]!, c) ?? x![at]!);
        const result =
          combine.start === undefined ? values.reduce(combine.js) : values.reduce(combine.js, combine.start);
        y![number] = finish?.js(result, c, given['terms']!) ?? result;
      });
    },
  });
}
