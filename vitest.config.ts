/** Two hosts for the tests: Node on the machine's adapter, Chromium on SwiftShader, the software GPU that it brings along. */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArguments, findChromium } from './scripts/setup.mjs';
import { noteDispatches } from './test/report.ts';

const launchOptions = { executablePath: findChromium() ?? 'chromium', args: chromiumArguments };

export default defineConfig({
  test: {
    reporters: ['default', './test/report.ts'],
    setupFiles: ['test/setup.ts'],
    // A software adapter compiles a large kernel for seconds, and for longer where the machine is busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'chromium',
          include: ['test/browser/*.test.ts'],
          sequence: { groupOrder: 2 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
            provider: playwright({ launchOptions }),
            commands: {
              noteDispatches: (_, count: number, adapters: string[]) => noteDispatches(count, adapters),
            },
          },
        },
      },
    ],
  },
});
