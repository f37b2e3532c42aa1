/** What a captured step is given from outside: the same tensors in each call, where they were, or an error that names them. */
import { afterEach, describe, expect, test } from 'vitest';
import { encodeSafetensors } from '../../../engine/files/safetensors.ts';
import { capture, type CapturedStep } from '../../../engine/capture.ts';
import { loadTensors } from '../../../engine/files/checkpoint.ts';
import { grad } from '../../../engine/grad.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { add, mul, square, sub } from '../../../engine/ops/pointwise/elementwise.ts';
import { full, ones } from '../../../engine/ops/fill.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { stepValue } from '../../../engine/ops/step-value.ts';
import { adam, sgd } from '../../../engine/optim/optim.ts';
import { runningStatistics } from '../../../engine/data/running-statistics.ts';
import { Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { gpu } from '../../backends.ts';

const disposables: { dispose(): void }[] = [];
afterEach(() => {
  for (const one of disposables.splice(0)) one.dispose();
});
const kept = <T extends { dispose(): void }>(one: T): T => {
  disposables.push(one);
  return one;
};
const named = async (label: string, values: readonly number[], requiresGrad = false) =>
  tensor(values, [values.length], await gpu(), { label, requiresGrad });
const captured = async <T>(f: () => T, where = 'capture') => kept(capture(f, await gpu(), { where }));

describe('another tensor in the second call is an error', () => {
  const batches = async () => Promise.all([1, 2, 3].map((i) => named(`batch ${i}`, [i, i])));

  test('read by a dispatch', async () => {
    const list = await batches();
    let i = 0;
    const step = await captured(() => sum(list[i++]!), 'my step');
    expect(await step().item()).toBe(2);
    expect(() => step()).toThrow(
      "my step: the step uses another tensor than the one before. Command 0, reduce-sum, had 'batch 1' as 'x', and has " +
        "'batch 2' now, which every replay would use again; use the same tensor in each call and put new numbers in with " +
        'assign(tensor, values); a number that changes belongs in a slot of backend.step',
    );
  });

  test('uploaded before the call and disposed after it, into the same memory', async () => {
    const backend = await gpu();
    let x: Tensor | undefined;
    const step = await captured(() => sum(x!));
    const next = (i: number) => {
      x?.dispose();
      x = tensor([i, i], [2], backend);
      return step();
    };
    next(1);
    expect(() => next(2)).toThrow("had 'tensor' as 'x', and has another such one now");
  });

  test('a number that was used elsewhere before', async () => {
    const x = await named('x', [1, 1]);
    for (const number of [2, 3, 0, -0]) mul(x, number).dispose();
    let number = 2;
    const step = await captured(() => mul(x, number));
    step();
    number = 3;
    expect(() => step()).toThrow("mul, had 'constant 2' as 'b', and has 'constant 3' now");
    number = 0;
    const zero = await captured(() => mul(x, number));
    zero();
    number = -0;
    expect(() => zero()).toThrow("had 'constant 0' as 'b', and has 'constant -0' now");
  });

  test('another part of the same memory', async () => {
    const x = await named(
      'x',
      Array.from({ length: 128 }, (_, i) => i),
    );
    let offset = 0;
    const step = await captured(() => sum(new Tensor(x.storage, [2], { offset })));
    step();
    offset = 64;
    expect(() => step()).toThrow("Command 0, reduce-sum, had 'x' as 'x', and has another such one now");
  });

  test.each([
    ['source', (list: readonly Tensor[], x: Tensor, i: number) => assign(x, list[i]!)],
    ['target', (list: readonly Tensor[], x: Tensor, i: number) => assign(list[i]!, x)],
  ])('%s of a copy', async (name, f) => {
    const [list, x] = [await batches(), await named('x', [7, 7])];
    let i = 0;
    const step = await captured(() => f(list, x, i++));
    step();
    expect(() => step()).toThrow(
      `copy of 8 bytes from byte 0 to byte 0, had 'batch 1' as '${name}', and has`,
    );
  });

  test('what is cleared', async () => {
    const list = await batches();
    let i = 0;
    const step = await captured(() => list[0]!.backend.clear(list[i++]!.storage.memory));
    step();
    expect(() => step()).toThrow("clear of 256 bytes, had 'batch 1' as 'memory', and has 'batch 2' now");
  });

  test('written in place: another optimiser, other running statistics', async () => {
    const backend = await gpu();
    const ws = await Promise.all([1, 2].map((i) => named(`w${i}`, [i], true)));
    const optimizers = ws.map((w) => kept(sgd({ w })));
    const gradient = ones([1], backend);
    let i = 0;
    const step = await captured(() => optimizers[i++]!.step([gradient]));
    step();
    expect(() => step()).toThrow("had 'sgd.gradients' as 'y', and has another such one now");
    const moving = ['a', 'b'].map((name) =>
      runningStatistics({ [name]: zeros([1], backend, { label: name }) }),
    );
    let k = 0;
    const update = await captured(() => moving[k]!({ [['a', 'b'][k++]!]: { values: gradient, factor: 1 } }));
    update();
    expect(() => update()).toThrow("as 'running'");
  });

  test('a fresh result of another captured step; from the third call on it is the same', async () => {
    const x = await named('x', [1, 2]);
    let y = x;
    const first = await captured(() => mul(x, 2));
    const run = (second: CapturedStep<Tensor>) => {
      y = first();
      return second();
    };
    const early = await captured(() => add(y, y));
    run(early);
    expect(() => run(early)).toThrow('another such one now');
    const late = await captured(() => add(y, y));
    for (let i = 1; i <= 4; i++) {
      assign(x, [i, -i]);
      expect([...(await run(late).data())]).toEqual([4 * i, -4 * i]);
    }
  });

  test('another one of those that the step makes itself', async () => {
    const x = await named('x', [1, 2]);
    let i = 0;
    const step = await captured(() => {
      const both = [mul(x, 2), mul(x, 3)] as const;
      return i++ ? sub(both[0], both[1]) : sub(both[1], both[0]);
    });
    step();
    expect(() => step()).toThrow(
      "Command 2, sub, had a tensor of its own as 'a', and has another such one now",
    );
    const other = await captured(() => [mul(x, 2), mul(x, 3)][i++ % 2]!);
    other();
    expect(() => other()).toThrow('the step returns something else');
  });

  test('returned without being used, or another number', async () => {
    const list = await batches();
    let i = 0;
    const step = await captured(() => ({ loss: list[i++]! }));
    step();
    expect(() => step()).toThrow(
      'the step returns something else than the one before. It was result.loss [2] f32',
    );
    const count = await captured(() => [sum(list[0]!), i++]);
    count();
    expect(() => count()).toThrow('It was result.1: 2, and is now result.1: 3');
  });
});

test('what the step makes itself may lie anywhere, and constants may be made in the first call', async () => {
  const backend = await gpu();
  const x = await named('x', [1, 2, 3]);
  const others: Tensor[] = [];
  const step = await captured(() => {
    const y = add(mul(x, 1234.5), zeros([3], backend));
    const same = mul(y, full([3], 2, backend));
    return [sum(same), reshape(x, [3, 1]), x] as const;
  });
  for (let i = 0; i < 4; i++) {
    expect(await step()[0].item()).toBe(6 * 1234.5 * 2);
    for (let k = 0; k < 3; k++) others.push(zeros([3], backend));
    if (i === 1) for (const other of others.splice(0)) other.dispose();
  }
  step.dispose();
  // It was not the step's own.
  expect([...(await x.data())]).toEqual([1, 2, 3]);
});

describe('what leaves its place is an error in the next call', () => {
  test('parameters that an optimiser takes afterwards', async () => {
    const backend = await gpu();
    const w = await named('w', [0, 0], true);
    const target = await named('target', [1, 2]);
    const loss = () => mean(square(sub(w, target)));
    const direct = await captured(loss);
    const viewed = await captured(() => sum(reshape(w, [2, 1])));
    for (let i = 0; i < 3; i++) for (const step of [direct, viewed]) step();
    const half = await captured(() => add(w, w));
    half();
    const optimizer = kept(sgd({ w }, { learningRate: 0.5 }));
    const { number } = backend.step;
    for (const step of [direct, viewed])
      expect(() => step()).toThrow(
        "capture: 'w' was moved by an optimiser after the step was captured; make optimisers before the first call, or " +
          'capture the step again',
      );
    expect(backend.step.number).toBe(number);
    expect(() => half()).toThrow("had 'w' as 'a', and has it at another place now; make optimisers before");
    const train = await captured(() => optimizer.step(grad(loss(), [w])));
    const evaluate = await captured(loss);
    for (let i = 1; i <= 4; i++) {
      train();
      // w = target (1 - 2^-i): the loss is the mean of (target 2^-i)².
      expect(await evaluate().item()).toBeCloseTo(2.5 / 4 ** i, 6);
    }
    optimizer.dispose();
    expect(() => train()).toThrow("'sgd.gradients' was disposed after the step was captured");
    expect(await evaluate().item()).toBeCloseTo(2.5 / 4 ** 4, 6);
    // Another optimiser takes it where it lies; with a loose tensor beside it, their arena has to grow.
    kept(adam({ w }));
    expect(await evaluate().item()).toBeCloseTo(2.5 / 4 ** 4, 6);
    kept(adam({ w, target }));
    expect(() => evaluate()).toThrow("'w' was moved by an optimiser");
  });

  test('what was disposed, whose memory is nobody else’s; also a view, also one whose memory lives', async () => {
    const backend = await gpu();
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((label) => named(label, [1, 2, 3])));
    const alive = reshape(b!, [3, 1]);
    const steps = [
      await captured(() => sum(a!)),
      await captured(() => sum(b!)),
      await captured(() => sum(reshape(c!, [3, 1]))),
    ];
    for (let i = 0; i < 3; i++) for (const step of steps) expect(await step().item()).toBe(6);
    const unused = reshape(a!, [1, 3]);
    unused.dispose();
    expect(await steps[0]!().item()).toBe(6);
    for (const x of [a, b, c]) x!.dispose();
    const others = Array.from({ length: 9 }, () => ones([3], backend));
    for (const [i, step] of steps.entries())
      for (let k = 0; k < 2; k++)
        expect(() => step()).toThrow(
          `capture: '${'abc'[i]}' was disposed after the step was captured; keep what it uses, and put new numbers in ` +
            'with assign(tensor, values), or capture the step again',
        );
    for (const x of [...others, alive]) x.dispose();
  });

  test('a slot', async () => {
    const backend = await gpu();
    const slot = backend.step.slot(() => 3);
    const step = await captured(() => stepValue(slot, backend));
    for (let i = 0; i < 3; i++) expect(await step().item()).toBe(3);
    slot.free();
    const other = backend.step.slot(() => 4);
    slot.free();
    expect(() => step()).toThrow(
      'capture: a slot of backend.step was given back after the step was captured',
    );
    expect(() => stepValue(slot, backend)).toThrow('step: the slot was given back with free(); make another');
    backend.step.begin();
    expect(await stepValue(other, backend).item()).toBe(4);
    other.free();
  });

  test('a result', async () => {
    const x = await named('x', [1, 2]);
    const step = await captured(() => mul(x, 2));
    step().dispose();
    step();
    step().dispose();
    expect(() => step()).toThrow('a result belongs to the captured step, whose dispose() frees it');
  });

  test('but not numbers that are loaded into their place', async () => {
    const w = await named('w', [1, 2], true);
    const optimizer = kept(sgd({ w }));
    const step = await captured(() => sum(w));
    for (let i = 0; i < 3; i++) expect(await step().item()).toBe(3);
    loadTensors({ w }, encodeSafetensors(new Map([['w', { shape: [2], values: Float32Array.of(5, 6) }]])));
    expect(await step().item()).toBe(11);
    expect(optimizer.updates).toBe(0);
  });
});
