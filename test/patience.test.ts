/** Waiting without taking the processor: when the thread pauses, when not, and that it ends. */
import { afterEach, expect, test, vi } from 'vitest';
import { Patience } from '../engine/patience.ts';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const pauses = vi.spyOn(Atomics, 'wait');

afterEach(() => void pauses.mockClear());

/** A wait of 20 ms for so many dispatches. */
async function wait(patience: Patience, dispatches: number): Promise<void> {
  patience.submitted();
  await patience.during(sleep(20), dispatches);
}

test('the first wait does not pause: how long a dispatch takes is not known', async () => {
  await wait(new Patience(true), 1);
  expect(pauses).not.toHaveBeenCalled();
});

test('after long dispatches a wait pauses, for moments, and no longer than it lasts', async () => {
  const patience = new Patience(true);
  await wait(patience, 1);
  await wait(patience, 2);
  expect(pauses).toHaveBeenCalled();
  const longest = Math.max(...pauses.mock.calls.map(([, , , ms]) => ms!));
  expect(longest).toBeLessThanOrEqual(1);
  await sleep(5);
  pauses.mockClear();
  await sleep(20);
  expect(pauses).not.toHaveBeenCalled();
});

test('after short ones it does not, until they are long again', async () => {
  const patience = new Patience(true);
  await wait(patience, 1);
  await wait(patience, 1_000_000);
  pauses.mockClear();
  await wait(patience, 1_000_001);
  expect(pauses).not.toHaveBeenCalled();
  await wait(patience, 1_000_002);
  expect(pauses).toHaveBeenCalled();
});

test('no pause where none is wanted; what is awaited comes back, and what fails throws', async () => {
  const patience = new Patience(false);
  for (let dispatches = 1; dispatches < 4; dispatches++) await wait(patience, dispatches);
  expect(pauses).not.toHaveBeenCalled();
  expect(await patience.during(Promise.resolve(7), 4)).toBe(7);
  const wanted = new Patience(true);
  await wait(wanted, 1);
  await expect(wanted.during(Promise.reject(new Error('lost')), 2)).rejects.toThrow('lost');
  await sleep(5);
  pauses.mockClear();
  await sleep(10);
  expect(pauses).not.toHaveBeenCalled();
});

test('others have their turn during a wait, and two waits pause as one', async () => {
  const patience = new Patience(true);
  await wait(patience, 1);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const other = new Patience(true);
  await wait(other, 1);
  turns = 0;
  await Promise.all([wait(patience, 2), wait(other, 2)]);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
});
