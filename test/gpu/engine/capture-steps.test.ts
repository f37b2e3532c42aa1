/** Captured steps that do more: several updates, several optimisers, errors midway, and the check against numbers of JavaScript. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { capture, type CapturedStep, type CaptureOptions } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { add, mul, square, sub } from '../../../engine/ops/pointwise/elementwise.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { stepValue } from '../../../engine/ops/step-value.ts';
import { adam, type Optimizer, sgd } from '../../../engine/optim/optim.ts';
import { profile } from '../../../engine/profile/profile.ts';
import { dropout } from '../../../engine/random.ts';
import { cosine } from '../../../engine/optim/schedules.ts';
import type { StepSlot } from '../../../engine/step.ts';
import { type Tensor, tensor, tidy } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

interface Made {
  optimizers: readonly Optimizer[];
  parameters: readonly Tensor[];
  slots?: readonly StepSlot[];
  /** Done in turn: 0 1 0 1 …; all of them are one step each. */
  steps: readonly (() => Tensor | readonly Tensor[])[];
}

const param = (backend: Backend, seed: number) =>
  tensor(noise(6, seed), [6], backend, { requiresGrad: true, label: `w${seed}` });
const rate = (scale: number) => cosine(0.1 * scale, { updates: 30, warmUp: 2 });

/** Two updates of one optimiser in a step: with the learning rates and bias corrections of two. */
function twice(backend: Backend): Made {
  const [w, target] = [param(backend, 1), tensor(noise(6, 2), [6], backend)];
  const optimizer = adam({ w }, { learningRate: rate(1) });
  const update = () => {
    const loss = mean(square(sub(dropout(w, 0.3), target)));
    optimizer.step(grad(loss, [w]));
    return loss;
  };
  return {
    optimizers: [optimizer],
    parameters: [w],
    steps: [() => [update(), update(), dropout(target, 0.5)]],
  };
}

/** Two optimisers: one step updates the first twice and the second after it, the other one the second alone. */
function mixed(backend: Backend): Made {
  const [a, b] = [param(backend, 3), param(backend, 4)];
  const optimizers = [
    adam({ a }, { learningRate: rate(1) }),
    sgd({ b }, { learningRate: (update) => 0.5 / (1 + update), momentum: 0.9 }),
  ];
  const slot = backend.step.slot((step) => 1 / step);
  const lossOf = () => mul(mean(square(sub(a, square(b)))), stepValue(slot, backend));
  const updateA = () => optimizers[0]!.step(grad(lossOf(), [a]));
  const updateB = () => optimizers[1]!.step(grad(lossOf(), [b]));
  const all = () => {
    updateA();
    updateB();
    updateA();
    updateB();
    return lossOf();
  };
  const alone = () => {
    updateB();
    return dropout(b, 0.4);
  };
  return { optimizers, parameters: [a, b], slots: [slot], steps: [all, alone, alone] };
}

/** One step of two optimisers beside a step of the second alone. */
function sharing(backend: Backend): Made {
  const made = mixed(backend);
  const [a, b] = made.parameters as [Tensor, Tensor];
  const both = () => {
    const loss = mean(square(sub(dropout(a, 0.2), b)));
    const [da, db] = grad(loss, [a, b]);
    made.optimizers[0]!.step([da!]);
    made.optimizers[1]!.step([db!]);
    return loss;
  };
  return { ...made, steps: [both, made.steps[1]!] };
}

const CALLS = 10;
const all = async (x: Tensor | readonly Tensor[]) =>
  Promise.all([x].flat().map(async (each) => [...(await (each as Tensor).data())]));

async function trained(make: (backend: Backend) => Made, options?: CaptureOptions, reads = true) {
  const backend = await gpu();
  backend.step.reset();
  const { steps, optimizers, parameters, slots = [] } = make(backend);
  const runs = options
    ? steps.map((step) => capture(step, backend, options))
    : steps.map((step) => () => {
        backend.step.begin();
        return tidy(step);
      });
  const results = [];
  for (let i = 0; i < CALLS; i++) {
    const result = runs[i % runs.length]!();
    if (reads || i === CALLS - 1) results.push(await all(result));
  }
  const state = await all([...parameters, ...optimizers.flatMap(({ state }) => Object.values(state))]);
  const numbers = { step: backend.step.number, updates: optimizers.map(({ updates }) => updates) };
  for (const run of runs) (run as Partial<CapturedStep<unknown>>).dispose?.();
  for (const optimizer of optimizers) optimizer.dispose();
  for (const slot of slots) slot.free();
  return { results, last: results.at(-1), state, numbers };
}

