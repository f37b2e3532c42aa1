/** The tab Loss in a browser: mistakes are underlined where they are, wrong derivatives caught, right losses timed. */
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';
import { hostPage, offencesOf, type PageHost } from '../page.ts';
import { overflowOf, takePicture, violationsOf } from '../page-look.ts';

let host: PageHost;
beforeAll(async () => {
  host = await hostPage();
});
afterAll(() => host.close());

const formula = (page: Page) => page.getByRole('textbox', { name: 'Meaning, as a formula' });
const wgsl = (page: Page) => page.getByRole('textbox', { name: 'WGSL of one element' });
const verdict = (page: Page) => page.locator('.verdict');

async function type(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

const SQUARED = 'let u = pred - label;\nreturn Element(u * u, 2.0 * u);';

test('a mistake in the WGSL and in the formula is underlined where it is; mended, the loss is checked and timed', async () => {
  const opened = await host.open('#loss&template=mse');
  const { page } = opened;
  await type(page, wgsl(page), SQUARED.replace('2.0 * u', '2.0 * v'));
  const problem = page.locator('.problems li').filter({ hasText: "unresolved value 'v'" });
  await problem.waitFor();
  expect(await problem.textContent()).toBe("Line 2 unresolved value 'v'");
  const underlined = page.locator('.cm-lintRange-error');
  expect(await underlined.allTextContents()).toEqual(['v']);
  expect(await underlined.evaluate((mark) => mark.closest('.cm-line')?.textContent)).toBe(
    'return Element(u * u, 2.0 * v);',
  );

  await type(page, formula(page), '(pred - lable) ** 2');
  const unknown = page.locator('.problems li').filter({ hasText: 'lable' });
  await unknown.waitFor();
  expect(await unknown.textContent()).toBe("Line 1 unknown name 'lable', did you mean 'label'?");
  // While the formula is wrong the WGSL is looked at all the same.
  await expect.poll(() => underlined.allTextContents()).toEqual(['lable', 'v']);
  await page.getByRole('button', { name: 'Check and time' }).click();
  expect(await verdict(page).textContent()).toContain('mend first');

  await type(page, wgsl(page), SQUARED);
  await type(page, formula(page), '(pred - label) ** 2');
  await expect.poll(() => underlined.count()).toBe(0);
  await page.locator('.plots canvas').nth(1).waitFor();
  await expect.poll(() => page.getByText('Fused and composed agree here.').count()).toBe(1);
  await formula(page).press('Control+Enter');
  await expect
    .poll(() => verdict(page).textContent(), { timeout: PATIENCE_MS / 2 })
    .toBe('Right: all 4 checks passed.');
  const rows = await page
    .getByRole('region', { name: 'Times', exact: true })
    .locator('tbody tr')
    .allTextContents();
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^1\D000[\d.]+ ms[\d.]+ ms[\d.]+×1 against \d+$/);
  expect(rows[1]).toMatch(/^100\D000[\d.]+ ms[\d.]+ ms[\d.]+×2 against \d+$/);
  expect(await offencesOf(opened)).toEqual([]);
});

test('a wrong derivative is drawn, caught with its numbers, and not timed', async () => {
  const opened = await host.open('#loss&template=mse');
  const { page } = opened;
  await type(page, wgsl(page), SQUARED.replace('2.0 * u', 'u'));
  await page.getByText('Fused and composed differ: in the derivative by').waitFor();
  await page.getByRole('button', { name: 'Check and time' }).click();
  await expect.poll(() => verdict(page).textContent(), { timeout: PATIENCE_MS / 2 }).toContain('Wrong: ');
  const failed = page.locator('.loss-checks .failed').first();
  const text = (await failed.textContent())!;
  expect(text).toContain('fused gradient by pred');
  const [, wanted, got] = /element \d+ \(pred .*, label .*\)expected(-?[\d.e-]+)got(-?[\d.e-]+)$/.exec(text)!;
  expect(Number(got)).toBeCloseTo(Number(wanted) / 2, 6);
  expect(await page.getByRole('region', { name: 'Times', exact: true }).count()).toBe(0);
  await takePicture(page, 'loss-wrong');
  expect(await offencesOf(opened)).toEqual([]);
});

