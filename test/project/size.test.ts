/** A page that trains with teacher outlier rejection loads at most 51,000 bytes of engine. */
import { expect, test } from 'vitest';
import { measureSize, sizeBudget, sizeText } from '../../scripts/size.mjs';

test('the engine with an MLP and teacher outlier rejection keeps its budget', async () => {
  const size = await measureSize();
  expect(size.gzip, sizeText(size)).toBeLessThanOrEqual(sizeBudget);
  // It is all there, and nothing of what it does not use.
  const paths = size.modules.map(({ path }) => path);
  for (const path of ['engine/gpu/gpu.ts', 'engine/grad.ts', 'losses/tor-dual.ts', 'models/mlp.ts'])
    expect(paths).toContain(path);
  expect(
    paths.filter((path) =>
      /conv|ops\/pool|resize|train\/|datasets\/|checkpoint|cpu\.ts|\/(dawn|patience)\.ts/.test(path),
    ),
  ).toEqual([]);
});
