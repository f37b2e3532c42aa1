/** docs/api/ says what the sources say, and every public name is in it. */
import { expect, test } from 'vitest';
import * as limbeck from '../../index.ts';
import { apiPages, stalePages } from '../../tools/api/main.ts';

test('the API reference is up to date, and complete', () => {
  const pages = apiPages();
  expect(stalePages(pages), 'npm run api').toEqual([]);
  const index = pages.get('README.md')!;
  const missing = Object.keys(limbeck).filter((name) => !index.includes(`[${name}](`));
  expect(missing).toEqual([]);
  // Every link leads to a heading.
  for (const [, name, page] of index.matchAll(/\[([\w]+)\]\(([\w-]+\.md)#/g))
    expect(pages.get(page!), page).toContain(`\n## ${name}\n`);
});

test('a page that is stale is named', () => {
  expect(stalePages(new Map([['README.md', 'else']]))).toContain('README.md');
});
