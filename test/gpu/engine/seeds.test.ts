/** Many seeds as one model: every part gives each seed the bits that it gives that seed alone. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { copyTo } from '../../../engine/ops/movement/copy-to.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { adam, adamW, type Optimizer, type Parameters, rmsProp, sgd } from '../../../engine/optim/optim.ts';
import { type Tensor, tensor, tidy, view, zeros } from '../../../engine/tensor.ts';
import { fusedLoss, LOSS_BLOCK, sumBlocks } from '../../../kernels/training/fused-loss.ts';
import { named } from '../../../losses/check-loss.ts';
import { mse } from '../../../losses/regression.ts';
import { torDual } from '../../../losses/tor-dual.ts';
import { dualHead, mlp } from '../../../models/mlp.ts';
import { parametersOf } from '../../../models/parameters.ts';
import type { NonFiniteError } from '../../../train/run-steps.ts';
import { train } from '../../../train/loop.ts';
import { cpu, gpu } from '../../backends.ts';
import { lossCases } from '../../cases/losses.ts';
import { checkBackends, checkGrads, noise, tensorsOf } from '../../check.ts';

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const SEEDS = [4, 0, 9];

/** Part `s` of the first axis, without it. */
function part(x: Tensor, s: number): Tensor {
  const copy = slice(x, 0, s, s + 1);
  return view(copy, x.shape.slice(1));
}

describe.each(lossCases)('$name with an axis of seeds', ({ loss, params, inputs: given }) => {
  const seeds = 3;
  const inputs = given.map((input, i) => {
    const values = range(seeds).flatMap((s) =>
      Array.from(input.values, (value) => (value === 0 || value === 1 ? value : value * (1 - 0.1 * s))),
    );
    return { ...input, shape: [seeds, ...given[i]!.shape], values };
  });
  const f = (...xs: Tensor[]) => loss(named(loss, xs), params, { leadingAxes: 1 });

  test('each value and gradient is that of the seed alone', async () => {
    const backend = await gpu();
    const xs = tensorsOf(inputs, backend);
    const wanted = xs.filter((x) => x.requiresGrad);
    expect(wanted).toHaveLength((loss.definition.wrt ?? ['pred']).length);
    for (const compute of [
      f,
      (...ys: Tensor[]) => loss.composed(named(loss, ys), params, { leadingAxes: 1 }),
    ]) {
      const value = compute(...xs);
      expect(value.shape).toEqual([seeds]);
      const gradients = grad(sum(value), wanted);
      for (const s of range(seeds)) {
        const own = xs.map((x) => {
          const copy = part(x, s);
          copy.requiresGrad = x.requiresGrad;
          return copy;
        });
        const alone =
          compute === f ? loss(named(loss, own), params) : loss.composed(named(loss, own), params);
        expect((await value.data())[s]).toBe(await alone.item());
        const ownGradients = grad(
          alone,
          own.filter((x) => x.requiresGrad),
        );
        for (const [i, gradient] of gradients.entries())
          expect(await part(gradient, s).data()).toEqual(await ownGradients[i]!.data());
      }
    }
  });

  test('gradients to order 2, GPU = CPU', async () => {
    await checkGrads(f, inputs);
    // As in checkLoss: slopes of square roots are up to 16.
    await checkBackends(f, inputs, { tolerance: 2e-5 });
  });
});

test.each([
  [false, 77],
  [true, 77],
  [false, 76],
  [true, 76],
])('long losses, a workgroup a block: %s, and %i elements more', async (isSplit, more) => {
  const backend = await gpu();
  const size = 2 * LOSS_BLOCK + more;
  const blocks = Math.ceil(size / LOSS_BLOCK);
  const { name, inputs, wrt, params, fused: element } = torDual.definition;
  const options = { name, inputs, wrt: wrt!, params: Object.keys(params!), stepParams: [], element };
  const run = (
    data: readonly Float32Array[],
    means: number,
    ways: { hasFewLanes?: boolean; isVector?: boolean } = {},
  ) => {
    const xs = data.map((values) => tensor(values, [means * size], backend));
    const results = dispatch(fusedLoss({ ...options, isSplit, ...ways }), {
      inputs: named(torDual, xs),
      uniforms: { size, ...params },
      outputs: {
        value: [means * (isSplit ? blocks : 1)],
        predGrad: [means * size],
        teacherPredGrad: [means * size],
      },
      workgroups: [isSplit ? blocks : 1, 1, means],
    });
    if (!isSplit) return results;
    const { y } = dispatch(sumBlocks, {
      inputs: { x: results.value! },
      uniforms: { blocks, size },
      outputs: { y: [means] },
      workgroups: [1, 1, means],
    });
    return { ...results, value: y };
  };
  const data = inputs.map((_, i) => noise(2 * size, i));
  const fours = size % 4 === 0 ? [{ hasFewLanes: true, isVector: true }] : [];
  for (const ways of [{}, { hasFewLanes: true }, ...fours]) {
    const together = run(data, 2, ways);
    for (const s of [0, 1]) {
      const alone = run(
        data.map((values) => values.subarray(s * size, (s + 1) * size)),
        1,
      );
      for (const [key, x] of Object.entries(alone)) {
        const values = await together[key]!.data();
        expect(values.subarray(s * x.size, (s + 1) * x.size), key).toEqual(await x.data());
      }
    }
  }
});

