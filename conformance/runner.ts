/** Where the cases run: in this process on its adapter, or in a browser on the browser's. */
import { openGpu } from '../index.ts';
import type { TestCase } from './graph.ts';
import { type Result, runCase } from './run.ts';

export interface Runner {
  /** The adapter in words. */
  readonly adapter: string;
  /** Node or the browser, with its version. */
  readonly host: string;
  run(testCase: TestCase): Promise<Result>;
  close(): Promise<void>;
}

export async function openNodeRunner(adapter?: string): Promise<Runner> {
  const backend = await openGpu({ adapter });
  return {
    adapter: backend.name,
    host: `Node ${process.versions.node}`,
    run: (testCase) => runCase(testCase, backend),
    close: async () => backend.close(),
  };
}
