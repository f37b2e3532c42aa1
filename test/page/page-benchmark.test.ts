/** The tab Benchmark in a browser: the limits first, then rows against them; and what both tabs say without WebGPU. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { kernelEntries } from '../../bench/kernel-suite.ts';
import { type Report, workOf } from '../../bench/report/report.ts';
import { QUICK, worksOf } from '../../web/benchmark/works.ts';
import { hostPage, offencesOf, type PageHost } from '../page.ts';
import { overflowOf, takePicture, violationsOf } from '../page-look.ts';

let host: PageHost;
beforeAll(async () => {
  host = await hostPage();
});
afterAll(() => host.close());

test('the kernels of a quick run are some of the suite, in one way where the other takes a device', () => {
  const all = kernelEntries({ quick: false }).map(workOf);
  expect(QUICK.filter((work) => !all.includes(work))).toEqual([]);
  const quick = worksOf('quick');
  expect(quick).toHaveLength(QUICK.length);
  expect(new Set(quick.flatMap(({ variants = [] }) => variants))).toEqual(new Set(['', 'composed']));
  expect(worksOf('full').map(workOf)).toEqual(all);
});

test('a quick run: limits, a row a kernel, the roofline, the JSON of the command', async () => {
  const opened = await host.open('#benchmark');
  const { page } = opened;
  await page.getByRole('button', { name: 'Measure' }).click();
  const progress = page.getByRole('progressbar', { name: 'Progress' });
  await progress.waitFor();
  await page.getByLabel('Limits of the adapter').waitFor();
  // Rows come one by one.
  const rows = page.getByRole('region', { name: 'Kernels' }).locator('tbody tr');
  await rows.first().waitFor();
  expect(await rows.count()).toBeLessThan(QUICK.length);
  await expect
    .poll(() => page.getByText(/^Measured/).count(), { timeout: PATIENCE_MS / 2, interval: 200 })
    .toBe(1);
  expect(await progress.isVisible()).toBe(false);
  expect(await rows.count()).toBe(QUICK.length + 1);
  expect(await page.locator('#roofline-title').count()).toBe(1);
  expect(await page.locator('circle.point').count()).toBe(QUICK.length);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download JSON' }).click(),
  ]);
  const report = JSON.parse(readFileSync(await download.path(), 'utf8')) as Report;
  expect(report.adapter).toMatch(/swiftshader/i);
  for (const limit of Object.values(report.roofline)) expect(limit).toBeGreaterThan(0);
  expect([...new Set(report.rows.map(workOf))].sort((a, b) => a.localeCompare(b))).toEqual(
    QUICK.toSorted((a, b) => a.localeCompare(b)),
  );
  for (const row of report.rows) {
    expect(row.ms, workOf(row)).toBeGreaterThan(0);
    expect(row.percentOfLimit, workOf(row)).toBeGreaterThan(0);
    expect(row).toMatchObject({ clock: 'gpu' });
    // Long enough for a clock of 0.1 ms: a hundred of its ticks.
    expect(row.ms * row.runs, workOf(row)).toBeGreaterThan(10);
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await overflowOf(page)).toBe(0);
      await takePicture(page, `benchmark-${colorScheme}-${width}`);
    }
    expect(await violationsOf(page)).toEqual([]);
  }
  expect(await offencesOf(opened)).toEqual([]);
});

test('it stops, keeps its rows, and starts again', async () => {
  const opened = await host.open('#benchmark');
  const { page } = opened;
  await page.getByRole('button', { name: 'Measure' }).press('Enter');
  const rows = page.getByRole('region', { name: 'Kernels' }).locator('tbody tr');
  await rows.first().waitFor();
  // The focus has gone along to the button that took the place of the first.
  await page.keyboard.press('Enter');
  const stopped = await page.getByText(/^Stopped after \d+ of \d+ kernels\.$/).textContent();
  expect(stopped).toBe(`Stopped after ${await rows.count()} of ${QUICK.length} kernels.`);
  expect(await page.getByRole('button', { name: 'Download JSON' }).isEnabled()).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByText('Opening the adapter').or(page.getByText('limits of the adapter')).first().waitFor();
  expect(await offencesOf(opened)).toEqual([]);
});

test('without an adapter both tabs say what to do', async () => {
  const opened = await host.open('#benchmark', { hasWebGpu: false });
  const { page } = opened;
  await page.getByRole('button', { name: 'Measure' }).click();
  const alert = page.locator('#panel-benchmark [role=alert]');
  await expect.poll(() => alert.textContent()).toMatch(/WebGPU/);
  await page.getByRole('tab', { name: 'Loss' }).click();
  const other = page.locator('#panel-loss [role=alert]');
  await expect
    .poll(() => other.textContent())
    .toMatch(/WebGPU.*The formula is understood and drawn all the same/s);
  await page.locator('.plots canvas').nth(1).waitFor();
  await takePicture(page, 'loss-without-webgpu');
  expect(await offencesOf(opened)).toEqual([]);
});
