/** Waiting without taking the processor: when the thread pauses, when not, and that it ends. */
import { afterEach, expect, test, vi } from 'vitest';
import { patience } from '../../engine/device/patience.ts';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const pauses = vi.spyOn(Atomics, 'wait');

afterEach(() => void pauses.mockClear());

test('the first wait does not pause: how long a dispatch takes is not known', async () => {
  await patience()(sleep(20), 1);
  expect(pauses).not.toHaveBeenCalled();
});

test('after long dispatches a wait pauses, for moments, and no longer than it lasts', async () => {
  const wait = patience();
  await wait(sleep(20), 1);
  await wait(sleep(20), 2);
  await wait(sleep(20), 3);
  expect(pauses).toHaveBeenCalled();
  expect(Math.max(...pauses.mock.calls.map(([, , , ms]) => ms!))).toBeLessThanOrEqual(1);
  await sleep(5);
  pauses.mockClear();
  await sleep(20);
  expect(pauses).not.toHaveBeenCalled();
});

test('after short ones it does not, until they are long again', async () => {
  const wait = patience();
  await wait(sleep(20), 1);
  await wait(sleep(20), 1_000_000);
  pauses.mockClear();
  await wait(sleep(20), 1_000_001);
  expect(pauses).not.toHaveBeenCalled();
  await wait(sleep(20), 1_000_002);
  expect(pauses).toHaveBeenCalled();
});

test('what is awaited comes back, what fails throws, and then no pause is left', async () => {
  const wait = patience();
  await wait(sleep(20), 1);
  expect(await wait(Promise.resolve(7), 2)).toBe(7);
  await sleep(20);
  await wait(sleep(1), 3);
  await expect(wait(Promise.reject(new Error('lost')), 4)).rejects.toThrow('lost');
  await sleep(5);
  pauses.mockClear();
  await sleep(10);
  expect(pauses).not.toHaveBeenCalled();
});

test('others have their turn during two waits at once', async () => {
  const waits = [patience(), patience()];
  for (const [i, wait] of [...waits, ...waits].entries()) await wait(sleep(20), i < 2 ? 1 : 2);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await Promise.all(waits.map((wait) => wait(sleep(20), 3)));
  clearInterval(timer);
  expect(pauses).toHaveBeenCalled();
  expect(turns).toBeGreaterThan(2);
});
