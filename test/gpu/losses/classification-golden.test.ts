/** Losses of rows and of features against PyTorch in float64 (`fixtures/classification.py`). */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import * as rows from '../../../losses/classification.ts';
import { attentionTransfer } from '../../../losses/features/attention-transfer.ts';
import { similarityPreserving } from '../../../losses/features/similarity.ts';
import type { RowLoss } from '../../../losses/row-loss.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads, compareValues } from '../../check.ts';
import fixture from '../../fixtures/classification.json' with { type: 'json' };

interface Case {
  name: string;
  data: keyof typeof fixture.sets;
  params: Record<string, number>;
  value: number;
  gradient: number[];
}

type FeatureCase = Omit<Case, 'data'>;

const both: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-12', async () => cpu, 1e-12],
  ['GPU, to 3e-6', gpu, 3e-6],
];

describe.each(both)('%s', (_, open, tolerance) => {
  test.each(fixture.cases as unknown as Case[])('$name of $data rows $params', async (one) => {
    const backend = await open();
    const { shape, logits, teacher, label } = fixture.sets[one.data];
    const numbers = (values: (number | null)[], requiresGrad = false) =>
      tensor(
        values.map((value) => value ?? -Infinity),
        shape,
        backend,
        { requiresGrad },
      );
    const given: Record<string, Tensor> = { logits: numbers(logits, true), teacher: numbers(teacher) };
    given.label = tensor(label, [shape[0]!], backend, { dtype: 'u32' });
    const loss = (rows as unknown as Record<string, RowLoss>)[one.name]!;
    const wanted = Object.fromEntries(loss.definition.inputs.map((key) => [key, given[key]!]));
    for (const f of [loss, loss.composed]) {
      const value = f(wanted, one.params);
      compareValues('value', await value.data(), Float64Array.of(one.value), tolerance);
      const [gradient] = grad(value, [given.logits!]);
      compareValues('gradient', await gradient!.data(), Float64Array.from(one.gradient), tolerance);
    }
  });

  test.each(fixture.features.cases as unknown as FeatureCase[])('$name $params', async (one) => {
    const { name, params, ...wanted } = one;
    const backend = await open();
    const { shape, values, teacherShape, teacherValues } = fixture.features;
    const features = tensor(values, shape, backend, { requiresGrad: true });
    const inputs = { features, teacherFeatures: tensor(teacherValues, teacherShape, backend) };
    const value =
      name === 'attentionTransfer' ? attentionTransfer(inputs, params) : similarityPreserving(inputs);
    compareValues('value', await value.data(), Float64Array.of(wanted.value), tolerance);
    const [gradient] = grad(value, [features]);
    compareValues('gradient', await gradient!.data(), Float64Array.from(wanted.gradient), tolerance);
  });
});

const maps = [
  [2, 4, 3, 2, 3],
  [2, 4, 5, 2, 3],
] as const;

test('features of seeds side by side: order 2, GPU = CPU, each the bits of the seed alone', async () => {
  const backend = await gpu();
  for (const f of [attentionTransfer, similarityPreserving]) {
    const of = (...xs: Tensor[]) =>
      f({ features: xs[0]!, teacherFeatures: xs[1]! }, { leadingAxes: xs[0]!.shape.length - 4 });
    const inputs = maps.map((shape, i) => ({
      shape,
      values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) =>
        Math.sin(k * (1.3 + i)),
      ),
      isConstant: i === 1,
    }));
    await checkGrads(of, inputs);
    await checkBackends(of, inputs);
    const together = await of(...inputs.map(({ values, shape }) => tensor(values, shape, backend))).data();
    for (const s of [0, 1]) {
      const alone = inputs.map(({ values, shape }) => {
        const size = values.length / 2;
        return tensor(values.subarray(s * size, (s + 1) * size), shape.slice(1), backend);
      });
      expect(together[s]).toBe(await of(...alone).item());
    }
  }
});

test('features that do not fit, and maps of zeros', async () => {
  const of = (shape: readonly number[]) =>
    tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape, cpu);
  const [features, other] = [of([2, 3, 4, 4]), of([2, 3, 2, 2])];
  expect(() => attentionTransfer({ features, teacherFeatures: other })).toThrow(
    'attentionTransfer: features [2, 3, 4, 4] and teacherFeatures [2, 3, 2, 2]; wants (…, rows, channels, height, width)',
  );
  expect(() => attentionTransfer({ features, teacherFeatures: features }, { power: 0 })).toThrow(
    'power must be',
  );
  expect(() => similarityPreserving({ features, teacherFeatures: of([3, 2]) })).toThrow('with the same rows');
  for (const f of [attentionTransfer, similarityPreserving])
    expect(await f({ features, teacherFeatures: features }).item()).toBe(0);
});
