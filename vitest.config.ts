/**
 * The three hosts of the tests. `test/gpu/` runs in all of them, from the same files; `test/` itself only in Node,
 * because it needs files, processes or Node's modules. `npm test` runs one host after the other.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { chromiumArguments, findChromium } from './scripts/setup.mjs';
import type { Host } from './engine/device/device.ts';
import { type Note, note } from './test/report.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests of a project run; `test/backends.ts` holds them to it. */
    host: Host;
    /** Trials of a weight of 1 in `test/gpu/fuzz.test.ts`. */
    fuzzRuns: number;
    fuzzSeed: string;
  }
}

const everywhere = 'test/gpu/**/*.test.ts';

/** In Node on the machine's adapter. */
const node: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'node',
    include: [everywhere, 'test/**/*.test.ts'],
    provide: { host: 'node', fuzzRuns: fuzzRuns(25) },
    pool: 'forks',
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
  },
};

/** In a headless Chromium on SwiftShader, the software GPU that it brings along; slower than others. */
const chromium: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'chromium',
    include: [everywhere],
    provide: { host: 'browser', fuzzRuns: fuzzRuns(8) },
    sequence: { groupOrder: 2 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' }],
      provider: playwright({
        launchOptions: { executablePath: findChromium() ?? 'chromium', args: chromiumArguments },
      }),
      commands: { note: (_, words: Note) => note(words) },
    },
  },
};

/** In Deno, where vitest itself runs inside Deno: `npm test -- --project deno` starts it so. */
const deno: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'deno',
    include: [everywhere],
    provide: { host: 'deno', fuzzRuns: fuzzRuns(25) },
    pool: 'forks',
    // Deno looks every 10 ms whether a read-back is done: most of the time a process waits.
    maxWorkers: 4,
  },
};

function fuzzRuns(usual: number): number {
  return Number(process.env.FUZZ_RUNS ?? usual);
}

export default defineConfig({
  test: {
    reporters: ['default', './test/report.ts'],
    setupFiles: ['test/setup.ts'],
    provide: { fuzzSeed: process.env.FUZZ_SEED ?? '20261122' },
    // A software adapter compiles a large kernel for seconds, and for longer where the machine is busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: 'Deno' in globalThis ? [deno] : [node, chromium],
  },
});
