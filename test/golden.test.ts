/** Ten training steps against PyTorch in float64, on both backends. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../engine/backend.ts';
import { cpu, gpu } from './backends.ts';
import { expectGolden, goldenRuns } from './golden-runs.ts';

const backends: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-10', async () => cpu, 1e-10],
  ['GPU, to 1e-4', gpu, 1e-4],
];

describe.each(backends)('%s', (_, open, tolerance) => {
  test.each(goldenRuns)('$name', async (run) => expectGolden(run, await open(), tolerance));
});

test('the fixture is what this test thinks it is', () => {
  expect(goldenRuns.map(({ name }) => name)).toContain('tor-dual');
  expect(new Set(goldenRuns.map(({ optimizer }) => optimizer)).size).toBe(4);
  for (const { losses } of goldenRuns) expect(losses[9]).toBeLessThan(losses[0]!);
});
