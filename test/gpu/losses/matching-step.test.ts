/** Teacher-student matching as a training step: its parts, its seeds, captured, and a generator beside the student. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { openGpu } from '../../../engine/gpu/gpu.ts';
import { add } from '../../../engine/ops/pointwise/elementwise.ts';
import { ones } from '../../../engine/ops/fill.ts';
import { linear } from '../../../engine/ops/matmul/matmul.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { rmsProp } from '../../../engine/optim/optim.ts';
import { noGrad } from '../../../engine/tape.ts';
import { type Tensor, tensor, tidy, zeros } from '../../../engine/tensor.ts';
import { ascend, leaf } from '../../../losses/matching/ascend.ts';
import { generatorLoss, latent } from '../../../losses/matching/generator.ts';
import { matchNetworks, type MatchOptions } from '../../../losses/matching/match-networks.ts';
import { mixUp, perturb } from '../../../losses/matching/perturb.ts';
import { matchInputGradients, matchSlopes, probesOf } from '../../../losses/matching/slopes.ts';
import { mse } from '../../../losses/regression.ts';
import { lenet } from '../../../models/lenet.ts';
import { dualHead, mlp } from '../../../models/mlp.ts';
import { resnet } from '../../../models/resnet.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkGrads, compareValues, noise } from '../../check.ts';

const [ROWS, INPUTS, OUTPUTS] = [4, 3, 2];
const SEEDS = [1, 2];
const all = { perturbed: 0.5, adversarial: 2, gradients: 0.25 } as const;

function networks(backend: Backend, seeds: readonly number[] = SEEDS) {
  const options = { backend, inputs: INPUTS, outputs: OUTPUTS };
  const teacher = mlp({ ...options, widths: [8], seed: seeds.map((seed) => seed + 100) });
  const student = dualHead({ ...options, widths: [3], seed: seeds });
  const values = seeds.flatMap((seed) => [...noise(ROWS * INPUTS, seed)]);
  return { teacher, student, x: tensor(values, [seeds.length, ROWS, INPUTS], backend) };
}

const variants: [string, MatchOptions][] = [
  ['exact gradients', all],
  ['directions', { ...all, slopes: { directions: 2 }, perturbation: 'mixup' }],
];

test.each(variants)('parts and total are what the functions give alone: %s', async (_, variant) => {
  const { teacher, student, x } = networks(cpu);
  const seed = SEEDS;
  const label = { leadingAxes: 1 };
  cpu.step.begin(0);
  const match = matchNetworks(
    x,
    { teacher: teacher.forward, student: student.forward },
    {
      ...variant,
      ...{ seed, leadingAxes: 1, sigma: 0.7, ascent: { steps: 2 } },
    },
  );
  cpu.step.begin(0);
  const pair = { teacher: teacher.forward, student: (at: Tensor) => student.forward(at).pred };
  const perturbed =
    variant.perturbation === 'mixup' ? mixUp(x, { seed, ...label }) : perturb(x, { seed, sigma: 0.7 });
  const adversarial = ascend(x, pair, { steps: 2, ...label });
  const points = leaf(concat([x, perturbed, adversarial], 1));
  const at = (here: Tensor) => ({ pred: pair.student(here), teacherPred: pair.teacher(here) });
  const probing = { directions: 2, call: 1, seed, ...label };
  const gap = (here: Tensor) =>
    mse({ pred: pair.student(here), label: noGrad(() => pair.teacher(here)) }, {}, label);
  const wanted = {
    perturbed: await gap(perturbed).data(),
    adversarial: await gap(adversarial).data(),
    gradients: await (variant.slopes
      ? matchSlopes(at(probesOf(points, probing)), probing)
      : matchInputGradients(points, at(points), label)
    ).data(),
  };
  for (const [name, values] of Object.entries(wanted))
    compareValues(name, await match.parts[name as keyof typeof wanted]!.data(), values, 1e-12);
  const total = [0, 1].map(
    (s) => 0.5 * wanted.perturbed[s]! + 2 * wanted.adversarial[s]! + 0.25 * wanted.gradients[s]!,
  );
  compareValues('total', await match.loss!.data(), Float64Array.from(total), 1e-12);
  const { pred, teacherPred } = student.forward(x);
  compareValues('pred', await match.heads.pred.data(), await pred.data(), 1e-12);
  compareValues('second head', await match.heads.teacherPred.data(), await teacherPred.data(), 1e-12);
  compareValues('teacher', await match.teacher.data(), await pair.teacher(x).data(), 1e-12);
});

test.each(variants)('gradients by the student’s weights to order 2: %s', async (_, variant) => {
  const { student } = networks(cpu, [1]);
  const names = Object.keys(student.parameters).filter((name) => !name.startsWith('teacher'));
  // Adversarial points that stay: those of the ascent move with the weights, and count as constants.
  const inputs = names.map((name, i) => {
    const { shape, size } = student.parameters[name]!;
    return { shape, values: noise(size, i + 1) };
  });
  const f = (first: Tensor, bias: Tensor, last: Tensor, lastBias: Tensor) => {
    const { teacher, x } = networks(first.backend, [1]);
    const ascent = tensor(noise(ROWS * INPUTS, 5), x.shape, x.backend);
    const forward = (at: Tensor) => ({ pred: layers(at, first, bias, last, lastBias) });
    const options = { ...variant, ascent, seed: [1], leadingAxes: 1 };
    return matchNetworks(x, { teacher: teacher.forward, student: forward }, options).loss!;
  };
  await checkGrads(f, inputs);
});

/** Each network is asked once for all points, besides the steps of the ascent. */
test('both networks run once on all points', () => {
  const { teacher, student, x } = networks(cpu);
  for (const [ascent, ascents] of [
    [{ steps: 2 }, 2],
    [zeros([2, 7, INPUTS], cpu), 0],
  ] as const) {
    const rows: number[][] = [[], []];
    matchNetworks(
      x,
      {
        teacher: (at) => (rows[0]!.push(at.shape[1]!), teacher.forward(at)),
        student: (at) => (rows[1]!.push(at.shape[1]!), student.forward(at)),
      },
      { ...all, ascent, leadingAxes: 1 },
    );
    const own = ascents > 0 ? ROWS : 7;
    for (const seen of rows) expect(seen).toEqual([...Array<number>(ascents).fill(ROWS), 2 * ROWS + own]);
  }
  const off = matchNetworks(x, { teacher: teacher.forward, student: student.forward }, { leadingAxes: 1 });
  expect([off.loss, off.heads.pred.shape, off.teacher.shape]).toEqual([
    undefined,
    [2, ROWS, OUTPUTS],
    [2, ROWS, OUTPUTS],
  ]);
});

