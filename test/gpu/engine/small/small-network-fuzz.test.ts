/**
 * The kernel of small networks on arbitrary trainings: widths, activations, losses, optimisers, batches, seeds and steps, each with
 * the bits of ordinary steps. Each compiles a kernel, so there are few; for longer:
 *
 *     FUZZ_RUNS=2000 FUZZ_SEED=random npx vitest run --project node test/gpu/engine/small/small-network-fuzz.test.ts
 */
import fc from 'fast-check';
import { expect, test, inject } from 'vitest';
import { ail, attentiveHint } from '../../../../losses/ail.ts';
import type { Loss } from '../../../../losses/loss.ts';
import { huber, kdMix, mae, mse } from '../../../../losses/regression.ts';
import { tbr, tbrImitation } from '../../../../losses/tbr.ts';
import { torDual, torDualDrop, torDualSmooth, torDualSquare } from '../../../../losses/tor-dual.ts';
import { tor } from '../../../../losses/tor.ts';
import { torDrop, torSmooth, torSquare } from '../../../../losses/tor-variants.ts';
import { gpu } from '../../../backends.ts';
import { bothWays, differences, type SmallCase, hasNoSubgroups } from '../../../small-networks.ts';

const given = inject('fuzzSeed');
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const numRuns = Math.max(2, Math.floor(inject('fuzzRuns') / 8));

const one = [
  mse,
  mae,
  huber,
  kdMix,
  ail,
  attentiveHint,
  tbr,
  tbrImitation,
  tor,
  torSmooth,
  torSquare,
  torDrop,
];
const two = [torDual, torDualSmooth, torDualSquare, torDualDrop];
const losses = new Map(
  ([...one, ...two] as unknown as Loss<string, string>[]).map((loss) => [loss.definition.name, loss]),
);

const optimiser: fc.Arbitrary<Pick<SmallCase, 'optimizer' | 'options'>> = fc.oneof(
  fc.record({
    optimizer: fc.constantFrom('adam' as const, 'adamW' as const),
    options: fc.record({
      weightDecay: fc.constantFrom(0, 0.01),
      maxGradNorm: fc.constantFrom(0, 0, 0.1, 10),
      eps: fc.constantFrom(1e-8, 1e-12, 1e-3),
      beta2: fc.constantFrom(0.999, 0.4),
    }),
  }),
  fc.record({
    optimizer: fc.constant('sgd' as const),
    options: fc.record({ momentum: fc.constantFrom(0, 0.9, 0.999), maxGradNorm: fc.constantFrom(0, 0.5) }),
  }),
  fc.record({
    optimizer: fc.constant('rmsProp' as const),
    options: fc.record({ alpha: fc.constantFrom(0.99, 0.3) }),
  }),
);

const trainings: fc.Arbitrary<Omit<SmallCase, 'loss'> & { loss: string }> = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
    inputs: fc.integer({ min: 1, max: 7 }),
    outputs: fc.constantFrom(1, 1, 1, 2, 3, 9),
    activation: fc.constantFrom(
      'tanh' as const,
      'relu' as const,
      'sigmoid' as const,
      'gelu' as const,
      'silu' as const,
      'identity' as const,
    ),
    loss: fc.constantFrom(...losses.keys()),
    seeds: fc.constantFrom(undefined, 1, 2, 5),
    rows: fc.integer({ min: 1, max: 90 }),
    batch: fc.integer({ min: 1, max: 70 }),
    steps: fc.integer({ min: 1, max: 9 }),
    most: fc.integer({ min: 1, max: 6 }),
    learningRate: fc.constantFrom(1e-2, 1),
    optimiser,
  })
  .map(({ optimiser: chosen, ...training }) => ({ ...training, ...chosen }));

// Without subgroups there is no such kernel (`hasNoSubgroups`); ordinary steps have tests of their own.
test.skipIf(hasNoSubgroups)('arbitrary trainings', async () => {
  const backend = await gpu();
  const property = fc.asyncProperty(trainings, async (training) => {
    const [ordinary, small] = await bothWays(backend, { ...training, loss: losses.get(training.loss)! });
    expect(differences(ordinary, small)).toEqual([]);
  });
  const details = await fc.check(property, { seed, numRuns, endOnFailure: true });
  console.log(`fuzz: small networks: ${details.numRuns} trials, FUZZ_SEED=${seed}`);
  expect(details.failed ? fc.defaultReportMessage(details) : '').toBe('');
});
