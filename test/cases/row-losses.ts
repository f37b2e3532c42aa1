/** Every loss of rows described once, and one of a user's own; tests and benches derive from it. */
import { add, exp, mul, neg, sub } from '../../engine/ops/pointwise/elementwise.ts';
import type { Differentiable } from '../../engine/check/check.ts';
import type { Input } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { wgsl } from '../../kernels/wgsl.ts';
import { lossInputs, named } from '../../losses/check-loss.ts';
import * as lib from '../../losses/classification.ts';
import { defineRowLoss, type RowLoss } from '../../losses/row-loss.ts';

export interface RowLossCase {
  name: string;
  loss: RowLoss;
  params: Readonly<Record<string, number>>;
  inputs: readonly Input[];
  f: Differentiable;
}

/** Entropy times a factor, less the label's logarithm: gradients to both rows, and derivatives that do not add up to 0. */
export const ownLoss = defineRowLoss({
  name: 'own',
  inputs: ['logits', 'other', 'label'],
  wrt: ['logits', 'other'],
  logs: { a: 'logits', b: ['other', 'scale'] },
  params: { scale: 2 },
  composed: ({ a, b, isLabel, weight }, { scaleRest }) =>
    add(mul(mul(weight, isLabel), neg(a)), mul(scaleRest, mul(exp(b), sub(b, a)))),
  fused: wgsl`
    let q = select(0.0, weight, isLabel);
    let p = exp_(b);
    let k = uniforms.scaleRest;
    return Element(k * (p * (b - a)) - q * a, -(q + k * p), k * (p * (b - a) + p));
  `,
});

/** Lin et al. 2017: what is found already counts less. Its derivative is no difference of probabilities. */
export const focal = defineRowLoss({
  name: 'focal',
  inputs: ['logits', 'label'],
  logs: { s: 'logits' },
  composed: ({ s, isLabel, weight }) => mul(mul(weight, isLabel), mul(neg(s), sub(1, exp(s)))),
  fused: wgsl`
    let q = select(0.0, weight, isLabel);
    let p = exp_(s);
    return Element(-(q * s) * (1.0 - p), q * (s * p - (1.0 - p)));
  `,
});

function rowLoss(
  loss: RowLoss,
  params: Readonly<Record<string, number>> = {},
  shape: Shape = [7, 3],
): RowLossCase {
  const text = Object.entries(params).map(([key, value]) => ` ${key} ${value}`);
  return {
    name: `${loss.definition.name}${text.join('')} ${shape.join('×')}`,
    loss,
    params,
    inputs: lossInputs(loss, shape),
    f: (...xs) => loss(named(loss, xs), params),
  };
}

const wide: Shape = [3, 40];

export const rowLossCases: readonly RowLossCase[] = [
  rowLoss(lib.crossEntropy),
  rowLoss(lib.crossEntropy, { smoothing: 0.1 }),
  rowLoss(lib.crossEntropy, { smoothing: 0.3 }, wide),
  rowLoss(lib.klDivergence),
  rowLoss(lib.klDivergence, { temperature: 4 }, wide),
  rowLoss(lib.reverseKlDivergence),
  rowLoss(lib.reverseKlDivergence, { temperature: 0.5 }, wide),
  rowLoss(lib.kdLoss),
  rowLoss(lib.kdLoss, { alpha: 0.7, temperature: 1.5 }, wide),
  rowLoss(lib.jsd),
  rowLoss(lib.jsd, { temperature: 3 }, wide),
  rowLoss(ownLoss),
  rowLoss(ownLoss, { scale: 0.5 }, wide),
  rowLoss(focal),
];
