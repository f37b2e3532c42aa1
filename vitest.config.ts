/**
 * The hosts of the tests. `test/gpu/` runs in Node, Chromium and Deno, from the same files; the rest of `test/` only
 * in Node, because it needs files, processes or Node's modules, and `test/page/`, which starts a browser, apart from that.
 * scripts/test-hosts.mjs says which files those are, and what a host needs. `npm test` runs one host after the other.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { availableParallelism, freemem } from 'node:os';
import { PATIENCE_MS } from './scripts/patience.mjs';
import { chromiumArguments, findChromium } from './scripts/setup.mjs';
import { files } from './scripts/test-hosts.mjs';
import type { Host } from './engine/device/device.ts';
import { makePoolPatient } from './test/patient-pool.ts';
import { type Note, note } from './test/report.ts';

makePoolPatient();

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests of a project run; `test/backends.ts` holds them to it. */
    host: Host;
    /** Trials of a weight of 1 in `test/gpu/ops/fuzz.test.ts`. */
    fuzzRuns: number;
    fuzzSeed: string;
  }
}

/** In Node on the machine's adapter. */
const node: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'node',
    ...files.node,
    provide: { host: 'node', fuzzRuns: fuzzRuns(25) },
    pool: 'forks',
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
  },
};

/** In Node, too, with a browser beside that the tests start. */
const page: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'page',
    ...files.page,
    provide: { host: 'node', fuzzRuns: fuzzRuns(25) },
    pool: 'forks',
    // Each has a browser of several processes.
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
};

/** In a headless Chromium on SwiftShader, the software GPU that it brings along; slower than others. */
const chromium: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'chromium',
    ...files.chromium,
    provide: { host: 'browser', fuzzRuns: fuzzRuns(8) },
    sequence: { groupOrder: 3 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      connectTimeout: PATIENCE_MS,
      instances: [{ browser: 'chromium' }],
      provider: playwright({
        launchOptions: {
          executablePath: findChromium() ?? 'chromium',
          args: chromiumArguments,
          timeout: PATIENCE_MS,
        },
      }),
      commands: { note: (_, words: Note) => note(words) },
    },
  },
};

/** What a Deno with a software adapter and its tests may take. */
const DENO_BYTES = 2.5 * 2 ** 30;

/** In Deno, where vitest itself runs inside Deno: `npm test -- --project deno` starts it so. */
const deno: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'deno',
    ...files.deno,
    provide: { host: 'deno', fuzzRuns: fuzzRuns(25) },
    pool: 'forks',
    // Deno looks every 10 ms whether a read-back is done: most of the time a process waits.
    maxWorkers: Math.min(4, 2 * availableParallelism(), Math.max(1, Math.floor(freemem() / DENO_BYTES))),
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
    // A software adapter compiles a large kernel for seconds, and for minutes where the machine is busy.
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    teardownTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS / 2 } },
    projects: 'Deno' in globalThis ? [deno] : [node, page, chromium],
  },
});
