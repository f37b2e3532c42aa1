/** The page as people get it: the static build on a plain server, in a headless Chromium that watches what it does. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { chromiumArguments, findChromium } from '../scripts/setup.mjs';
import { buildPage } from '../tools/web.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface WatchedPage {
  readonly page: Page;
  /** Whatever a well-behaved page leaves undone: requests elsewhere, breaches of its policy, errors on the console. */
  readonly offences: string[];
  /** Durations of the main thread's long tasks since the last call, in ms. */
  longTasks(): Promise<number[]>;
}

export interface PageHost {
  readonly origin: string;
  /** Opens `hash` in a window of its own. */
  open(hash: string, options?: BrowserContextOptions & { hasWebGpu?: boolean }): Promise<WatchedPage>;
  close(): Promise<void>;
}

/** Runs in the page before its own code. */
function watch(): void {
  const seen = globalThis as unknown as { breaches: string[]; tasks: number[] };
  seen.breaches = [];
  seen.tasks = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.breaches.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`);
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ type: 'longtask' });
}

export async function hostPage(): Promise<PageHost> {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-page-'));
  await buildPage(folder, { isQuiet: true });
  const server = await serve(folder);
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const browsers = new Map<boolean, Promise<Browser>>();
  const browserWith = (hasWebGpu: boolean) => {
    const args = hasWebGpu
      ? chromiumArguments
      : chromiumArguments.filter((argument) => !/webgpu/.test(argument));
    const started = browsers.get(hasWebGpu) ?? chromium.launch({ executablePath: findChromium(), args });
    browsers.set(hasWebGpu, started);
    return started;
  };
  return {
    origin,
    async open(hash, { hasWebGpu = true, ...options } = {}) {
      const context = await (await browserWith(hasWebGpu)).newContext(options);
      const page = await context.newPage();
      const offences: string[] = [];
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.origin !== origin && !['blob:', 'data:'].includes(url.protocol))
          offences.push(`request: ${url.href}`);
      });
      page.on('pageerror', (error) => offences.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') offences.push(`console: ${message.text()}`);
      });
      page.on('worker', (worker) => {
        if (new URL(worker.url()).origin !== origin) offences.push(`worker: ${worker.url()}`);
      });
      await page.addInitScript(watch);
      await page.goto(`${origin}/${hash}`);
      return {
        page,
        offences,
        longTasks: () => page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks.splice(0)),
      };
    },
    async close() {
      for (const browser of browsers.values()) await (await browser).close();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Closes a page, and returns what it has done wrong. */
export async function offencesOf({ page, offences }: WatchedPage): Promise<string[]> {
  const breaches = await page.evaluate(() => (globalThis as unknown as { breaches: string[] }).breaches);
  await page.context().close();
  return [...offences, ...breaches];
}

function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    try {
      const body = readFileSync(join(folder, path));
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  return new Promise((resolve) => server.listen(0, 'localhost', () => resolve(server)));
}
