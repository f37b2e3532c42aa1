/** What a user writes, by way of index.ts: a student with two heads that trains. */
import { expect, test } from 'vitest';
import { adam, dualHead, grad, outlierMask, tensor, tidy, torDual, uniformValues } from '../../../index.ts';
import { gpu } from '../../backends.ts';

test('the public API trains a dual-head student', async () => {
  const backend = await gpu();
  const x = uniformValues(32, { seed: 3 }).map((u) => 2 * u - 1);
  const clean = x.map((value) => Math.sin(3 * value));
  const noisy = clean.map((value, i) => (i % 8 === 0 ? value + 2 : value));
  const { outlier } = outlierMask(noisy, clean);
  expect([...outlier]).toEqual([...x.keys()].map((i) => (i % 8 === 0 ? 1 : 0)));

  const [inputs, label, teacher, mask] = [x, noisy, clean, outlier].map((v) => tensor(v, [32, 1], backend));
  const student = dualHead({ backend, widths: [8], seed: 1 });
  const optimizer = adam(student.parameters, { learningRate: 1e-2 });
  const step = () =>
    tidy(() => {
      const heads = student.forward(inputs!);
      const loss = torDual({ ...heads, label: label!, teacher: teacher!, outlier: mask! });
      optimizer.step(grad(loss, Object.values(student.parameters)));
      return loss;
    });
  const first = await step().item();
  for (let i = 0; i < 60; i++) step().dispose();
  expect(await step().item()).toBeLessThan(first / 2);
  expect(await optimizer.firstSkippedStep()).toBe(0);
});
