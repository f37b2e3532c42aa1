/** Checkpoints on the CPU backend: a resumed run is the same run, to the bit; a file that does not fit changes nothing. */
import { expect, test } from 'vitest';
import type { Backend } from '../../engine/backend.ts';
import {
  CheckpointError,
  loadCheckpoint,
  loadTensors,
  saveCheckpoint,
  saveTensors,
} from '../../engine/files/checkpoint.ts';
import { openCpu } from '../../engine/cpu.ts';
import { grad } from '../../engine/grad.ts';
import { adam, type Optimizer, type Parameters, sgd } from '../../engine/optim/optim.ts';
import { tanh } from '../../engine/ops/pointwise/activations.ts';
import { square, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { linear } from '../../engine/ops/matmul/matmul.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../../engine/files/safetensors.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';

type LayerName = 'w1' | 'b1' | 'w2' | 'b2';

interface Run {
  backend: Backend;
  parameters: Record<LayerName, Tensor>;
  optimizer: Optimizer;
}

/** Irregular numbers without a random stream. */
const wave = (size: number, phase: number) =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(7 * i + phase));

function start(
  backend: Backend,
  optimizerOf = (parameters: Parameters) => adam(parameters, { learningRate }),
): Run {
  const leaf = (shape: number[], phase: number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(wave(size, phase), shape, backend, { requiresGrad: true });
  };
  const parameters = { w1: leaf([2, 5], 1), b1: leaf([5], 2), w2: leaf([5, 1], 3), b2: leaf([1], 4) };
  return { backend, parameters, optimizer: optimizerOf(parameters) };
}

/** Changes with every update: a schedule that resumes at another place shows. */
const learningRate = (update: number) => 0.1 / (1 + update);

interface TrainOptions {
  /** Whether the loop begins the steps, or the optimiser does. */
  beginsSteps?: boolean;
}

function train(
  { backend, parameters, optimizer }: Run,
  steps: number,
  { beginsSteps = false }: TrainOptions = {},
): void {
  for (let i = 0; i < steps; i++) {
    if (beginsSteps) backend.step.begin();
    tidy(() => {
      const x = tensor(wave(12, backend.step.number), [6, 2], backend);
      const label = tensor(wave(6, 5), [6, 1], backend);
      const { w1, b1, w2, b2 } = parameters;
      const loss = mean(square(sub(linear(tanh(linear(x, w1, b1)), w2, b2), label)));
      optimizer.step(grad(loss, Object.values(parameters)));
    });
  }
}

const stateOf = ({ backend, parameters, optimizer }: Run) => ({ parameters, optimizer, step: backend.step });

const save = (run: Run) => saveCheckpoint(stateOf(run));

/** Everything that a run has become. The file holds float64: equal numbers are equal bits. */
async function outcome(run: Run) {
  const { tensors, metadata } = decodeSafetensors(await save(run));
  return { ...Object.fromEntries(tensors), ...metadata };
}

for (const beginsSteps of [false, true]) {
  const who = beginsSteps ? 'the loop' : 'the optimiser';

  test(`5 + 5 steps are 10 steps, where ${who} begins them`, async () => {
    const whole = start(openCpu());
    train(whole, 10, { beginsSteps });

    const first = start(openCpu());
    train(first, 5, { beginsSteps });
    const saved = await save(first);
    const resumed = start(openCpu());
    loadCheckpoint(stateOf(resumed), saved);
    expect([resumed.backend.step.number, resumed.optimizer.updates]).toEqual([5, 5]);
    train(resumed, 5, { beginsSteps });

    expect(resumed.backend.step.number).toBe(10);
    expect(await outcome(resumed)).toEqual(await outcome(whole));
  });

  test(`weights alone, with a cold optimiser, are another run, where ${who} begins its steps`, async () => {
    const whole = start(openCpu());
    train(whole, 10, { beginsSteps });

    const first = start(openCpu());
    train(first, 5, { beginsSteps });
    const cold = start(openCpu());
    loadTensors(cold.parameters, await saveTensors(first.parameters, {}, { float64: true }));
    train(cold, 5, { beginsSteps });
    expect(await cold.parameters.w1.data()).not.toEqual(await whole.parameters.w1.data());
  });

  test(`a run can be put back while it goes on, where ${who} begins its steps`, async () => {
    const run = start(openCpu());
    train(run, 5, { beginsSteps });
    const saved = await save(run);
    train(run, 5, { beginsSteps });
    const once = await outcome(run);
    loadCheckpoint(stateOf(run), saved);
    expect(await save(run)).toEqual(saved);
    train(run, 5, { beginsSteps });
    expect(await outcome(run)).toEqual(once);
  });
}

test('the moment of the call is saved, whatever happens before it is read', async () => {
  const run = start(openCpu());
  train(run, 2);
  const early = await outcome(run);
  const late = outcome(run);
  train(run, 3);
  expect(await late).toEqual(early);
});

