/** Parameters in one buffer from birth: places, ranges of writes, and what moves. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../../engine/backend.ts';
import { capture } from '../../../../engine/capture.ts';
import { grad } from '../../../../engine/grad.ts';
import { reshape } from '../../../../engine/ops/movement/movement.ts';
import { mul, square } from '../../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../../engine/ops/reduce/sum.ts';
import { alignedSize, Arena } from '../../../../engine/optim/arena.ts';
import { adam, type Parameters, sgd } from '../../../../engine/optim/optim.ts';
import { type Tensor, tensor, tidy, view } from '../../../../engine/tensor.ts';
import { mlp } from '../../../../models/mlp.ts';
import { ParameterBuilder } from '../../../../models/parameters.ts';
import { resnet } from '../../../../models/resnet.ts';
import { cpu, gpu } from '../../../backends.ts';
import { noise } from '../../../check.ts';

const numbersOf = (tensors: Parameters) => Promise.all(Object.values(tensors).map((x) => x.data()));
const leaf = (values: ArrayLike<number>, backend: Backend, label = '') =>
  tensor(values, [values.length], backend, { requiresGrad: true, label });

describe.each([
  ['CPU', async () => cpu],
  ['GPU', gpu],
] as [string, () => Promise<Backend>][])('on the %s', (_, open) => {
  test('networks in one arena have the numbers they have alone, at multiples of 256 bytes', async () => {
    const backend = await open();
    const arena = new Arena(backend, { capacity: 100 }); // it has to grow
    const made = (arena?: Arena) => [
      mlp({ backend, widths: [7, 3], seed: [4, 5], arena }),
      mlp({ backend, widths: [5], seed: 6, arena }),
      resnet({ backend, inputShape: [1, 8, 8], width: 0.25, seed: 7, arena }),
    ];
    const [inArena, loose] = [made(arena), made()];
    const [{ storage }] = Object.values(inArena[0]!.parameters) as [Tensor];
    let start = 0;
    for (const [i, { parameters }] of inArena.entries()) {
      expect(await numbersOf(parameters)).toEqual(await numbersOf(loose[i]!.parameters));
      for (const x of Object.values(parameters)) {
        expect([x.storage === storage, x.offset, x.requiresGrad]).toEqual([true, start, true]);
        start += alignedSize(x.size);
      }
    }
    // Training has the same bits as well.
    for (const networks of [inArena, loose]) {
      const { parameters } = networks[1]!;
      const optimizer = adam(parameters, { learningRate: 0.1, maxGradNorm: 1 });
      for (let i = 0; i < 3; i++)
        tidy(() => optimizer.minimise(sum(square(networks[1]!.forward(tensor([1, -2], [2, 1], backend))))));
      optimizer.dispose();
    }
    expect(Object.values(inArena[1]!.parameters)[0]!.storage).toBe(storage);
    expect(await numbersOf(inArena[1]!.parameters)).toEqual(await numbersOf(loose[1]!.parameters));
    expect(await numbersOf(inArena[2]!.parameters)).toEqual(await numbersOf(loose[2]!.parameters));
  });

  test('a write counts for its own range: other graphs stay valid, those of the range do not', async () => {
    const backend = await open();
    const arena = new Arena(backend);
    const [a, b, c] = [1, 2, 3].map((x) => leaf([x, x], backend)) as [Tensor, Tensor, Tensor];
    arena.take([a, b, c]);
    // Its span reaches over b.
    const outer = sgd({ a, c }, { learningRate: 1 });
    const lossOf = (x: Tensor) => sum(square(reshape(x, [2, 1])));
    const [ofA, ofB, ofC] = [lossOf(a), lossOf(b), lossOf(c)];
    outer.minimise(sum(mul(a, c)));
    expect([...(await a.data()), ...(await b.data()), ...(await c.data())]).toEqual([-2, -2, 2, 2, 2, 2]);
    expect([...(await grad(ofB, [b])[0]!.data())]).toEqual([4, 4]);
    expect(() => grad(ofA, [a])).toThrow('was written in place');
    expect(() => grad(ofC, [c])).toThrow('was written in place');
    const inner = sgd({ b }, { learningRate: 1 });
    const [again, other] = [lossOf(b), lossOf(a)];
    inner.minimise(lossOf(b));
    expect(() => grad(again, [b])).toThrow('was written in place');
    expect([...(await grad(other, [a])[0]!.data())]).toEqual([-4, -4]);
    for (const optimizer of [inner, outer]) optimizer.dispose();
  });

  test('any part of any networks: loose tensors come in, arenas join, and all optimisers go on', async () => {
    const backend = await open();
    const [a, b, c, d] = [1, 2, 3, 4].map((x) => leaf(noise(70, x), backend)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const wanted = await numbersOf({ a, b, c, d });
    const one = sgd({ a, b }, { learningRate: 0.25 });
    const two = sgd({ c }, { learningRate: 0.25 });
    const recorded = sum(square(a));
    // b of the first, c of the second, and d, which nobody had: two arenas become one.
    const all = sgd({ c, d, b }, { learningRate: 0.25 });
    expect(new Set([a, b, c, d].map((x) => x.storage)).size).toBe(1);
    expect(await numbersOf({ a, b, c, d })).toEqual(wanted);
    // What was recorded before the move is still true.
    expect([...(await grad(recorded, [a])[0]!.data())]).toEqual([...wanted[0]!].map((x) => 2 * x));
    for (const optimizer of [one, two, all])
      tidy(() =>
        optimizer.step(
          Object.values(optimizer.parameters).map((x) => tensor(Array(70).fill(1), x.shape, backend)),
        ),
      );
    const moved = await numbersOf({ a, b, c, d });
    for (const [i, times] of [1, 2, 2, 1].entries())
      for (const [k, x] of moved[i]!.entries()) expect(x).toBeCloseTo(wanted[i]![k]! - 0.25 * times, 6);
    for (const optimizer of [one, two, all]) optimizer.dispose();
  });

  test('a part with holes is trained as if it were alone', async () => {
    const backend = await open();
    const numbers = { a: noise(3, 1), b: noise(64, 2), c: noise(65, 3), d: noise(1, 4) };
    const made = () =>
      Object.fromEntries(Object.entries(numbers).map(([name, x]) => [name, leaf(x, backend)]));
    const whole = made();
    new Arena(backend).take(Object.values(whole));
    const { a, c } = made();
    const options = { learningRate: 0.1, weightDecay: 0.1, maxGradNorm: 3 };
    // In another order than they lie.
    const pairs = [
      [adam({ c: whole.c!, a: whole.a! }, options), whole],
      [adam({ c: c!, a: a! }, options), { a: a!, c: c! }],
    ] as const;
    for (let i = 0; i < 5; i++)
      for (const [optimizer, p] of pairs) tidy(() => optimizer.step([mul(p.c!, 2), mul(p.a!, 3)]));
    const [parts, alone] = await Promise.all(pairs.map(([, p]) => numbersOf({ a: p.a!, c: p.c! })));
    expect(parts).toEqual(alone);
    expect((await numbersOf(whole))[1]).toEqual(await leaf(numbers.b, backend).data());
    for (const [optimizer] of pairs) optimizer.dispose();
  });

  test('memory goes with what lies in it, also after the arena has grown and was disposed', async () => {
    const backend = await open();
    if (backend.kind === 'cpu') return; // its memory is JavaScript's
    const numbers = noise(100, 5);
    const sizeBytes = () => backend.stats().sizeBytes;
    const run = () => {
      const arena = new Arena(backend, { capacity: 64 });
      const [v, w] = [leaf(numbers, backend), leaf(numbers, backend)];
      arena.take([v]);
      arena.dispose();
      const optimizer = sgd({ v, w });
      for (const x of [optimizer, v, w]) x.dispose();
      const again = leaf([7], backend);
      arena.take([again]);
      return again;
    };
    const first = run();
    expect([...(await first.data())]).toEqual([7]);
    first.dispose();
    const before = sizeBytes();
    for (let i = 0; i < 3; i++) run().dispose();
    expect(sizeBytes()).toBe(before);
  });

  test('what is refused', async () => {
    const backend = await open();
    const arena = new Arena(backend);
    const w = leaf([1], backend);
    arena.take([w]);
    expect(() => arena.take([w])).toThrow('Arena.take: tensor 0 lies in an arena already');
    expect(() => sgd({ w: view(w, [1, 1]) })).toThrow("sgd: 'w' is a view of a parameter");
    expect(() => sgd({ w, v: w })).toThrow("sgd: 'w' and 'v' are the same tensor");
    expect(() => new Arena(backend, { capacity: NaN })).toThrow('NaN');
    expect(() => grad(square(w), [w], { perSeed: true })).not.toThrow();
    expect(() => grad(sum(w), [w], { perSeed: true })).toThrow(
      'grad: y is []; with perSeed it must be (seeds)',
    );
  });
});

test('an arena on another backend; growth inside a captured step, and after one', async () => {
  const backend = await gpu();
  expect(() => new ParameterBuilder('net', backend, 1, { arena: new Arena(cpu) })).toThrow(
    'net: the arena is on another backend',
  );
  const arena = new Arena(backend, { capacity: 64 });
  const w = leaf([1, 2], backend, 'w');
  arena.take([w]);
  const step = capture(() => sum(square(w)), backend);
  for (let i = 0; i < 3; i++) expect(await step().item()).toBe(5);
  const inside = capture(() => arena.take([leaf([1], backend)]), backend);
  expect(() => inside()).toThrow(/inside the step/);
  arena.take([leaf(noise(100, 1), backend)]);
  expect(() => step()).toThrow("'w' was moved by an optimiser after the step was captured");
  for (const each of [step, inside]) each.dispose();
});