test.each([
  ['two updates of one optimiser', twice],
  ['two updates of each of two, and steps of one', mixed],
  ['two optimisers in one step', sharing],
])('%s have the bits of eager steps', async (_, make) => {
  const eager = await trained(make);
  expect(new Set(eager.results.map((result) => JSON.stringify(result))).size).toBe(CALLS);
  expect(await trained(make, {})).toEqual(eager);
  // Nothing read in between: what the step buffer is sent does not overtake commands that wait.
  const { last, state, numbers } = await trained(make, {}, false);
  expect({ last, state, numbers }).toEqual({ last: eager.last, state: eager.state, numbers: eager.numbers });
  // Steps that are run anew do what replays do.
  for (const check of [1, 3]) expect(await trained(make, { check })).toEqual(eager);
});

test('on the CPU two updates of one optimiser are the same as eagerly, and near those of the GPU', async () => {
  const run = async (backend: Backend, isCaptured: boolean) => {
    const w = tensor([1, -2], [2], backend, { requiresGrad: true });
    const optimizer = adam({ w }, { learningRate: (update) => 0.1 / (1 + update) });
    const both = () => {
      for (let k = 0; k < 2; k++) optimizer.step(grad(mean(square(w)), [w]));
    };
    const begun = () => {
      backend.step.begin();
      tidy(both);
    };
    const step = isCaptured ? capture(both, backend) : begun;
    for (let i = 0; i < 5; i++) step();
    return [...(await w.data()), optimizer.updates];
  };
  const exact = await run(cpu, false);
  expect(exact.at(-1)).toBe(10);
  expect(await run(cpu, true)).toEqual(exact);
  const near = await run(await gpu(), true);
  for (const [i, value] of exact.entries()) expect(near[i]).toBeCloseTo(value, 5);
});

test('profile refuses two updates of one optimiser', async () => {
  const backend = await gpu();
  const { steps, optimizers } = twice(backend);
  await expect(profile(steps[0]!, backend, { repeats: 1 })).rejects.toThrow(
    'profile: the step updates one optimiser twice; time a step with one update',
  );
  for (const one of optimizers) one.dispose();
});

const onCpu = tensor([1], [1], cpu);
let onGpu: Tensor | undefined;
beforeAll(async () => {
  onGpu = tensor([1], [1], await gpu());
});

describe.each([
  ['GPU', gpu],
  ['CPU', async () => cpu],
])('refused in the first call, %s', (_, open) => {
  test.each<[string, (x: Tensor) => unknown]>([
    [
      'a step begins (by step.begin(), which is not needed, or by another captured step)',
      (x) => x.backend.step.begin(),
    ],
    ['a step begins', (x) => capture(() => x, x.backend)()],
    ['mul on another backend', (x) => mul(x.backend === cpu ? onGpu! : onCpu, 2)],
    ['a slot of the step buffer is made', (x) => x.backend.step.slot(() => 1)],
    ['tensors are moved, by adam,', (x) => adam({ x })],
    ['assign is given numbers (a tensor would do)', (x) => assign(x, [1, 2])],
  ])('%s', async (what, f) => {
    const backend = await open();
    const x = tensor([1, 2], [2], backend, { requiresGrad: true });
    const step = capture(() => void f(x), backend, { where: 'my step' });
    for (let i = 0; i < 3; i++) expect(() => step()).toThrow(`my step: ${what}`);
    // The backend is as before.
    expect(await capture(() => sum(x), backend)().item()).toBe(3);
  });

  test('a batch is prepared, the number of updates is set', async () => {
    const backend = await open();
    const batches = new Batches({ x: { values: [1, 2, 3], width: 1 } }, backend, { batchSize: 1, seed: 0 });
    const w = tensor([1], [1], backend, { requiresGrad: true });
    const optimizer = sgd({ w });
    expect(() => capture(() => batches.prepare(3), backend)()).toThrow('capture: a batch is prepared inside');
    expect(() => capture(() => void (optimizer.updates = 2), backend)()).toThrow(
      "the number of sgd's updates is set",
    );
    batches.dispose();
    optimizer.dispose();
  });
});