test('a checkpoint stores the parameters once, in float64, and your metadata', async () => {
  const run = start(openCpu());
  train(run, 3);
  const bytes = await saveCheckpoint(stateOf(run), { epoch: '2' });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const moments = ['optimizer.firstMoment', 'optimizer.secondMoment', 'optimizer.latch'];
  expect([...tensors.keys()]).toEqual(['w1', 'b1', 'w2', 'b2', ...moments]);
  expect(tensors.get('w1')!.dtype).toBe('F64');
  expect(metadata).toMatchObject({ epoch: '2', 'limbeck.step': '3', 'limbeck.updates': '3' });
  expect(Object.entries(loadCheckpoint(stateOf(run), bytes))).toEqual([['epoch', '2']]);
  await expect(async () => saveCheckpoint(stateOf(run), { 'limbeck.step': '9' })).rejects.toThrow(
    /is taken; rename/,
  );
});

test('without an optimiser only the parameters are filled', async () => {
  const run = start(openCpu());
  train(run, 3);
  const saved = await save(run);
  const { parameters, backend } = start(openCpu());
  loadCheckpoint({ parameters, step: backend.step }, saved);
  for (const name of ['w1', 'b1', 'w2', 'b2'] as const) {
    expect(await parameters[name].data()).toEqual(await run.parameters[name].data());
  }
});

test('tensors go to float32 and back, indices to uint32', async () => {
  const backend = openCpu();
  const values = Float64Array.of(0.1, 1, -3);
  const x = tensor(values, [3], backend);
  const index = tensor([4294967295], [1], backend, { dtype: 'u32' });
  const bytes = await saveTensors({ x, index }, { note: 'hello' });
  const { tensors, metadata } = decodeSafetensors(bytes);
  expect({ ...metadata }).toEqual({ note: 'hello' });
  expect(tensors.get('x')).toEqual({ dtype: 'F32', shape: [3], values: Float32Array.from(values) });
  expect(tensors.get('index')).toEqual({ dtype: 'U32', shape: [1], values: Uint32Array.of(4294967295) });

  loadTensors({ x, index }, bytes);
  expect(await x.data()).toEqual(Float64Array.of(Math.fround(0.1), 1, -3));
});

test('loading is a write in place: a graph recorded before it is no longer differentiable', async () => {
  const { parameters } = start(openCpu());
  const bytes = await saveTensors(parameters);
  const y = mean(square(parameters.w1));
  loadTensors(parameters, bytes);
  expect(() => grad(y, [parameters.w1])).toThrow(/in place/);
});

test('one error lists all that does not fit, and nothing is written', async () => {
  const backend = openCpu();
  const make = (size: number, dtype: 'f32' | 'u32' = 'f32') =>
    tensor(wave(size, 0), [size], backend, { dtype });
  const bytes = await saveTensors({ fits: make(2), long: make(3), extra: make(1), kind: make(1, 'u32') });
  const parameters = { fits: tensor([7, 8], [2], backend), long: make(2), kind: make(1), absent: make(4) };
  expect(() => loadTensors(parameters, bytes)).toThrow(
    new CheckpointError(
      'loadTensors: the file does not fit, nothing was written:\n' +
        "  'long' wants [2], got [3]\n  'kind' wants f32, got U32\n  'absent' [4] is missing\n  'extra' [1] is not expected",
    ),
  );
  expect(await parameters.fits.data()).toEqual(Float64Array.of(7, 8));
  expect(() => loadTensors(parameters, bytes.subarray(0, -1))).toThrow(SafetensorsError);
});

test('a checkpoint that does not fit changes nothing', async () => {
  const saved = await save(start(openCpu()));
  const file = decodeSafetensors(saved);
  const withMetadata = (key: string, value: string) =>
    encodeSafetensors(file.tensors, { ...file.metadata, [key]: value });

  const run = start(openCpu());
  train(run, 2);
  const before = await outcome(run);
  const attempts: [Uint8Array, RegExp][] = [
    [withMetadata('limbeck.version', '2'), /wants version 1, got 2/],
    [withMetadata('limbeck.step', '-1'), /wants an integer in metadata 'limbeck.step', got -1/],
    [withMetadata('limbeck.updates', '1e3'), /wants an integer/],
    [
      withMetadata('limbeck.layout', '["b1","w1","w2","b2"]'),
      /the optimiser's parameters are \["adam","w1",/,
    ],
    [await saveTensors(run.parameters), /got no checkpoint; for bare tensors call loadTensors/],
    [await saveCheckpoint({ parameters: run.parameters, step: run.backend.step }), /wants an integer/],
    [
      await save(start(openCpu(), (parameters) => sgd(parameters))),
      /parameters are \["adam",.*the file's \["sgd",/,
    ],
  ];
  for (const [bytes, message] of attempts) expect(() => loadCheckpoint(stateOf(run), bytes)).toThrow(message);
  expect(await outcome(run)).toEqual(before);
});

test('a state that could not be resumed is not saved', async () => {
  const { parameters, optimizer, backend } = start(openCpu());
  const { w1, ...others } = parameters;
  const { step } = backend;
  expect(() => saveCheckpoint({ parameters: others, optimizer, step })).toThrow(
    /'w1' is not among the parameters; add it/,
  );
  expect(() => saveCheckpoint({ parameters: { 'optimizer.x': w1 }, step })).toThrow(/is taken; rename it/);
});
