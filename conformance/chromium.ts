/** Runs cases in a headless Chromium on SwiftShader: its page loads the sources, transpiled by Vite as it asks for them. */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright';
import { createViteServer } from 'vitest/node';
import { chromiumArguments, findChromium } from '../scripts/setup.mjs';
import { RunError } from '../train/errors.ts';
import type { TestCase } from './graph.ts';
import type { Result } from './run.ts';
import type { Runner } from './runner.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function openChromiumRunner(): Promise<Runner> {
  const server = await serveSources();
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server.close();
  };
  try {
    browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    // As text: a transpiled function would call helpers that the page does not have.
    const adapter = await page.evaluate<string>(
      "import('/conformance/page.ts').then(({ start }) => start())",
    );
    return {
      adapter,
      host: `Chromium ${browser.version()}`,
      run: (testCase: TestCase) =>
        page.evaluate<Result, TestCase>((given) => globalThis.conformance!.run(given), testCase),
      close,
    };
  } catch (error) {
    await close();
    throw new RunError(`Chromium: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`, {
      cause: error,
    });
  }
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
    response.end('<!doctype html><title>conformance</title>');
  });
  return server.listen();
}