test('numbers sent to a tensor from outside are refused in the first call', async () => {
  const x = tensor([1, 2], [2], await gpu());
  const step = capture(() => x.backend.upload(x.binding, [3, 4], 'f32'), x.backend);
  expect(() => step()).toThrow("capture: 'tensor' is uploaded inside the step");
  expect([...(await x.data())]).toEqual([1, 2]);
});

test.each([0, 1, 2, 3])('a step that throws in run %i of its JavaScript can be called again', async (bad) => {
  const backend = await gpu();
  const [x, total] = [1, 0].map((value) => tensor([value], [1], backend)) as [Tensor, Tensor];
  let run = 0;
  const step = capture(
    () => {
      const y = mul(x, 2);
      if (run++ === bad) throw new Error('midway');
      assign(total, add(total, y));
      return [y, total];
    },
    backend,
    { check: 3 },
  );
  const errors: string[] = [];
  let sum = 0;
  for (let i = 1; i <= 8; i++) {
    assign(x, [i]);
    try {
      const [y] = step();
      sum += 2 * i;
      expect(await y!.item()).toBe(2 * i);
    } catch (error) {
      errors.push((error as Error).message);
    }
    expect(backend.step.recorder).toBeUndefined();
    expect(await total.item()).toBe(sum);
  }
  expect(errors).toEqual(['midway']);
  step.dispose();
  // Not the step's own, although it is returned.
  expect(await total.item()).toBe(sum);
});

describe('check', () => {
  test.each([
    ['a number', 'mul, had', (x: Tensor, i: number) => mul(x, i < 4 ? 2 : 3)],
    ['a new number', "'constant 7.25' is uploaded", (x: Tensor, i: number) => mul(x, i < 4 ? 2 : 7.25)],
    [
      'one command more',
      'Command 1 was none, and is now add',
      (x: Tensor, i: number) => (i < 4 ? mul(x, 2) : add(mul(x, 2), 1)),
    ],
    [
      'one command less',
      'Command 1 was add',
      (x: Tensor, i: number) => (i < 4 ? add(mul(x, 2), 1) : mul(x, 2)),
    ],
    [
      'a result',
      'the step returns something else',
      (x: Tensor, i: number) => (i < 4 ? mul(x, 2) : (mul(x, 2), x)),
    ],
  ])('finds %s that changes after the second call', async (_, message, f) => {
    const backend = await gpu();
    const x = tensor([1], [1], backend, { label: 'x' });
    for (const number of [2, 3]) mul(x, number);
    let i = 0;
    const step = capture(() => f(x, i), backend, { check: 3 });
    const values: number[] = [];
    for (; i < 5; i++) values.push(await step().item());
    expect(new Set(values).size).toBe(1);
    // Calls 3 and 6 are run anew, and again until it is right.
    for (let k = 0; k < 2; k++) expect(() => step()).toThrow(message);
    i = 0;
    expect(await step().item()).toBe(values[0]);
    step.dispose();
  });

  test('gives results their new contents where they were, and takes no memory', async () => {
    const backend = await gpu();
    const x = tensor([1, 2], [2], backend);
    const step = capture(() => ({ y: mul(x, 2), same: x, list: [sum(x)] }), backend, { check: 2 });
    step();
    const { y, same, list } = step();
    const buffers: number[] = [];
    for (let i = 3; i < 9; i++) {
      assign(x, [i, i]);
      expect(step().y).toBe(y);
      expect(same).toBe(x);
      expect([...(await y.data())]).toEqual([2 * i, 2 * i]);
      expect(await list[0]!.item()).toBe(2 * i);
      buffers.push(backend.stats().buffers);
    }
    expect(new Set(buffers.slice(2)).size).toBe(1);
    step.dispose();
  });

  test('wants an integer', async () => {
    const backend = await gpu();
    for (const check of [0, 1.5, NaN, -1])
      expect(() => capture(() => 1, backend, { check })).toThrow(
        'capture: check must be an integer of at least 1',
      );
  });
});
