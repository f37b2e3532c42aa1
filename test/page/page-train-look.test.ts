/** How the tab Train looks and reads: accessible, no wider than the screen, in both colours; with pictures in runs/web/. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { hostPage, offencesOf, type PageHost } from '../page.ts';
import { overflowOf, takePicture, violationsOf } from '../page-look.ts';

let host: PageHost;
beforeAll(async () => {
  host = await hostPage();
});
afterAll(() => host.close());

const screens = [
  { name: 'wide', viewport: { width: 1280, height: 900 } },
  { name: 'narrow', viewport: { width: 360, height: 780 } },
];

test.each(
  screens.flatMap((screen) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ ...screen, colorScheme })),
  ),
)('$name, $colorScheme', async ({ name, viewport, colorScheme }) => {
  const opened = await host.open('#train&epochs=25&teacher-epochs=20&seeds=2&methods=scratch,tor', {
    viewport,
    colorScheme,
    reducedMotion: 'reduce',
  });
  const { page } = opened;
  const picture = async (state: string) => {
    // The bar that stays in sight would lie somewhere on a picture of the whole page.
    await page.locator('.run-bar').evaluate((bar) => {
      bar.style.position = 'static';
    });
    await takePicture(page, `train-${state}-${name}-${colorScheme}`);
  };
  await page.locator('.chart').waitFor();
  await page.locator('.adapter').filter({ hasText: /./ }).waitFor();
  await picture('ready');
  expect(await violationsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByText(/tor \d+\//).waitFor();
  await picture('training');
  await page.getByText(/^Finished: /).waitFor({ timeout: PATIENCE_MS / 2 });
  await page.getByText('Advanced', { exact: true }).click();
  await picture('finished');
  expect(await violationsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
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
