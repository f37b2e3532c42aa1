/**
 * Every op on arbitrary shapes and options: gradients of order 1 and 2 against finite differences, and GPU = CPU, also with
 * special numbers among the inputs. The
 * seed is fixed, so that a run is repeatable; FUZZ_SEED=random looks elsewhere, FUZZ_RUNS for longer. vitest.config.ts
 * has the numbers of trials for each host.
 */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { inputOf, withSpecial } from '../../../engine/check/samples.ts';
import { checkBackends, checkGrads } from '../../check.ts';
import { convolutions, pools, products, transposedConvolutions } from '../../fuzz/image.ts';
import { pointwise } from '../../fuzz/pointwise.ts';
import type { Trial } from '../../fuzz/shapes.ts';
import { movements, normalisations, reductions } from '../../fuzz/structure.ts';

const given = inject('fuzzSeed');
const seed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const numRuns = inject('fuzzRuns');

const families: Record<string, [fc.Arbitrary<Trial>, number]> = {
  pointwise: [pointwise, 4],
  reductions: [reductions, 3],
  normalisations: [normalisations, 2],
  movements: [movements, 3],
  products: [products, 1],
  convolutions: [convolutions, 1],
  'transposed convolutions': [transposedConvolutions, 1],
  'pooling and resizing': [pools, 2],
};

/** NaN, an infinity or a zero at two places of each input, which are the same place where it is short. */
const special = fc.tuple(
  fc.oneof(pointwise, reductions, movements, pools),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e-40),
  fc.array(fc.nat(30), { minLength: 2, maxLength: 2 }),
);

test('special numbers', async () => {
  const property = fc.asyncProperty(special, async ([{ f, inputs, tolerance = 2e-5 }, number, places]) => {
    const given = inputs.map((input, i) => {
      const sampled = inputOf(input, i);
      return withSpecial(
        sampled,
        number,
        places.map((place) => place % Math.max(1, sampled.values.length)),
      );
    });
    await checkBackends(f, given, { order: 1, isSpecial: true, tolerance });
  });
  const details = await fc.check(property, { seed, numRuns: numRuns * 4 });
  console.log(`fuzz: special numbers: ${details.numRuns} trials, FUZZ_SEED=${seed}`);
  expect(details.failed ? fc.defaultReportMessage(details) : '').toBe('');
});

test.each(Object.entries(families))('%s', async (name, [trials, weight]) => {
  let count = 0;
  const property = fc.asyncProperty(trials, async ({ f, inputs, tolerance }) => {
    await checkGrads(f, inputs);
    await checkBackends(f, inputs, { tolerance });
    count++;
  });
  const details = await fc.check(property, { seed, numRuns: numRuns * weight });
  console.log(`fuzz: ${name}: ${count} trials, FUZZ_SEED=${seed}`);
  expect(details.failed ? fc.defaultReportMessage(details) : '').toBe('');
  expect(count).toBeGreaterThanOrEqual(numRuns * weight);
});
