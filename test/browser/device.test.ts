/** The device in a browser: the same calls as in Node. */
import { expect, test } from 'vitest';
import { AdapterError } from '../../engine/device-errors.ts';
import { openDevice } from '../../engine/device.ts';

test('opens SwiftShader, catches an invalid command, closes', async () => {
  const { device, info, waitFor, takeError, close, lost } = await openDevice({ adapter: 'SwiftShader' });
  expect(info).toMatchObject({ host: 'browser', isSoftware: true });
  device.createBuffer({ label: 'wrong', size: 16, usage: 0xffff });
  await expect(waitFor(device.queue.onSubmittedWorkDone())).rejects.toThrow('wrong');
  expect(takeError()?.message).toContain('wrong');
  close();
  expect((await lost).reason).toBe('destroyed');
});

test('names what is there when the adapter asked for is not', async () => {
  await expect(openDevice({ adapter: 'voodoo2' })).rejects.toThrow(AdapterError);
  await expect(openDevice({ adapter: 'voodoo2' })).rejects.toThrow(/voodoo2.*there are: .*swiftshader/i);
});
