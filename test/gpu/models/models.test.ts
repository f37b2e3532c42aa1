/** Models: names, counts, shared tensors, initial numbers, and leading axes as batch. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { gelu, tanh } from '../../../engine/ops/pointwise/activations.ts';
import { linear, matmul } from '../../../engine/ops/matmul/matmul.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { adam } from '../../../engine/optim/optim.ts';
import { mse } from '../../../losses/regression.ts';
import { activations } from '../../../models/layers.ts';
import { dualHead, mlp } from '../../../models/mlp.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';

const x = tensor(noise(12, 1), [6, 2], cpu);
const shapesOf = (parameters: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, shape.join(' ')]));

test('mlp: names, shapes, counts', () => {
  const model = mlp({ backend: cpu, inputs: 2, outputs: 3, widths: [8, 5] });
  expect(shapesOf(model.parameters)).toEqual({
    'trunk.0.weight': '2 8',
    'trunk.0.bias': '8',
    'trunk.1.weight': '8 5',
    'trunk.1.bias': '5',
    'label.0.weight': '5 3',
    'label.0.bias': '3',
  });
  expect(model.parameterCount).toBe(16 + 8 + 40 + 5 + 15 + 3);
  expect(model.macs).toBe(16 + 40 + 15);
  expect(model.forward(x).shape).toEqual([6, 3]);
  for (const [name, { label, requiresGrad }] of Object.entries(model.parameters)) {
    expect([label, requiresGrad]).toEqual([name, true]);
  }
  expect(shapesOf(mlp({ backend: cpu, widths: [] }).parameters)).toEqual({
    'label.0.weight': '1 1',
    'label.0.bias': '1',
  });
});

test('dualHead: names, shapes, counts, with heads of any depth', () => {
  const plain = dualHead({ backend: cpu, inputs: 2, widths: [8, 5] });
  expect(Object.keys(plain.parameters).slice(4)).toEqual([
    'label.0.weight',
    'label.0.bias',
    'teacher.0.weight',
    'teacher.0.bias',
  ]);
  expect([plain.parameterCount, plain.macs]).toEqual([69 + 2 * 6, 56 + 2 * 5]);
  const deep = dualHead({ backend: cpu, inputs: 2, outputs: 2, widths: [5], headDepth: 2 });
  expect(shapesOf(deep.parameters)).toMatchObject({
    'label.0.weight': '5 5',
    'label.1.weight': '5 5',
    'label.2.weight': '5 2',
    'teacher.2.bias': '2',
  });
  expect(deep.parameterCount).toBe(15 + 2 * (30 + 30 + 12));
  expect(deep.forward(x).teacherPred.shape).toEqual([6, 2]);
});

describe('the deployed student', () => {
  test('keeps trunk and label head: the same tensors, the same numbers, the size of a plain one', async () => {
    for (const headDepth of [0, 1]) {
      const student = dualHead({ backend: cpu, inputs: 2, widths: [4, 3], headDepth });
      const deployed = student.labelOnly();
      for (const [name, parameter] of Object.entries(deployed.parameters)) {
        expect(name).not.toContain('teacher');
        expect(parameter).toBe(student.parameters[name]);
      }
      expect(await deployed.forward(x).data()).toEqual(await student.forward(x).pred.data());
      const plain = mlp({ backend: cpu, inputs: 2, widths: headDepth ? [4, 3, 3] : [4, 3] });
      expect([deployed.parameterCount, deployed.macs]).toEqual([plain.parameterCount, plain.macs]);
    }
  });

  test('follows the training of the student, whenever it was taken', async () => {
    const student = dualHead({ backend: cpu, inputs: 2, widths: [3] });
    const deployed = student.labelOnly();
    const optimizer = adam(student.parameters, { learningRate: 0.1 });
    const before = await deployed.forward(x).data();
    const loss = mse({ pred: student.forward(x).pred, label: tensor(noise(6, 2), [6, 1], cpu) });
    optimizer.step(grad(loss, Object.values(student.parameters), { allowUnused: true }));
    const after = await deployed.forward(x).data();
    expect(after).not.toEqual(before);
    expect(after).toEqual(await student.forward(x).pred.data());
  });
});

describe('initial numbers', () => {
  test('are those of the plain student, for trunk and label head', async () => {
    const [plain, student] = [mlp, dualHead].map((make) =>
      make({ backend: cpu, inputs: 2, widths: [4, 3], seed: 7 }),
    );
    for (const [name, parameter] of Object.entries(plain!.parameters)) {
      expect(await student!.parameters[name]!.data(), name).toEqual(await parameter.data());
    }
    expect(await student!.parameters['teacher.0.weight']!.data()).not.toEqual(
      await student!.parameters['label.0.weight']!.data(),
    );
  });

  test('lie within 1/√inputs, fill it, and follow the seed alone', async () => {
    const at = async (seed: number, backend = cpu) => {
      const { parameters } = mlp({ backend, inputs: 100, widths: [50], seed });
      return parameters['trunk.0.weight']!.data();
    };
    const [first, again, other] = [await at(3), await at(3), await at(4)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect([...(await at(3, await gpu()))]).toEqual([...first]);
    const largest = Math.max(...first.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(0.1);
    expect(largest).toBeGreaterThan(0.099);
    let total = 0;
    for (const value of first) total += value;
    expect(Math.abs(total / 5000)).toBeLessThan(0.003);
  });
});

test.each(activations)('forward with %s is what its layers say, on both backends', async (activation) => {
  const results = [];
  for (const backend of [cpu, await gpu()]) {
    const model = dualHead({ backend, inputs: 2, widths: [3, 4], activation, seed: 2 });
    const given = tensor(noise(12, 1), [6, 2], backend);
    const p = model.parameters;
    const layer = (name: string, input: Tensor) => linear(input, p[`${name}.weight`]!, p[`${name}.bias`]);
    if (activation === 'tanh' || activation === 'gelu') {
      const f = { tanh, gelu }[activation];
      const features = f(layer('trunk.1', f(layer('trunk.0', given))));
      compareValues(
        activation,
        await model.forward(given).pred.data(),
        await layer('label.0', features).data(),
        1e-6,
      );
    }
    const { pred, teacherPred } = model.forward(given);
    const gradients = grad(sum(matmul(pred, teacherPred, { transposeA: true })), Object.values(p));
    results.push([
      await pred.data(),
      await teacherPred.data(),
      ...(await Promise.all(gradients.map((g) => g.data()))),
    ]);
  }
  const [wanted, got] = results;
  for (const [i, values] of wanted!.entries()) compareValues(`${activation} ${i}`, got![i]!, values, 3e-6);
});

test('leading axes are batch', async () => {
  for (const backend of [cpu, await gpu()]) {
    const model = dualHead({ backend, inputs: 2, widths: [5, 3], activation: 'gelu' });
    const rows = tensor(noise(24, 1), [12, 2], backend);
    const flat = model.forward(rows).pred;
    const batched = model.forward(reshape(rows, [2, 3, 2, 2])).pred;
    expect(batched.shape).toEqual([2, 3, 2, 1]);
    expect(await batched.data()).toEqual(await flat.data());
    // A row's result does not depend on the rows beside it.
    expect([...(await model.forward(slice(rows, 0, 4, 5)).pred.data())]).toEqual([(await flat.data())[4]]);
  }
});

test('bad widths: one clear line', () => {
  const build = (widths: number[]) => () => mlp({ backend: cpu, widths });
  expect(build([8, 0])).toThrow('mlp: 1-8-0-1 has a width of 0; wants integers of at least 1');
  expect(build([2.5])).toThrow('mlp: 1-2.5-1 has a width of 2.5');
  expect(build([NaN])).toThrow('has a width of NaN');
  expect(() => dualHead({ backend: cpu, widths: [-1] })).toThrow('dualHead: 1--1-1 has a width of -1');
  expect(() => dualHead({ backend: cpu, widths: [1], headDepth: -1 })).toThrow(
    'dualHead: headDepth is -1; wants 0 or more',
  );
});
