/** The page as its users get it: built, served, and opened in Chromium, with whatever it should not have done noted. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type BrowserContextOptions, chromium, type Page } from 'playwright';
import { preview } from 'vite';
import { chromiumArguments, findChromium } from '../scripts/setup.mjs';
import { buildPage } from '../scripts/web.ts';
import { pageConfig } from '../web/page-config.ts';

/** Ignored by git; somebody looks at them. */
export const screenshots = fileURLToPath(new URL('../runs/web', import.meta.url));

export interface Site {
  /** A page in a context of its own, at an address such as '#loss'. */
  open(hash: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors and warnings in consoles, violations of the policy, requests to anywhere else, since the beginning. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** @param args further arguments of the browser */
export async function openSite({
  args = chromiumArguments,
}: {
  args?: readonly string[];
} = {}): Promise<Site> {
  const outDir = mkdtempSync(join(tmpdir(), 'limbeck-site-'));
  mkdirSync(screenshots, { recursive: true });
  await buildPage(outDir, { isQuiet: true });
  const server = await preview({
    ...pageConfig,
    logLevel: 'silent',
    build: { ...pageConfig.build, outDir },
    preview: { port: 0, host: 'localhost' },
  });
  const [root] = server.resolvedUrls!.local;
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...args] });
  const complaints: string[] = [];

  return {
    complaints,
    async open(hash, options) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) => {
          console.error(
            `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
          );
        });
      });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
      context.on('request', (request) => {
        const isOwn = request.url().startsWith(root!) || /^(data|blob):/.test(request.url());
        if (!isOwn) complaints.push(`request: ${request.url()}`);
      });
      await page.goto(`${root}${hash}`);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

/** How many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

/** What axe finds of the rules for accessible pages, a line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated by the test's own hands, which the page's policy does not bind.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
