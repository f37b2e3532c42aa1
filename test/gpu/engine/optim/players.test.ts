/** Several optimisers in one training, against plain TypeScript in float64: eager and captured. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../../engine/backend.ts';
import { capture } from '../../../../engine/capture.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../../engine/files/checkpoint.ts';
import { add, mul, square, sub } from '../../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../../engine/ops/reduce/sum.ts';
import { Arena } from '../../../../engine/optim/arena.ts';
import { adam, adamW, type Parameters, rmsProp, sgd } from '../../../../engine/optim/optim.ts';
import { player, type PlayerOptions } from '../../../../engine/optim/player.ts';
import { cosine } from '../../../../engine/optim/schedules.ts';
import { together } from '../../../../engine/optim/together.ts';
import { type Tensor, tensor, tidy } from '../../../../engine/tensor.ts';
import { cpu, gpu } from '../../../backends.ts';
import { compareValues, noise } from '../../../check.ts';

const both: [string, () => Promise<Backend>, number][] = [
  ['CPU', async () => cpu, 1e-12],
  ['GPU', gpu, 2e-5],
];

type Vector = readonly number[];
const SIZES = { a: 3, b: 65, c: 70 } as const;
type Name = keyof typeof SIZES;
const names = Object.keys(SIZES) as Name[];
/** Numbers of one kind, of every parameter. */
const drawn = (call: number): Record<Name, Vector> => {
  const [a, b, c] = names.map((name, i): Vector => [...noise(SIZES[name], 10 * call + i)]);
  return { a: a!, b: b!, c: c! };
};
const [starts, goals, others] = [drawn(1), drawn(2), drawn(3)];

/** In one arena, or loose. */
function parametersOn(backend: Backend, isLoose = false): Record<Name, Tensor> {
  const made = names.map((name) =>
    tensor(starts[name], [SIZES[name]], backend, { requiresGrad: true, label: name }),
  );
  if (!isLoose) new Arena(backend).take(made);
  return Object.fromEntries(made.map((x, i) => [names[i]!, x])) as Record<Name, Tensor>;
}

/** Σ (p - goal)²: the gradient is 2 (p - goal). */
const distance = (x: Tensor, goal: Tensor) => sum(square(sub(x, goal)));
const goalsOn = (backend: Backend, of = goals) =>
  Object.fromEntries(names.map((name) => [name, tensor(of[name], [SIZES[name]], backend)])) as Record<
    Name,
    Tensor
  >;

/** Adam in float64; `decay` adds to the gradient. */
function adamOn(p: number[], rate: (n: number) => number, decay = 0) {
  const [m, v] = [p.map(() => 0), p.map(() => 0)];
  return (gradient: Vector, n: number) => {
    for (const [i, value] of gradient.entries()) {
      const g = value + decay * p[i]!;
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      p[i]! -=
        (rate(n) * (m[i]! / (1 - 0.9 ** (n + 1)))) / (Math.sqrt(v[i]! / (1 - 0.999 ** (n + 1))) + 1e-8);
    }
  };
}

/** As often as asked, eagerly or captured: from the third call on, a GPU replays. */
function repeat(backend: Backend, isCaptured: boolean, times: number, step: () => void): void {
  if (!isCaptured) {
    for (let i = 0; i < times; i++) {
      backend.step.begin();
      tidy(step);
    }
    return;
  }
  const captured = capture(step, backend);
  for (let i = 0; i < times; i++) captured();
  captured.dispose();
}

const read = (tensors: Parameters) => Promise.all(Object.values(tensors).map((x) => x.data()));
const f64 = (values: Vector) => Float64Array.from(values);

