/** A reminder: whoever changes the bits of a study raises `numerics`. */
import { expect, test } from 'vitest';
import { numerics } from '../../../engine/numerics.ts';
import { numericsHashes } from '../../../parity/numerics.ts';
import { stored } from '../../../parity/numerics-stored.ts';
import { gpu } from '../../backends.ts';

const CURE =
  'the bits of studies have changed. If that is meant, `npm run numerics -- --raise` raises the number in ' +
  'engine/numerics.ts and stores these hashes, so that old plans and teachers are not mixed with new ones';

test('trainings and kernels have the bits that `numerics` stands for', async ({ skip }) => {
  const backend = await gpu();
  skip(!/llvmpipe|swiftshader/i.test(backend.name), `nothing is promised for ${backend.name}`);
  expect(await numericsHashes(backend), CURE).toEqual(stored.hashes);
  expect(numerics, CURE).toBe(stored.numerics);
});
