/** How the page looks and reads: accessible, no wider than the screen, in both colours; with pictures in runs/web/. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostPage, offencesOf, type PageHost } from './page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = fileURLToPath(new URL('../runs/web/', import.meta.url));

let host: PageHost;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  host = await hostPage();
});
afterAll(() => host.close());

/** Serious and critical violations, each with the elements it is about. */
async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated by the browser's tools, which the page's policy does not bind.
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
  expect(passes.length, 'rules that axe could check').toBeGreaterThan(15);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

const isTooWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

const screens = [
  { name: 'wide', viewport: { width: 1280, height: 900 } },
  { name: 'narrow', viewport: { width: 360, height: 780 } },
];

test.each(
  screens.flatMap((screen) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ ...screen, colorScheme })),
  ),
)('$name, $colorScheme', async ({ name, viewport, colorScheme }) => {
  const opened = await host.open('#train&epochs=40&teacher-epochs=40&seeds=2&methods=scratch,tor', {
    viewport,
    colorScheme,
    reducedMotion: 'reduce',
  });
  const { page } = opened;
  const picture = (state: string) =>
    page.screenshot({ path: `${pictures}train-${state}-${name}-${colorScheme}.png`, fullPage: true });
  await page.locator('.chart').waitFor();
  await page.locator('.adapter').filter({ hasText: /./ }).waitFor();
  await picture('ready');
  expect(await violationsOf(page)).toEqual([]);
  expect(await isTooWide(page)).toBe(false);
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByText(/tor \d+\//).waitFor();
  await picture('training');
  await page.getByText(/^Finished: /).waitFor({ timeout: 60_000 });
  await page.getByText('Advanced', { exact: true }).click();
  await picture('finished');
  expect(await violationsOf(page)).toEqual([]);
  expect(await isTooWide(page)).toBe(false);
  expect(await offencesOf(opened)).toEqual([]);
});

test('the colours follow the system until somebody chooses', async () => {
  const opened = await host.open('#train', { colorScheme: 'dark' });
  const { page } = opened;
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  expect(await theme()).toBe('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(theme).toBe('light');
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  expect(await theme()).toBe('dark');
  await page.reload();
  await expect.poll(theme).toBe('dark');
  expect(await offencesOf(opened)).toEqual([]);
});