describe.each(both)('on the %s', (_, open, tolerance) => {
  describe.each([false, true])('captured: %s', (isCaptured) => {
    test.each([false, true])('disjoint parts of one network, loose: %s', async (isLoose) => {
      const backend = await open();
      const p = parametersOn(backend, isLoose);
      const goal = goalsOn(backend);
      const rate = cosine(0.05, { updates: 8 });
      const outer = player({ a: p.a, c: p.c }, { learningRate: rate });
      const inner = player([{ b: p.b }], { optimizer: sgd, learningRate: 0.02, momentum: 0.5 });
      expect(Object.keys(inner.parameters)).toEqual(['0.b']);
      const coupled = () => sum(mul(square(sub(p.b, goal.b)), add(sum(square(p.a)), 1)));
      repeat(backend, isCaptured, 6, () =>
        together(
          [outer, add(distance(p.a, goal.a), add(distance(p.c, goal.c), coupled()))],
          [inner, coupled()],
        ),
      );
      const [a, b, c] = names.map((name) => [...starts[name]]) as [number[], number[], number[]];
      const steps = [adamOn(a, rate), adamOn(c, rate)];
      const momentum = b.map(() => 0);
      for (let n = 0; n < 6; n++) {
        const squares = a.reduce((total, x) => total + x * x, 0);
        const far = b.reduce((total, x, i) => total + (x - goals.b[i]!) ** 2, 0);
        const gradients = [
          a.map((x, i) => 2 * (x - goals.a[i]!) + 2 * x * far),
          c.map((x, i) => 2 * (x - goals.c[i]!)),
        ];
        const ofB = b.map((x, i) => 2 * (x - goals.b[i]!) * (squares + 1));
        for (const [i, step] of steps.entries()) step(gradients[i]!, n);
        for (const [i, g] of ofB.entries()) b[i]! -= 0.02 * (momentum[i] = 0.5 * momentum[i]! + g);
      }
      for (const [i, wanted] of [a, b, c].entries())
        compareValues(names[i]!, await p[names[i]!].data(), f64(wanted), 4 * tolerance);
      expect([outer.updates, inner.updates]).toEqual([6, 6]);
      for (const of of [outer, inner]) of.dispose();
    });

    test.each(['together', 'one after the other'])('the same parameters twice, %s', async (order) => {
      const backend = await open();
      const { b } = parametersOn(backend);
      const [goal, other] = [goalsOn(backend).b, goalsOn(backend, others).b];
      const first = player({ b }, { learningRate: 0.05 });
      const second = player({ b }, { learningRate: 0.02 });
      repeat(backend, isCaptured, 6, () => {
        if (order === 'together') return together([first, distance(b, goal)], [second, distance(b, other)]);
        first.minimise(distance(b, goal));
        second.update(second.gradients(distance(b, other)));
      });
      const p = [...starts.b];
      const [one, two] = [adamOn(p, () => 0.05), adamOn(p, () => 0.02)];
      const towards = (to: Vector) => p.map((x, i) => 2 * (x - to[i]!));
      for (let n = 0; n < 6; n++) {
        const before = towards(others.b);
        one(towards(goals.b), n);
        two(order === 'together' ? before : towards(others.b), n);
      }
      compareValues('b', await b.data(), f64(p), 4 * tolerance);
      for (const of of [first, second]) of.dispose();
    });

    test('weight decay by name', async () => {
      const backend = await open();
      const p = parametersOn(backend);
      const goal = goalsOn(backend);
      const decays: Record<string, number> = { a: 0, b: 0.3, c: 0 };
      const of = player(p, { learningRate: 0.05, weightDecay: (name) => decays[name]! });
      const loss = () => names.map((name) => distance(p[name], goal[name])).reduce((x, y) => add(x, y));
      repeat(backend, isCaptured, 6, () => of.minimise(loss()));
      for (const name of names) {
        const wanted = [...starts[name]];
        const step = adamOn(wanted, () => 0.05, decays[name]);
        for (let n = 0; n < 6; n++)
          step(
            wanted.map((x, i) => 2 * (x - goals[name][i]!)),
            n,
          );
        compareValues(name, await p[name].data(), f64(wanted), tolerance);
      }
      of.dispose();
    });

    test.each([0.9, 0])('averages of the weights, decay %f, corrected or not', async (decay) => {
      const backend = await open();
      for (const isCorrected of [false, true]) {
        const p = parametersOn(backend);
        const goal = goalsOn(backend);
        const average = { decay, isCorrected };
        const of = player({ a: p.a, c: p.c }, { optimizer: sgd, learningRate: 0.1, average });
        expect((await of.average!.c!.data())[0]).toBeCloseTo(starts.c[0]!, 6);
        repeat(backend, isCaptured, 6, () => of.minimise(add(distance(p.a, goal.a), distance(p.c, goal.c))));
        for (const name of ['a', 'c'] as const) {
          const weights = [...starts[name]];
          let sums = weights.map((x) => (isCorrected ? 0 : x));
          for (let n = 0; n < 6; n++) {
            for (const [i, to] of goals[name].entries()) weights[i]! -= 0.1 * 2 * (weights[i]! - to);
            sums = sums.map((x, i) => decay * x + (1 - decay) * weights[i]!);
          }
          const wanted = f64(sums.map((x) => (isCorrected ? x / (1 - decay ** 6) : x)));
          compareValues(`average ${name}`, await of.average![name]!.data(), wanted, tolerance);
          // For an evaluation the two change places.
          const now = await p[name].data();
          const averaged = await of.average![name]!.data();
          of.swapAverage();
          expect([await p[name].data(), await of.average![name]!.data()]).toEqual([averaged, now]);
          expect(() => of.minimise(add(distance(p.a, goal.a), distance(p.c, goal.c)))).toThrow(
            'swapAverage() again',
          );
          of.swapAverage();
          expect(await p[name].data()).toEqual(now);
        }
        expect([...(await p.b.data())]).toEqual([...(await parametersOn(backend).b.data())]);
        of.dispose();
      }
    });
  });

  test('seeds: losses one each, a latch for both players, averages that stop with their model', async () => {
    const backend = await open();
    for (const order of ['together', 'one after the other']) {
      backend.step.reset();
      const arena = new Arena(backend);
      const [v, w] = [1, 2].map((call) =>
        tensor(noise(3 * 5, call), [3, 5], backend, { requiresGrad: true }),
      );
      arena.take([v!, w!]);
      const spoil = tensor([0, 0, 0], [3], backend);
      const average = { decay: 0.5 };
      const one = player({ v: v! }, { learningRate: 0.1, seeds: 3, average });
      const two = player({ w: w! }, { optimizer: rmsProp, seeds: 3, stopsWith: one, average });
      const run = async (bad: number) => {
        spoil.backend.upload(spoil.binding, [0, bad, 0], 'f32');
        const loss = (x: Tensor, by?: Tensor) => {
          const each = sum(square(x), 1);
          return by ? add(each, mul(by, each)) : each;
        };
        backend.step.begin();
        tidy(() => {
          if (order === 'together') return together([one, loss(v!)], [two, loss(w!, spoil)]);
          two.minimise(loss(w!, spoil));
          one.minimise(loss(v!));
        });
      };
      const state = async () =>
        (await read({ v: v!, w: w!, av: one.average!.v!, aw: two.average!.w! })).map((x) => [...x]);
      await run(0);
      const before = await state();
      await run(NaN);
      if (order === 'one after the other') await run(0);
      const stopped = await state();
      await run(0);
      const after = await state();
      for (const [i, values] of after.entries()) {
        const rows = (x: readonly number[]) => [0, 1, 2].map((seed) => x.slice(5 * seed, 5 * seed + 5));
        const [was, mid, is] = [rows(before[i]!), rows(stopped[i]!), rows(values)];
        expect(is[1]).toEqual(mid[1]);
        if (order === 'together' || i % 2 === 1) expect(is[1]).toEqual(was[1]);
        for (const seed of [0, 2]) expect(is[seed]).not.toEqual(mid[seed]);
        expect(values.every(Number.isFinite)).toBe(true);
      }
      for (const of of [one, two]) expect(await of.firstSkippedSteps()).toEqual([0, 2, 0]);
      // The second one keeps the latch.
      one.dispose();
      expect(await two.firstSkippedStep()).toBe(2);
      two.dispose();
    }
  });

  test('more players than one guard has room for', async () => {
    const backend = await open();
    const all = Array.from({ length: 10 }, () => tensor([1], [1], backend, { requiresGrad: true }));
    new Arena(backend).take(all);
    const [first, ...rest] = all;
    const leader = player({ p: first! }, { optimizer: sgd, learningRate: 0.25 });
    const players = [
      leader,
      ...rest.map((p) => player({ p }, { optimizer: sgd, learningRate: 0.25, stopsWith: leader })),
    ];
    const play = (spoil: number) =>
      tidy(() =>
        together(...players.map((of, i) => [of, sum(mul(square(all[i]!), i === 8 ? spoil : 1))] as const)),
      );
    play(1);
    play(Infinity);
    expect((await Promise.all(all.map((x) => x.data()))).map(([x]) => x)).toEqual(all.map(() => 0.5));
    const step = await leader.firstSkippedStep();
    expect(step).toBe(backend.step.number);
    for (const of of players) of.dispose();
  });

  test('a checkpoint of two players and their averages is resumed to the same bits', async () => {
    const backend = await open();
    const start = () => {
      backend.step.reset();
      const p = parametersOn(backend);
      const goal = goalsOn(backend);
      const first = player(
        { a: p.a, c: p.c },
        { learningRate: cosine(0.1, { updates: 9 }), average: { decay: 0.9, isCorrected: true } },
      );
      const second = player({ b: p.b, c: p.c }, { optimizer: adamW, stopsWith: first });
      const step = () =>
        tidy(() =>
          together(
            [first, add(distance(p.a, goal.a), distance(p.c, goal.c))],
            [second, add(distance(p.b, goal.b), sum(p.c))],
          ),
        );
      const all = () => read({ ...p, ...first.average, ...second.state });
      return {
        state: { parameters: p, players: { first, second }, step: backend.step },
        step,
        all,
        first,
        second,
      };
    };
    const one = start();
    for (let i = 0; i < 4; i++) one.step();
    const file = await saveCheckpoint(one.state, { note: 'half' });
    for (let i = 0; i < 3; i++) one.step();
    const wanted = await one.all();
    for (const of of [one.first, one.second]) of.dispose();
    const two = start();
    expect(loadCheckpoint(two.state, file)).toEqual({ note: 'half' });
    expect([two.first.updates, two.second.updates]).toEqual([4, 4]);
    for (let i = 0; i < 3; i++) two.step();
    expect(await two.all()).toEqual(wanted);
    two.first.swapAverage();
    expect(() => saveCheckpoint(two.state)).toThrow('exchanged for their averages');
    two.first.swapAverage();
    // The weights alone, and players by other names.
    const { players, ...bare } = two.state;
    loadCheckpoint(bare, file);
    const renamed = { ...bare, players: { first: players.first, other: players.second } };
    expect(() => loadCheckpoint(renamed, file)).toThrow('limbeck.updates.other');
    expect(() => loadCheckpoint({ ...two.state, optimizer: players.first }, file)).toThrow(
      'an optimizer and players',
    );
    for (const of of [two.first, two.second]) of.dispose();
  });
});

