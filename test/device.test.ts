/** The device in Node: names, errors, loss, and above all that a process which used it ends by itself. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type AdapterInfo, adapterName, isSoftwareAdapter, matchesAdapter } from '../engine/adapter-name.ts';
import { AdapterError, DeviceLostError } from '../engine/device-errors.ts';
import { listAdapters, openDevice } from '../engine/device.ts';

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
  const fixture = fileURLToPath(new URL('fixtures/open-device.ts', import.meta.url));
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
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 20_000);
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
    expect(lingeredMs).toBeLessThan(2000);
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
  expect(lingeredMs).toBeLessThan(2000);
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

test('an adapter is found by any part of what it calls itself, in any case', async () => {
  const [name] = await listAdapters();
  const { info, close } = await openDevice({ adapter: name!.slice(1, 8).toUpperCase() });
  close();
  const { vendor, host } = info;
  const again = await openDevice({ adapter: vendor });
  again.close();
  expect(again.info).toEqual(info);
  expect(host).toBe('node');
});

test('an unknown adapter: the error lists those there are', async () => {
  const [name] = await listAdapters();
  const opening = openDevice({ adapter: 'voodoo2' });
  await expect(opening).rejects.toThrow(AdapterError);
  await expect(opening).rejects.toThrow(`no WebGPU adapter is called 'voodoo2'; there are: ${name}`);
});

test('the limits are those of the adapter, and the globals are there', async () => {
  const { limits, features, close } = await openDevice();
  expect(limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
  expect(limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
  expect(features.has('core-features-and-limits')).toBe(true);
  expect(GPUBufferUsage.STORAGE).toBe(128);
  close();
});

test('the first invalid command is thrown where somebody waits, once taken it is gone', async () => {
  const { device, waitFor, throwIfFailed, takeError, close } = await openDevice();
  device.createBuffer({ label: 'first', size: 16, usage: 0xffff });
  device.createBuffer({ label: 'second', size: 16, usage: 0xffff });
  await expect(waitFor(device.queue.onSubmittedWorkDone())).rejects.toThrow('first');
  expect(throwIfFailed).toThrow('first');
  expect(takeError()?.message).toContain('first');
  expect(takeError()).toBeUndefined();
  expect(throwIfFailed).not.toThrow();
  close();
});

test('a wait ends when the device is lost', async () => {
  const { waitFor, throwIfFailed, lost, close } = await openDevice();
  const waiting = expect(waitFor(new Promise(() => {}))).rejects.toThrow(DeviceLostError);
  close();
  await waiting;
  expect((await lost).reason).toBe('destroyed');
  expect(throwIfFailed).toThrow('it was closed; open another');
});

test('several devices live side by side, and close one by one', async () => {
  const first = await openDevice();
  const second = await openDevice();
  first.close();
  await second.waitFor(second.device.queue.onSubmittedWorkDone());
  expect(first.throwIfFailed).toThrow(DeviceLostError);
  second.close();
});

const lavapipe: AdapterInfo = {
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe-llvm-15-0-6-256-bits-',
  description: 'llvmpipe: Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6) 0.0.1',
};
const discrete: AdapterInfo = {
  vendor: 'nvidia',
  architecture: 'hopper',
  device: 'nvidia-h200',
  description: 'NVIDIA: 570.1',
};
const inBrowser: AdapterInfo = { vendor: 'intel', architecture: 'xe', device: '', description: '' };

test('names for people', () => {
  expect(adapterName(lavapipe)).toBe('llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)');
  expect(adapterName(discrete)).toBe('nvidia h200, NVIDIA: 570.1');
  expect(adapterName(inBrowser)).toBe('intel xe');
  expect([lavapipe, discrete, inBrowser].map(isSoftwareAdapter)).toEqual([true, false, false]);
  expect(isSoftwareAdapter({ ...inBrowser, isFallbackAdapter: true })).toBe(true);
});

test('matching', () => {
  for (const text of ['llvm', 'Lavapipe', 'MESA', 'llvmpipe (LLVM 15.0.6, 256 bits)', 'software']) {
    expect(matchesAdapter(lavapipe, text), text).toBe(true);
  }
  expect(matchesAdapter(discrete, 'NVIDIA H200')).toBe(true);
  expect(matchesAdapter(discrete, 'llvm')).toBe(false);
});
