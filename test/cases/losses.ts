/** Every loss described once; tests and benches derive from it. */
import type { Differentiable } from '../../engine/check/check.ts';
import type { Input } from '../../engine/check/samples.ts';
import { lossInputs, named } from '../../losses/check-loss.ts';
import type { Shape } from '../../engine/shape.ts';
import { ail, attentiveHint } from '../../losses/ail.ts';
import { gaussianKl, gaussianNll } from '../../losses/gaussian.ts';
import type { Loss } from '../../losses/loss.ts';
import * as regression from '../../losses/regression.ts';
import { tbr, tbrImitation } from '../../losses/tbr.ts';
import { tor } from '../../losses/tor.ts';
import * as torDual from '../../losses/tor-dual.ts';
import * as torVariants from '../../losses/tor-variants.ts';

const lib = { ...regression, tor, ...torDual, ...torVariants };

export interface LossCase {
  name: string;
  loss: Loss;
  params: Readonly<Record<string, number>>;
  inputs: readonly Input[];
  f: Differentiable;
}

function loss(f: Loss, params: Readonly<Record<string, number>> = {}, shape: Shape = [7, 3]): LossCase {
  const { name } = f.definition;
  const inputs = lossInputs(f, shape);
  const text = Object.entries(params).map(([key, value]) => ` ${key} ${value}`);
  return {
    name: `${name}${text.join('')}`,
    loss: f,
    params,
    inputs,
    f: (...xs) => f(named(f, xs), params),
  };
}

export const lossCases: readonly LossCase[] = [
  loss(lib.mse),
  loss(lib.mae),
  loss(lib.huber),
  loss(lib.huber, { delta: 0.11 }),
  loss(lib.kdMix),
  loss(lib.kdMix, { alpha: 0.9 }),
  loss(tbr),
  loss(tbr, { weight: 1.5, margin: 0.2 }),
  loss(tbrImitation),
  loss(ail),
  loss(ail, { alpha: 0.9 }),
  loss(attentiveHint),
  loss(gaussianNll),
  loss(gaussianKl),
  ...[lib.tor, lib.torSmooth, lib.torSquare, lib.torDrop].flatMap((f) => [loss(f), loss(f, { eps: 1e-2 })]),
  ...[lib.torDual, lib.torDualSmooth, lib.torDualSquare, lib.torDualDrop].flatMap((f) => [
    loss(f),
    loss(f, { eps: 1e-2, teacherWeight: 0.3 }),
  ]),
];