/** A student with all parts on, a generator or ascent, a scheduled weight and deviation; losses of its steps. */
async function training(
  backend: Backend,
  { seeds, isCaptured, slopes, hasGenerator }: TrainingOptions,
): Promise<{ losses: number[][]; weights: number[] }> {
  backend.step.reset();
  const { teacher, student, x } = networks(backend, seeds);
  const generator = mlp({ backend, inputs: 5, outputs: INPUTS, widths: [6], seed: seeds });
  const optimizers = [student, generator].map(({ parameters }) =>
    rmsProp(parameters, { learningRate: 1e-2, seeds: seeds.length }),
  );
  const slots = [backend.step.slot((n) => 1 / (1 + n)), backend.step.slot((n) => 0.1 * n)] as const;
  const seed = ones([seeds.length], backend);
  const step = () => {
    const pair = { teacher: teacher.forward, student: student.forward };
    let ascent: Tensor | undefined;
    if (hasGenerator) {
      ascent = generator.forward(latent(backend, { rows: 3, size: 5, seed: seeds }));
      const only = { ...pair, student: (at: Tensor) => student.forward(at).pred };
      const loss = generatorLoss(ascent, only, { leadingAxes: 1 });
      optimizers[1]!.step(grad(loss, Object.values(generator.parameters), { seed }));
    }
    const match = matchNetworks(x, pair, {
      ...{ perturbed: slots[0], adversarial: 1, gradients: 0.5, sigma: slots[1] },
      ...{ ascent, slopes, seed: seeds, leadingAxes: 1 },
    });
    const label = match.teacher;
    const { pred, teacherPred } = match.heads;
    const base = add(
      mse({ pred, label }, {}, { leadingAxes: 1 }),
      mse({ pred: teacherPred, label }, {}, { leadingAxes: 1 }),
    );
    const loss = add(base, match.loss!);
    optimizers[0]!.step(grad(loss, Object.values(student.parameters), { seed }));
    return loss;
  };
  const captured = isCaptured ? capture(step, backend) : undefined;
  const losses: number[][] = [];
  for (let i = 0; i < 6; i++) {
    if (!captured) backend.step.begin();
    losses.push([...(await (captured ? captured() : tidy(step)).data())]);
  }
  const weights = await Promise.all(Object.values(student.parameters).map((p) => p.data()));
  captured?.dispose();
  for (const optimizer of optimizers) optimizer.dispose();
  for (const slot of slots) slot.free();
  return { losses, weights: weights.flatMap((values) => [...values]) };
}

