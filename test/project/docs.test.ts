/** Code in the documents is the code of the repository. */
import { expect, test } from 'vitest';
import { updateDocs } from '../../scripts/docs.mjs';

test('included code is up to date (npm run docs)', () => {
  expect(updateDocs({ isCheck: true })).toEqual([]);
});
