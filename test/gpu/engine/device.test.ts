/** The device on each host: which host it is, names, errors, loss. */
import { expect, inject, test } from 'vitest';
import { AdapterError, DeviceLostError } from '../../../engine/device/device-errors.ts';
import { listAdapters, openDevice } from '../../../engine/device/device.ts';
import { gpu } from '../../backends.ts';

test('the host is the one that these tests are for', async () => {
  expect((await gpu()).opened.info.host).toBe(inject('host'));
});

test('an adapter is found by any part of what it calls itself, in any case', async () => {
  const [name] = await listAdapters();
  const { info, close } = await openDevice({ adapter: name!.slice(1, 8).toUpperCase() });
  close();
  const again = await openDevice({ adapter: info.vendor });
  again.close();
  expect(again.info).toEqual(info);
});

test('a software adapter is known as one', async () => {
  const { name, isSoftware } = (await gpu()).opened.info;
  expect(isSoftware).toBe(/llvmpipe|swiftshader/i.test(name));
});

test('an unknown adapter: the error lists those there are', async () => {
  const [name] = await listAdapters();
  const opening = openDevice({ adapter: 'voodoo2' });
  await expect(opening).rejects.toThrow(AdapterError);
  await expect(opening).rejects.toThrow(`no WebGPU adapter is called 'voodoo2'; there are: ${name}`);
});

test('the limits and features are those of the adapter, and the globals are there', async () => {
  const { device, limits, features, close } = await openDevice();
  expect(limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(2 ** 27);
  expect(limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
  expect([...features]).toEqual([...device.features]);
  expect(features.size).toBeGreaterThan(0);
  expect(GPUBufferUsage.STORAGE).toBe(128);
  close();
});

test('the first invalid command is thrown where somebody waits, and then it is gone', async () => {
  const { device, waitFor, throwIfFailed, takeError, close } = await openDevice();
  for (const label of ['first', 'second']) {
    const readOnly = device.createBuffer({ label, size: 16, usage: GPUBufferUsage.STORAGE });
    device.queue.writeBuffer(readOnly, 0, new Float32Array(4));
  }
  await expect(waitFor(device.queue.onSubmittedWorkDone())).rejects.toThrow('first');
  // The second may come later than the first.
  await new Promise((resolve) => setTimeout(resolve, 200));
  takeError();
  expect(throwIfFailed).not.toThrow();
  const third = device.createBuffer({ label: 'third', size: 16, usage: GPUBufferUsage.STORAGE });
  device.queue.writeBuffer(third, 0, new Float32Array(4));
  await device.queue.onSubmittedWorkDone();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(takeError()?.message).toContain('third');
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
