/** What runs in the browser: the same cases on the same engine; `chromium.ts` calls it. */
import { openGpu } from '../index.ts';
import type { TestCase } from './graph.ts';
import { type Result, runCase } from './run.ts';

export interface Page {
  run(testCase: TestCase): Promise<Result>;
}

declare global {
  var conformance: Page | undefined;
}

/** Opens the browser's adapter, leaves what runs a case in a global, and gives the adapter's name. */
export async function start(): Promise<string> {
  const backend = await openGpu();
  globalThis.conformance = { run: (testCase) => runCase(testCase, backend) };
  return backend.name;
}
