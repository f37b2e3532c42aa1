/** Runs in every test process, on each host: reports the dispatches of each test file. */
import { afterAll, inject } from 'vitest';
import { openedAdapters } from '../engine/device/device.ts';
import { dispatchCount } from '../engine/gpu/command-stream.ts';
import type { Note } from './report.ts';

declare module 'vitest/browser' {
  interface BrowserCommands {
    note(note: Note): Promise<void>;
  }
}

afterAll(async () => {
  const note = { host: inject('host'), dispatches: dispatchCount(), adapters: openedAdapters() };
  if ('document' in globalThis) {
    const { commands } = await import('vitest/browser');
    await commands.note(note);
  } else {
    const report = await import('./report.ts');
    report.note(note);
  }
});
