/** Classification from end to end: glyphs, labels as u32 columns, captured steps of two seeds side by side, accuracy. */
import { expect, test } from 'vitest';
import { accuracy } from '../../../base/class-metrics.ts';
import type { RandomSource } from '../../../datasets/dataset.ts';
import { renderedGlyphs } from '../../../datasets/classes/rendered-glyphs.ts';
import { capture } from '../../../engine/capture.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { adam } from '../../../engine/optim/optim.ts';
import { uniformValues } from '../../../engine/random.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { noGrad } from '../../../engine/tape.ts';
import { tensor } from '../../../engine/tensor.ts';
import { crossEntropy, kdLoss } from '../../../losses/classification.ts';
import { mlp } from '../../../models/mlp.ts';
import { gpu } from '../../backends.ts';

const random: RandomSource = {
  uniform: (count, call) => uniformValues(count, { seed: 2, call }),
  normal: () => Promise.reject(new Error('not needed')),
};
const size = { height: 8, width: 8 };
const scaled = (pixels: Uint8Array) => Float32Array.from(pixels, (pixel) => pixel / 128 - 1);

test('two seeds learn glyphs, by labels and by a teacher beside them', async () => {
  const backend = await gpu();
  const seeds = [1, 2];
  const [train, held] = [
    renderedGlyphs(random, { rows: 400, ...size }),
    renderedGlyphs(random, { rows: 200, firstRow: 400, ...size }),
  ];
  const twice = (values: ArrayLike<number>) => [...Array.from(values), ...Array.from(values)];
  // A teacher that is sure of the truth, and a little less of the next class.
  const teacher = Float32Array.from(
    { length: 10 * train.rows },
    (_, i) => [4, 2][(i - train.labels[Math.floor(i / 10)]! + 20) % 10] ?? 0,
  );
  const columns = {
    x: { values: Float32Array.from(twice(scaled(train.pixels))), width: 64 },
    label: { values: Uint32Array.from(twice(train.labels)), width: 1, storage: 'u32' as const },
    teacher: { values: Float32Array.from(twice(teacher)), width: 10 },
  };
  const x = tensor(twice(scaled(held.pixels)), [2, held.rows, 64], backend);
  for (const isTaught of [false, true]) {
    const model = mlp({ backend, inputs: 64, widths: [32], activation: 'relu', outputs: 10, seed: seeds });
    const optimizer = adam(model.parameters, { learningRate: 0.01 });
    const batches = new Batches(columns, backend, { batchSize: 50, seed: seeds });
    const step = capture(() => {
      const batch = batches.batch();
      const given = { logits: model.forward(batch.x), label: batch.label };
      const loss = isTaught
        ? kdLoss({ ...given, teacher: batch.teacher }, { temperature: 2 }, { leadingAxes: 1 })
        : crossEntropy(given, { smoothing: 0.05 }, { leadingAxes: 1 });
      optimizer.minimise(sum(loss));
      return loss;
    }, backend);
    const losses: number[] = [];
    for (let i = 0; i < 120; i++) {
      batches.prepare(i);
      const loss = step();
      if (i % 119 === 0) losses.push((await loss.data())[0]!);
    }
    expect(losses[1]).toBeLessThan(0.5 * losses[0]!);
    const logits = await noGrad(() => model.forward(x)).data();
    for (const [s] of seeds.entries()) {
      const right = accuracy(10);
      const each = held.rows * 10;
      right.add(logits.subarray(s * each, (s + 1) * each), held.labels);
      expect(right.value(), `seed ${s}`).toBeGreaterThan(0.85);
    }
    step.dispose();
    optimizer.dispose();
    batches.dispose();
  }
});
