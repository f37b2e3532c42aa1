/** One step of a small student in a fresh process, as a user's program would begin; prints when each part was done. */
import type { FirstStep } from './cold-start.ts';

const began = performance.now();
const { adam, Batches, mlp, mse, openGpu, train, uniformValues } = await import('../index.ts');
const importMs = performance.now() - began;

const backend = await openGpu();
const openMs = performance.now() - began;

const x = uniformValues(1024);
const columns = {
  x: { values: x, width: 1 },
  label: { values: x.map((value) => Math.sin(6 * value)), width: 1 },
};
const model = mlp({ backend, widths: [100, 100], activation: 'relu' });
await train({
  backend,
  batches: new Batches(columns, backend, { batchSize: 256, seed: 0 }),
  loss: (batch) => mse({ pred: model.forward(batch.x), label: batch.label }),
  optimizer: adam(model.parameters),
  steps: 1,
  readEvery: 1,
});
const times: FirstStep = { importMs, openMs, ms: performance.now() - began };
console.log(JSON.stringify(times));
backend.close();