interface TrainingOptions {
  seeds: readonly number[];
  isCaptured: boolean;
  slopes?: MatchOptions['slopes'];
  hasGenerator?: boolean;
}

describe.each<[string, Pick<TrainingOptions, 'slopes' | 'hasGenerator'>]>([
  ['ascent, exact gradients', {}],
  ['ascent, directions', { slopes: { distance: 0.05 } }],
  ['generator, exact gradients', { hasGenerator: true }],
])('a training step, %s', (_, variant) => {
  test('captured it has the bits of the eager one', async () => {
    const backend = await openGpu();
    const eager = await training(backend, { seeds: SEEDS, isCaptured: false, ...variant });
    const captured = await training(backend, { seeds: SEEDS, isCaptured: true, ...variant });
    expect(captured).toEqual(eager);
    expect(new Set(eager.losses.map(String)).size).toBe(6);
    backend.close();
  });

  test('each seed learns what it would alone', async () => {
    const backend = await gpu();
    const together = await training(backend, { seeds: SEEDS, isCaptured: true, ...variant });
    for (const [s, seed] of SEEDS.entries()) {
      const alone = await training(backend, { seeds: [seed], isCaptured: true, ...variant });
      expect(together.losses.map((each) => each[s])).toEqual(alone.losses.map(([loss]) => loss));
    }
  });
});

test('images and convolutions, extras beside them: GPU = CPU', async () => {
  const results = await Promise.all(
    [cpu, await gpu()].map(async (backend) => {
      backend.step.reset(); // which the noise follows
      const options = { backend, inputShape: [1, 16, 16], outputs: 2, extras: 2 } as const;
      const teacher = lenet({ ...options, width: 0.2, seed: 1 });
      const student = resnet({ ...options, width: 0.25, seed: 2 });
      const x = tensor(noise(3 * 256, 1), [3, 1, 16, 16], backend);
      const pose = tensor(noise(6, 2), [3, 2], backend);
      const of = (network: typeof teacher) => (at: Tensor) => {
        const copies = Array<Tensor>(at.shape[0]! / 3).fill(pose);
        return network.forward(at, { extras: concat(copies, 0) });
      };
      const pair = { teacher: of(teacher), student: (at: Tensor) => ({ pred: of(student)(at) }) };
      const { loss, parts } = matchNetworks(x, pair, { ...all, sigma: 0.1, ascent: { steps: 1 }, seed: 3 });
      const gradients = grad(loss!, Object.values(student.parameters), { allowUnused: true });
      const read = await Promise.all([...Object.values(parts), ...gradients].map((y) => y!.data()));
      return read.map((values) => Float64Array.from(values));
    }),
  );
  const [wanted, got] = results as [Float64Array[], Float64Array[]];
  expect(wanted[2]![0]).toBeGreaterThan(0);
  for (const [i, values] of got.entries()) compareValues(`number ${i}`, values, wanted[i]!, 1e-4);
});

test('what does not fit is named', () => {
  const { teacher, student, x } = networks(cpu);
  const pair = { teacher: teacher.forward, student: student.forward };
  expect(() => matchNetworks(x, pair, { gradients: -1 })).toThrow('gradients must be a number of at least 0');
  expect(() => matchNetworks(zeros([3], cpu), pair)).toThrow('matchNetworks: x [3] with 0 leading axes');
  // @ts-expect-error: no such perturbation
  expect(() => matchNetworks(x, pair, { perturbation: 'cutmix' })).toThrow("unknown perturbation 'cutmix'");
});

function layers(x: Tensor, first: Tensor, bias: Tensor, last: Tensor, lastBias: Tensor): Tensor {
  return linear(linear(x, first, bias, 'tanh'), last, lastBias);
}
