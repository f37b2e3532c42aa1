/** An empty page in a headless Chromium that can import our sources, transpiled by Vite as it asks for them. */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { createViteServer } from 'vitest/node';
import { PATIENCE_MS } from '../scripts/patience.mjs';
import { chromiumArguments, findChromium } from '../scripts/setup.mjs';
import { RunError } from '../base/errors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface SourcesPage {
  readonly page: Page;
  /** 'Chromium 156.0.7444.59' */
  readonly host: string;
  close(): Promise<void>;
}

/** @throws RunError if there is no browser, or it does not start. */
export async function openSourcesPage(): Promise<SourcesPage> {
  const server = await serveSources();
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server.close();
  };
  try {
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: chromiumArguments,
      timeout: PATIENCE_MS,
    });
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    return { page, host: `Chromium ${browser.version()}`, close };
  } catch (error) {
    await close();
    throw chromiumError(error);
  }
}

/** What went wrong in the browser, in a line. */
export function chromiumError(cause: unknown): RunError {
  const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new RunError(`Chromium: ${message}`, { cause });
}

/** An empty page, and the modules that it imports. */
async function serveSources() {
  const server = await createViteServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    // Only Node imports webgpu.
    optimizeDeps: { include: ['wgsl-preprocessor'], exclude: ['webgpu'], entries: [] },
  });
  server.middlewares.use((request, response, next) => {
    if (request.url !== '/') return next();
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>limbeck</title>');
  });
  return server.listen();
}