test('WGSL with a loop, which may never end, is compiled but not run while it is typed', async () => {
  const opened = await host.open('#loss&template=mse');
  const { page } = opened;
  await type(
    page,
    wgsl(page),
    `var u = pred - label;\nfor (var i = 0; i < 1; ) { u += 1.0; }\nreturn Element(u, u);`,
  );
  await page.getByText('WGSL with loops runs only in a check').waitFor();
  expect(await page.locator('.problems li').count()).toBe(0);
  expect(await offencesOf(opened)).toEqual([]);
});

test('a change stops a check, and so does the button', async () => {
  const opened = await host.open('#loss');
  const { page } = opened;
  await page.getByRole('button', { name: 'Check and time' }).click();
  await page.getByRole('button', { name: 'Stop' }).click();
  expect(await verdict(page).textContent()).toBe('Stopped.');
  await page.getByRole('button', { name: 'Check and time' }).click();
  await page.getByLabel('Parameters').fill('eps = 0.01');
  await expect.poll(() => verdict(page).textContent()).toBe('Stopped, because the loss has changed.');
  await page.locator('.plots canvas').nth(1).waitFor();
  expect(await offencesOf(opened)).toEqual([]);
});

test('templates, links and the file of TypeScript', async () => {
  const opened = await host.open('#loss');
  const { page } = opened;
  await page.getByLabel('Begin with').selectOption({ label: 'Huber' });
  await page.getByLabel('Parameters').fill('delta = 2');
  await expect.poll(() => page.url()).toContain('#loss&template=huber&params=delta+%3D+2');
  const again = await host.open(new URL(page.url()).hash);
  const other = again.page;
  expect(await other.getByLabel('Name').inputValue()).toBe('huber');
  expect(await other.getByLabel('Parameters').inputValue()).toBe('delta = 2');
  await other.getByText('my-loss.ts', { exact: true }).click();
  const file = (await other.getByLabel('my-loss.ts').textContent())!;
  expect(file).toContain("export const huber = defineLoss({\n  name: 'huber',");
  expect(file).toContain('params: { delta: 2 },');
  expect(await offencesOf(again)).toEqual([]);
  expect(await offencesOf(opened)).toEqual([]);
});

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test.each([1280, 360])('%i pixels wide: nothing sticks out, nothing is hard to use', async (width) => {
    const opened = await host.open('#loss', { colorScheme, viewport: { width, height: 800 } });
    const { page } = opened;
    await page.locator('.plots canvas').nth(1).waitFor();
    await type(page, wgsl(page), SQUARED.replace('2.0 * u', '2.0 * v'));
    await page.locator('.cm-lintRange-error').waitFor();
    expect(await overflowOf(page)).toBe(0);
    await takePicture(page, `loss-${colorScheme}-${width}`);
    expect(await violationsOf(page)).toEqual([]);
    expect(await offencesOf(opened)).toEqual([]);
  });
});

test.each([
  [
    'a name that is a pattern',
    `inputs=${encodeURIComponent(`pred,label,${'a'.repeat(40)},(a|a)*!`)}`,
    'is not a name',
  ],
  [
    'twenty thousand definitions',
    `composed=${encodeURIComponent(`${Array.from({ length: 20_000 }, (_, i) => `u${i}=pred;`).join('')}pred`)}`,
    'characters are too many',
  ],
  [
    'two thousand calls in one another',
    `composed=${encodeURIComponent(`${'abs('.repeat(2000)}pred${')'.repeat(2000)}`)}`,
    'parentheses lie in one another',
  ],
])('a link with %s: a complaint at the field, and the page goes on', async (_, query, complaint) => {
  const { page } = await host.open(`#loss&template=mse&${query}`);
  await page.getByText(complaint).first().waitFor();
  // It hears what is typed.
  await type(page, formula(page), '(pred - lable) ** 2');
  await page.getByLabel('Inputs').fill('pred, label');
  await page.locator('.problems li').filter({ hasText: "did you mean 'label'" }).waitFor();
});
