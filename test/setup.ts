/** Runs in every test process, in Node and in Chromium: reports the dispatches of each test file. */
import { afterAll } from 'vitest';
import { openedAdapters } from '../engine/device.ts';
import { dispatchCount } from '../engine/gpu.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    noteDispatches(count: number, adapters: string[]): Promise<void>;
  }
}

afterAll(async () => {
  if ('document' in globalThis) {
    const { commands } = await import('vitest/browser');
    await commands.noteDispatches(dispatchCount(), openedAdapters());
    return;
  }
  const { noteDispatches } = await import('./report.ts');
  noteDispatches(dispatchCount(), openedAdapters());
});
