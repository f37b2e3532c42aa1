/** The device in Node: a process which used it ends by itself, whatever happened. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PATIENCE_MS } from '../../scripts/patience.mjs';

interface Ended {
  code: number | null;
  signal: string | null;
  stderr: string;
  /** From the process's last word on stdout to its end. */
  lingeredMs: number;
}

function runFixture(
  args: string[],
  options: { env?: Record<string, string>; signalAt?: string } = {},
): Promise<Ended> {
  const fixture = fileURLToPath(new URL('../fixtures/open-device.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', fixture, ...args], {
    env: { ...process.env, ...options.env },
  });
  let stderr = '';
  let spokeAt = performance.now();
  child.stdout.on('data', (chunk: Buffer) => {
    spokeAt = performance.now();
    if (options.signalAt && chunk.toString().includes(options.signalAt)) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const giveUp = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS / 2);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(giveUp);
      resolve({ code, signal, stderr, lingeredMs: performance.now() - spokeAt });
    });
  });
}

for (const ending of ['close', 'close-mapped', 'leave-open']) {
  test(`a process that computes ends by itself, code 0: ${ending}`, async () => {
    const { code, lingeredMs } = await runFixture([ending]);
    expect(code).toBe(0);
    expect(lingeredMs).toBeLessThan(60_000);
  });
}

test('an exception after the close ends the process with code 1', async () => {
  const { code, stderr } = await runFixture(['throw']);
  expect(code).toBe(1);
  expect(stderr).toContain('thrown after the close');
});

test('Ctrl-C ends a process in the middle of its work', async () => {
  const { signal, lingeredMs } = await runFixture(['work-on'], { signalAt: 'working' });
  expect(signal).toBe('SIGINT');
  expect(lingeredMs).toBeLessThan(60_000);
});

test('no driver at all: an error that says what to do, code 1', async () => {
  for (const adapter of ['auto', 'llvmpipe']) {
    const { code, stderr } = await runFixture(['close', adapter], {
      env: { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('AdapterError: no WebGPU adapter; `npm run doctor`');
  }
});
