/** Networks that train together: who learns from whom, rows of their own, adversarial updates in their order. */
import { expect, test } from 'vitest';
import { cpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import { tensor } from '../../../engine/tensor.ts';
import { contextOf, lossesOf } from '../../method-context.ts';
import { buildTraining, chosenMethod } from '../../../methods/chosen-method.ts';
import { defaults } from '../../../study/options/study-defaults.ts';

const seeds = [3, 8];

test.each(['dml', 'dml-l1', 'afd', 'afd-maps'])('%s learns its labels', async (name) => {
  const x = tensor(noise(2 * 6 * 2, 5), [2, 6, 2], cpu);
  const label = tensor(noise(2 * 6, 6), [2, 6, 1], cpu);
  const context = contextOf(cpu, { seeds, teacher: undefined, inputs: 2, steps: 30 });
  const training = buildTraining(chosenMethod(name), context, { ...defaults, peers: ['mlp:5'] });
  const losses = await lossesOf(training, context, { x, label }, { readings: 3 });
  for (const s of [0, 1]) expect(losses.at(-1)![s]).toBeLessThan(losses[0]![s]!);
  context.dispose();
});
