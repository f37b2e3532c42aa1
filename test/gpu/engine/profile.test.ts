/** Profiles: every dispatch in its layer and direction, whatever clock there is, as data, table and trace. */
import { afterEach, describe, expect, test } from 'vitest';
import { openCpu } from '../../../engine/cpu.ts';
import { type GpuBackend, openGpu } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import { layer } from '../../../engine/listener.ts';
import { mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import { softmax } from '../../../engine/ops/reduce/softmax.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sgd } from '../../../engine/optim/optim.ts';
import { type Profile, profile } from '../../../engine/profile/profile.ts';
import { chromeTrace, profileTable } from '../../../engine/profile/profile-report.ts';
import { tensor, tidy } from '../../../engine/tensor.ts';
import { tickOf, typicalDuration } from '../../../engine/profile/timing.ts';
import { mse } from '../../../losses/regression.ts';
import { mlp } from '../../../models/mlp.ts';
import { noise } from '../../check.ts';

let backend: GpuBackend;
afterEach(() => backend?.close());

/** One update of 1-8-1 with tanh on 16 points. */
async function mlpStep() {
  backend = await openGpu();
  const { forward, parameters } = mlp({ backend, widths: [8], seed: 1 });
  const optimizer = sgd(parameters, { learningRate: 0.01 });
  const [x, label] = [1, 2].map((seed) => tensor(noise(16, seed), [16, 1], backend));
  const step = () => {
    const loss = mse({ pred: forward(x!), label: label! });
    optimizer.step(grad(loss, Object.values(parameters)));
  };
  return { step, optimizer };
}

function placesOf({ rows }: Profile): string[] {
  return rows.map(({ layer: name, direction, kernel }) => `${name} ${direction} ${kernel}`);
}

test('every dispatch of a training step, by layer and direction', async () => {
  const { step, optimizer } = await mlpStep();
  const before = backend.stats().dispatches;
  backend.step.begin();
  tidy(step);
  const dispatches = backend.stats().dispatches - before;
  const result = await profile(step, backend, { repeats: 20 });

  expect(result.total.dispatches).toBe(dispatches);
  expect(result.rows.reduce((sum, row) => sum + row.dispatches, 0)).toBe(dispatches);
  expect(result.events).toHaveLength(dispatches);
  const places = placesOf(result);
  expect(places).toContain('trunk.0 forward matmul-bias-tanh');
  expect(places).toContain('label.0 forward matmul-bias');
  expect(places).toContain('mse forward mse-loss');
  expect(places).toContain('label.0 backward matmul-tb-tanhGrad');
  expect(places.some((place) => /^label\.0 backward matmul/.test(place))).toBe(true);
  expect(places.some((place) => /^ other sgd/.test(place))).toBe(true);
  expect(new Set(result.rows.map(({ layer: name }) => name))).toEqual(
    new Set(['trunk.0', 'label.0', 'mse', '']),
  );
  // One step eagerly, two to record it, one to warm up, twenty measured ones: a replay is a step like any other.
  expect(optimizer.updates).toBe(24);
});

test('GPU timestamps: parts make up the total, shares make up 1', async () => {
  const { step } = await mlpStep();
  const result = await profile(step, backend, { repeats: 20 });
  expect(result).toMatchObject({ adapter: backend.name, repeats: 20 });
  // Every adapter that these tests run on has timestamps.
  expect(result.isTimed).toBe(true);
  for (const row of result.rows) expect(row.microseconds).toBeGreaterThan(0);
  const parts = result.rows.reduce((sum, row) => sum + row.microseconds, 0);
  // Medians of parts against the median of their sum: equal but for the disturbances.
  expect(parts).toBeLessThan(1.5 * result.total.microseconds);
  expect(parts).toBeGreaterThan(0);
  expect(result.rows.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1, 9);
  const times = result.rows.map(({ microseconds }) => microseconds);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test('without timestamps: wall time, and it says so', async () => {
  const { step } = await mlpStep();
  Object.assign(backend.opened, { features: new Set() });
  const result = await profile(step, backend, { repeats: 3 });
  expect(result.isTimed).toBe(false);
  expect(result.waitMicroseconds).toBeGreaterThan(0);
  for (const row of result.rows) expect(row.microseconds).toBeGreaterThan(0);
  const parts = result.rows.reduce((sum, row) => sum + row.microseconds, 0);
  expect(result.total.microseconds).toBeGreaterThan(0.5 * parts);
  expect(profileTable(result)).toContain('no timestamps here: wall time, one dispatch a submit');
  expect(profileTable(result)).not.toContain('GPU timestamps');
});

test('the trace has a complete event for every dispatch, in order', async () => {
  const { step } = await mlpStep();
  const result = await profile(step, backend, { repeats: 2 });
  interface Event {
    ph: string;
    tid: number;
    name: string;
    cat?: string;
    ts: number;
    dur: number;
  }
  const { traceEvents } = JSON.parse(chromeTrace(result)) as { traceEvents: Event[] };
  const kernels = traceEvents.filter(({ ph, tid }) => ph === 'X' && tid === 2);
  expect(kernels.map(({ name }) => name)).toEqual(result.events.map(({ kernel }) => kernel));
  const layers = traceEvents.filter(({ ph, tid }) => ph === 'X' && tid === 1);
  expect(layers.slice(0, 3).map(({ name }) => name)).toEqual([
    'trunk.0 forward',
    'label.0 forward',
    'mse forward',
  ]);
  for (const { ts, dur } of [...kernels, ...layers]) {
    expect(ts).toBeGreaterThanOrEqual(0);
    expect(dur).toBeGreaterThanOrEqual(0);
  }
  // The passes follow one another: none begins before the one before it.
  for (const [i, { ts }] of kernels.entries()) expect(ts).toBeGreaterThanOrEqual(kernels[i - 1]?.ts ?? 0);
});

test('the table has the layers and the kernels', async () => {
  const { step } = await mlpStep();
  const table = profileTable(await profile(step, backend, { repeats: 2 }));
  expect(table).toMatch(/^.+: [\d.]+ µs a step, [\d.]+ µs in \d+ dispatches\nGPU timestamps, /);
  expect(table).toMatch(/\ntrunk\.0 +[\d.]+ +[\d.]+ +[\d.]+ %\n/);
  expect(table).toMatch(/\nlabel\.0 +forward +matmul-bias +1 +[\d.]+ +[\d.]+ %/);
});

describe('layers', () => {
  test('are those of a scope, else of the parameters, else the op; forward and backward alike', async () => {
    backend = await openGpu();
    const x = tensor(noise(12, 1), [3, 4], backend);
    const w = tensor(noise(12, 2), [3, 4], backend, { requiresGrad: true, label: 'mask.weight' });
    const step = () => {
      const y = mul(x, w);
      const z = layer('attention', () => softmax(y));
      grad(mean(square(z)), [w]);
    };
    const { rows } = await profile(step, backend, { repeats: 1 });
    const directionsOf = (name: string) =>
      new Set(rows.filter((row) => row.layer === name).map(({ direction }) => direction));
    for (const name of ['mask', 'attention', 'square', 'mean'])
      expect(directionsOf(name), name).toEqual(new Set(['forward', 'backward']));
    expect(rows.filter(({ direction }) => direction === 'other')).toEqual([]);
  });

  test('of a loss with a gradient inside: that gradient is backward too', async () => {
    backend = await openGpu();
    const w = tensor([1, 2], [2], backend, { requiresGrad: true, label: 'w' });
    const step = () => {
      const [slope] = grad(mean(square(w)), [w], { createGraph: true });
      grad(mean(square(slope!)), [w]);
    };
    const { rows } = await profile(step, backend, { repeats: 1 });
    expect(rows.filter(({ direction }) => direction === 'other')).toEqual([]);
    expect(rows.some((row) => row.layer === 'w' && row.direction === 'forward')).toBe(true);
    expect(rows.some((row) => row.layer === 'w' && row.direction === 'backward')).toBe(true);
  });
});

test('clocks that step backwards or in large ticks', () => {
  expect(typicalDuration([3, 1, 2], 0.01)).toBe(2);
  expect(typicalDuration([3, -100, 1, 2, 2], 0.01)).toBe(2);
  // Ticks of 100 µs: 20 µs is a tick in every fifth reading, and the median of them 0.
  expect(typicalDuration([0, 0, 100, 0, 0], 100)).toBe(20);
  expect(typicalDuration([-1], 1)).toBeNaN();
  const intervals = [
    { start: 0, end: 0 },
    { start: 100, end: 300 },
  ];
  expect(tickOf([intervals])).toBe(100);
  expect(tickOf([[{ start: 0, end: 0 }]])).toBe(0);
  expect(tickOf([[{ start: 0, end: 17 }], [{ start: 3, end: 8.5 }]])).toBe(0);
});

test('what is too short for a coarse clock is no zero in the table', async () => {
  const { step } = await mlpStep();
  const result = await profile(step, backend, { repeats: 10 });
  const rows = result.rows.map((row) => (row.kernel === 'mse-loss' ? { ...row, microseconds: 0 } : row));
  const table = profileTable({ ...result, rows, tickMicroseconds: 100 });
  expect(table).toMatch(/\nmse +forward +mse-loss +1 +<10\.0 /);
  expect(table).toContain('the clock ticks every 100 µs; 10 steps measured');
});

test('what cannot be profiled says why', async () => {
  const { step } = await mlpStep();
  await expect(profile(step, openCpu())).rejects.toThrow('profile: wants a GPU backend');
  await expect(profile(step, backend, { repeats: 0 })).rejects.toThrow('repeats must be an integer');
  await expect(profile(() => 1, backend)).rejects.toThrow('profile: the step dispatched nothing');
  let size = 1;
  const growing = () => mul(tensor(noise(size, 1), [size++], backend), 2);
  await expect(profile(growing, backend)).rejects.toThrow(/^profile: .*uploaded inside the step/);
  // Nothing of it is left: the next profile works.
  expect((await profile(step, backend, { repeats: 1 })).isTimed).toBe(true);
});