test('what is refused', () => {
  const p = { w: tensor([1, 2], [2], cpu, { requiresGrad: true }) };
  const of = player(p, { seeds: 2 });
  expect(() => of.minimise(sum(p.w))).toThrow('adam: the loss is []; wants one for each of 2 seeds, [2]');
  expect(() => together([of, p.w], [of, p.w])).toThrow('pair 1 has a player that came before');
  expect(() => together([{} as never, p.w])).toThrow('together: wants pairs [player, loss]');
  expect(() => of.swapAverage()).toThrow('adam: no averages; make the player with');
  expect(() => player(p, { seeds: 2, learnRate: 1 } as PlayerOptions)).toThrow(
    "player: unknown option 'learnRate'",
  );
  expect(() => player(p, { momentum: 0.9 })).toThrow("adam: unknown option 'momentum'");
  expect(() => player(p, { average: { decay: 1 } })).toThrow(
    'player: average: decay must lie in [0, 1), got 1',
  );
  expect(() => sgd(p, { weightDecay: () => -1 })).toThrow("sgd: weightDecay of 'w' must be at least 0");
  expect(() => adam(p, { stopsWith: of })).toThrow('adam: stopsWith must be an optimiser of 1 seeds, too');
  expect(() => adam(p, { stopsWith: {} as never })).toThrow('stopsWith must be an optimiser');
  of.dispose();
});
