/** JavaScript's heap over 10,000 captured steps of a training. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { Batches } from '../../engine/data/batches.ts';
import { capture } from '../../engine/capture.ts';
import { grad } from '../../engine/grad.ts';
import { adam } from '../../engine/optim/optim.ts';
import { uniformValues } from '../../engine/random.ts';
import { torDual } from '../../losses/tor-dual.ts';
import { dualHead } from '../../models/mlp.ts';
import { gpu } from '../backends.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
afterAll(() => setFlagsFromString('--no-expose-gc'));

const STEPS = 10_000;
const STRETCHES = 5;
/** What a step may leave behind: less than any object. */
const BYTES_A_STEP = 16;

test('the heap is flat over 10,000 captured steps', async () => {
  const backend = await gpu();
  const column = (seed: number) => ({ values: uniformValues(64, { seed }), width: 1 });
  const columns = { x: column(0), label: column(1), teacher: column(2), outlier: column(3) };
  const batches = new Batches(columns, backend, { batchSize: 8, seed: 0 });
  const model = dualHead({ backend, widths: [4] });
  const optimizer = adam(model.parameters);
  const parameters = Object.values(model.parameters);
  const step = capture(() => {
    const { x, ...given } = batches.batch();
    optimizer.step(grad(torDual({ ...model.forward(x), ...given }), parameters));
  }, backend);
  let done = 0;
  const heapAfter = async (count: number) => {
    for (let i = 0; i < count; i++) {
      batches.prepare(done++);
      step();
      if (i % 100 === 0) await optimizer.firstSkippedStep(); // lets the GPU catch up
    }
    await optimizer.firstSkippedStep();
    collect();
    return process.memoryUsage().heapUsed;
  };
  // Compiled code and caches come and go in some of the stretches; what every step leaves behind shows in all.
  const sizes: number[] = [await heapAfter(500)];
  for (let i = 0; i < STRETCHES; i++) sizes.push(await heapAfter(STEPS / STRETCHES));
  const grown = sizes.slice(1).map((size, i) => ((size - sizes[i]!) * STRETCHES) / STEPS);
  expect(Math.min(...grown), `bytes a step: ${grown.join(', ')}`).toBeLessThan(BYTES_A_STEP);
  step.dispose();
  optimizer.dispose();
  batches.dispose();
}, 120_000);
