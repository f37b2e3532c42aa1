/** Numbers that change over a training. */
import { expect, test } from 'vitest';
import { openCpu } from '../../engine/cpu.ts';
import { stepValue } from '../../engine/ops/step-value.ts';
import { RampSlots, valueAt } from '../../train/ramp.ts';

test('a ramp goes evenly to its second number, which the last step has', () => {
  expect([1, 2, 3, 4].map((step) => valueAt('1:0', step, 4))).toEqual([0.75, 0.5, 0.25, 0]);
  expect(valueAt('0.5:2', 4, 4)).toBe(2);
  expect(valueAt('0.5:2', 9, 4)).toBe(2);
  expect(valueAt(0.3, 2, 4)).toBe(0.3);
});

test('slots follow the step, numbers need none, and what is freed is used again', async () => {
  const backend = openCpu();
  const slots = new RampSlots(backend, 10);
  expect(slots.of(0.5)).toBe(0.5);
  const slot = slots.of('1:0.5');
  if (typeof slot === 'number') throw new Error('wants a slot');
  backend.step.begin(5);
  expect(await stepValue(slot, backend).item()).toBe(0.75);
  const { index } = slot;
  slots.free();
  expect(new RampSlots(backend, 2).of('0:1')).toMatchObject({ index });
  backend.close();
});
