/** What is planned, trained or kept with other numerics is not mixed with what this version computes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { numerics } from '../../engine/numerics.ts';
import { packageVersion } from '../../base/package-version.ts';
import { main } from '../../cli/study/study.ts';
import type { Plan } from '../../study/plan/plan.ts';
import { createPlanFolder } from '../../study/plan/plan-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'limbeck-numerics-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const plan: Plan = {
  ...{ format: 1, name: 'a-study', version: packageVersion, numerics, baseline: 'scratch' },
  ...{ base: {}, axes: [], runs: [] },
};

async function study(given: Plan, ...words: string[]) {
  const folder = createPlanFolder(mkdtempSync(join(home, 'plan-')), packageVersion);
  folder.writePlan(given);
  let stderr = '';
  const code = await main([words[0]!, folder.path, ...words.slice(1)], {
    stdout: { write: () => true },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { code, stderr };
}

test.each([
  ['run', [numerics + 1], `numerics ${numerics + 1}`],
  // As plans were before there was such a number.
  ['run', [], 'earlier numerics'],
])('study %s refuses a plan that was made with %j in one line', async (action, had, name) => {
  const { numerics: _, ...without } = plan;
  const given: Plan = had.length > 0 ? { ...plan, numerics: had[0]! } : without;
  const { code, stderr } = await study(given, action, ...(action === 'run' ? ['--all'] : []));
  expect(code).toBe(2);
  expect(stderr).toBe(
    `study: the plan was made with ${name}, and this version computes numerics ${numerics}: its networks would differ; ` +
      'make it again with: study plan STUDY.json\n',
  );
});

test.each([numerics, numerics - 1])(
  'a plan of numerics %i is merged: its results are its own',
  async (had) => {
    expect(await study({ ...plan, numerics: had }, 'merge')).toEqual({ code: 0, stderr: '' });
  },
);