describe.each(both)('on the %s', (_, open) => {
  test('batches: every seed draws in its own order', async () => {
    const backend = await open();
    const table = (s: number) => ({
      x: { values: range(14).map((i) => 100 * s + i), width: 2 },
      y: { values: range(7).map((i) => 100 * s + i), width: 1 },
    });
    const all = {
      x: { values: SEEDS.flatMap((s) => table(s).x.values), width: 2 },
      y: { values: SEEDS.flatMap((s) => table(s).y.values), width: 1 },
    };
    const together = new Batches(all, backend, { batchSize: 3, seed: SEEDS });
    const single = SEEDS.map((seed) => new Batches(table(seed), backend, { batchSize: 3, seed }));
    for (const number of range(8)) {
      for (const batches of [together, ...single]) batches.prepare(number);
      backend.step.begin();
      const { x, y } = together.batch();
      expect([x.shape, y.shape]).toEqual([
        [3, 3, 2],
        [3, 3, 1],
      ]);
      for (const [s, batches] of single.entries()) {
        const own = batches.batch();
        expect(await part(x, s).data()).toEqual(await own.x.data());
        expect(await part(y, s).data()).toEqual(await own.y.data());
      }
    }
    for (const batches of [together, ...single]) batches.dispose();
  });

  test.each([
    [
      'sgd',
      (p: Parameters, seeds?: number) => sgd(p, { learningRate: 0.1, momentum: 0.9, maxGradNorm: 3, seeds }),
    ],
    ['adam', (p: Parameters, seeds?: number) => adam(p, { learningRate: 0.1, maxGradNorm: 3, seeds })],
    ['adamW', (p: Parameters, seeds?: number) => adamW(p, { learningRate: 0.1, weightDecay: 0.1, seeds })],
    ['rmsProp', (p: Parameters, seeds?: number) => rmsProp(p, { maxGradNorm: 3, seeds })],
  ])('%s: clipping and the guard are each seed’s own', async (name, make) => {
    const backend = await open();
    backend.step.reset();
    const shapes = { a: [3], b: [8, 8], c: [5, 13] };
    const values = (s: number, i: number, size: number) => noise(size, 10 * s + i);
    const parametersFor = (seeds: readonly number[], lead: readonly number[]): Parameters =>
      Object.fromEntries(
        Object.entries(shapes).map(([key, shape], i) => {
          const size = shape.reduce((a, b) => a * b);
          const numbers = Float32Array.from(seeds.flatMap((s) => [...values(s, i, size)]));
          return [key, tensor(numbers, [...lead, ...shape], backend, { requiresGrad: true })];
        }),
      );
    // Seed 4 is clipped: its gradient is of size 9 and more. Seed 0 meets a NaN in its third update.
    const gradient = (s: number, n: number, x: Tensor, key: string) => {
      const scale = s === 4 ? 1 : 0.1;
      return mul(x, s === 0 && n === 2 && key === 'b' ? NaN : scale);
    };
    const together = make(parametersFor(SEEDS, [SEEDS.length]), SEEDS.length);
    expect([together.seeds, together.name.replace('-w', 'W').replace('-p', 'P')]).toEqual([3, name]);
    const single = SEEDS.map((s) => make(parametersFor([s], [])));
    for (const n of range(5)) {
      const first = backend.step.number;
      const step = (optimizer: Optimizer, gradients: readonly Tensor[]) => {
        if (backend.step.number !== first + 1) backend.step.begin(first + 1);
        optimizer.step(gradients);
      };
      tidy(() => {
        const own = single.map((optimizer, i) =>
          Object.entries(optimizer.parameters).map(([key, x]) => gradient(SEEDS[i]!, n, x, key)),
        );
        const joined = Object.values(together.parameters).map((x, k) => {
          const into = zeros(x.shape, backend);
          const rows = own.map((gradients) => gradients[k]!);
          return joinedInto(rows, into);
        });
        step(together, joined);
        for (const [i, optimizer] of single.entries()) step(optimizer, own[i]!);
      });
    }
    for (const [i, optimizer] of single.entries()) {
      for (const [key, x] of Object.entries(optimizer.parameters))
        expect(await part(together.parameters[key]!, i).data(), `${key} of ${i}`).toEqual(await x.data());
      const { parameters: _flat, latch: _latch, ...moments } = optimizer.state;
      for (const [key, x] of Object.entries(moments))
        expect(await part(together.state[key]!, i).data(), key).toEqual(await x.data());
    }
    expect(await together.firstSkippedSteps()).toEqual([0, 3, 0]);
    expect(await together.firstSkippedStep()).toBe(3);
    for (const optimizer of [together, ...single]) optimizer.dispose();
  });

  test('networks: initial numbers and predictions', async () => {
    const backend = await open();
    const options = { backend, inputs: 2, widths: [5, 8], activation: 'gelu' } as const;
    const x = tensor(noise(3 * 7 * 2, 1), [3, 7, 2], backend);
    const together = dualHead({ ...options, seed: SEEDS, headDepth: 1 });
    const { pred, teacherPred } = together.forward(x);
    expect(pred.shape).toEqual([3, 7, 1]);
    for (const [i, seed] of SEEDS.entries()) {
      const alone = dualHead({ ...options, seed, headDepth: 1 });
      const [own, wanted] = [parametersOf(together.parameters, i), alone.parameters];
      expect(Object.keys(own)).toEqual(Object.keys(wanted));
      for (const [name, values] of Object.entries(own)) {
        expect(values.shape).toEqual(wanted[name]!.shape);
        expect(await values.data(), name).toEqual(await wanted[name]!.data());
      }
      const heads = alone.forward(part(x, i));
      expect(await part(pred, i).data()).toEqual(await heads.pred.data());
      expect(await part(teacherPred, i).data()).toEqual(await heads.teacherPred.data());
      expect([together.parameterCount, together.macs]).toEqual([alone.parameterCount, alone.macs]);
    }
    // The same rows for all.
    const shared = together.forward(part(x, 0)).pred;
    expect(await part(shared, 0).data()).toEqual(await part(pred, 0).data());
  });

  test('a training: a seed that fails is named, the others end as alone', async () => {
    const backend = await open();
    const tables = SEEDS.map((s) => noise(20, s));
    tables[1]![3] = NaN;
    const run = async (seeds: readonly number[], isList: boolean) => {
      backend.step.reset();
      const seed = isList ? seeds.map((i) => SEEDS[i]!) : SEEDS[seeds[0]!]!;
      const model = mlp({ backend, widths: [6], seed });
      const optimizer = adam(model.parameters, {
        seeds: isList ? seeds.length : undefined,
        maxGradNorm: 0.1,
      });
      const values = Float32Array.from(seeds.flatMap((i) => [...tables[i]!]));
      const batches = new Batches({ x: { values, width: 1 } }, backend, { batchSize: 8, seed });
      const failures: [number, string][] = [];
      const readings: number[][] = [];
      const done = await train({
        backend,
        batches,
        optimizer,
        loss: ({ x }) => mse({ pred: model.forward(x), label: x }, {}, { leadingAxes: isList ? 1 : 0 }),
        steps: 12,
        readEvery: 5,
        where: seeds.map((i) => `seed ${SEEDS[i]}`),
        onNonFinite: (error: NonFiniteError, index) => failures.push([index, error.message]),
        onReading: async ({ losses }) => void readings.push([...losses]),
      });
      const weights = await Promise.all(Object.values(model.parameters).map((x) => x.data()));
      optimizer.dispose();
      batches.dispose();
      return { done, weights, failures, readings };
    };
    const together = await run([0, 1, 2], true);
    expect(together.done).toBe(12);
    expect(together.failures).toHaveLength(1);
    expect(together.failures[0]![0]).toBe(1);
    expect(together.failures[0]![1]).toMatch(/^seed 0: .*not finite at step [123];/);
    for (const i of [0, 2]) {
      const alone = await run([i], false);
      for (const [k, values] of alone.weights.entries()) {
        const own = together.weights[k]!.subarray(i * values.length, (i + 1) * values.length);
        expect(own).toEqual(values);
      }
      expect(together.readings.map((losses) => losses[i])).toEqual(alone.readings.map(([loss]) => loss));
    }
    await expect(run([1], true)).rejects.toThrow(/^seed 0: .*not finite/);
  });
});

