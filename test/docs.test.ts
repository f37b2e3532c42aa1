/** Code in the documents is the code of the repository, and the example runs. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { updateDocs } from '../scripts/docs.mjs';

const root = new URL('..', import.meta.url).pathname;

test('included code is up to date (npm run docs)', () => {
  expect(updateDocs({ isCheck: true })).toEqual([]);
});

test('examples/sinusoid.ts prints what the README says', () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'examples/sinusoid.ts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(output).toMatch(/: 47 of 256 labels rejected\nloss of the student after 300 steps: 0\.111\d\n$/);
});