test('misuse is refused with its name', () => {
  const x = zeros([3, 2], cpu);
  expect(() => mse({ pred: x, label: x }, {}, { leadingAxes: 3 })).toThrow('mse: 3 leading axes for [3, 2]');
  expect(() => adam({ x }, { seeds: 2 })).toThrow("adam: 'x' [3, 2] has not 2 seeds along its first axis");
  expect(() => adam({ x }, { seeds: 0 })).toThrow('adam: seeds must be an integer of at least 1, got 0');
  expect(() => mlp({ backend: cpu, widths: [2], seed: [] })).toThrow('mlp: the list of seeds is empty');
  const columns = { x: { values: [1, 2, 3], width: 1 } };
  expect(() => new Batches(columns, cpu, { batchSize: 1, seed: [1, 2] })).toThrow(/no multiple of its width/);
  expect(() => new Batches(columns, cpu, { batchSize: 1, seed: [] })).toThrow('batches: no seeds');
});

/** Rows one after another, in a tensor that exists. */
function joinedInto(rows: readonly Tensor[], into: Tensor): Tensor {
  const size = into.size / rows.length;
  copyTo(rows, into, {
    rows: 1,
    pitch: into.size,
    widths: rows.map(() => size),
    starts: rows.map((_, i) => i * size),
  });
  return into;
}
