/** Slips in plain JavaScript: whatever is exported refuses them by its own name, never by an engine's TypeError. */
import { expect, test } from 'vitest';
import * as L from '../../index.ts';
import { type Callable, failureOf, ofData, RAW, slipsOf } from '../slips.ts';

const cpu = L.openCpu();
const x = L.tensor([1, 2, 3, 4], [2, 2], cpu);
const image = L.zeros([1, 1, 4, 4], cpu);
const model = L.mlp({ backend: cpu, widths: [2] });

const functions = Object.entries(L).filter((entry): entry is [string, Callable] => {
  const [name, value] = entry;
  return (
    typeof value === 'function' &&
    !ofData.test(name) &&
    !name.endsWith('Error') &&
    name !== 'Step' &&
    name !== 'Tensor'
  );
});

const slips = slipsOf(cpu);
const messageOf = async (f: () => unknown) => (await failureOf(f))?.message;

/** What may come before the slip. */
const prefixes: [string, unknown[]][] = [
  ['nothing', []],
  ['a tensor', [x]],
  ['two tensors', [x, x]],
  ['an image', [image]],
  ['numbers', [[1, 2]]],
  ['a function', [() => x]],
  ['parameters', [model.parameters]],
  ['numbers and a shape', [[1, 2], [2]]],
  ['a shape and a backend', [[2], cpu]],
  ['a function and a backend', [() => x, cpu]],
];
const classes = new Set(['Batches', 'MetricRing']);
/** These open a GPU when they are given nothing. */
const opening = new Set(['openGpu', 'openDevice']);
/** Names in messages, where another than the function's is meant to be read. */
const aliases: Record<string, string> = {
  prelu: 'leakyRelu',
  saveTensors: 'tensors',
  checkGrads: 'check',
  checkBackends: 'check',
};

test('the slips of the issue, and their cures', async () => {
  const { step } = cpu;
  const said: [string, () => unknown][] = [
    [
      'add: operand 1 must be a tensor or a number, got a list [1, 2]; make it a tensor',
      () => (L.add as Callable)(x, [1, 2]),
    ],
    [
      'sum: wants an axis or a list of axes, got an object { axis }',
      () => (L.sum as Callable)(x, { axis: 0 }),
    ],
    [
      'tensor: the shape must be a list of sizes such as [2, 3], got a CpuBackend',
      () => (L.tensor as Callable)([1], cpu),
    ],
    [
      "adam: 'buffers' is an object {  }, not a tensor; of a model, pass model.parameters",
      () => (L.adam as Callable)({ buffers: {} }),
    ],
    ['adam: wants named tensors such as model.parameters', () => (L.adam as Callable)(undefined)],
    [
      'layerNorm: options must be an object, got a Tensor; it has scale, bias, axes, eps',
      () => (L.layerNorm as Callable)(x, x, x),
    ],
    [
      'resize2d: options must be an object, got undefined; it has size',
      () => (L.resize2d as Callable)(image),
    ],
    ['resize2d: size must be [height, width], got undefined', () => (L.resize2d as Callable)(image, {})],
    [
      'stepValue(slot, backend) is its value',
      () =>
        (L.mul as Callable)(
          x,
          step.slot(() => 1),
        ),
    ],
    [
      "mlp: unknown option 'activations'; it has backend, inputs, widths, activation",
      () => L.mlp({ backend: cpu, widths: [1], activations: 'relu' } as L.MlpOptions),
    ],
    ["adam: unknown option 'lr'; it has beta1", () => L.adam(model.parameters, { lr: 1 } as L.AdamOptions)],
    [
      'zeros: on which backend? Wants what openCpu() or await openGpu() gives, got a Promise; await it',
      () => (L.zeros as Callable)([1], Promise.resolve(cpu)),
    ],
  ];
  for (const [message, f] of said) expect(await messageOf(f)).toContain(message);
});

test('undefined stands for an option that was left out', () => {
  L.sum(x, 0, { keepDims: undefined });
  L.tensor([1], [1], cpu, { dtype: undefined, label: undefined, requiresGrad: undefined });
  L.mlp({ backend: cpu, widths: [2], activation: undefined, seed: undefined });
  L.layerNorm(x, { scale: undefined, eps: undefined });
  L.conv2d(image, image, undefined, { stride: undefined, groups: undefined, activation: undefined });
});

test.each(prefixes)('slips after %s', async (_, prefix) => {
  const raw = new Set<string>();
  const unnamed = new Set<string>();
  for (const [name, f] of functions) {
    for (const [, slip] of slips) {
      for (const count of [1, 2]) {
        const given = [...prefix, ...Array.from({ length: count }, slip)];
        if (opening.has(name) && given[0] === undefined) continue;
        const Class = f as unknown as new (...given: unknown[]) => unknown;
        const message = await messageOf(() => (classes.has(name) ? new Class(...given) : f(...given)));
        if (message === undefined) continue;
        if (RAW.test(message)) raw.add(`${name}: ${message}`);
        const plain = message.toLowerCase().replaceAll('-', '');
        if (!plain.includes((aliases[name] ?? name).toLowerCase())) unnamed.add(`${name} | ${message}`);
      }
    }
  }
  expect([...raw, ...unnamed]).toEqual([]);
});

test('a loss whose composed part gives another shape is refused, on any backend', () => {
  const given = { pred: x, label: L.ones([2, 2], cpu) };
  const define = (composed: L.LossDefinition<'pred' | 'label', never>['composed']) =>
    L.defineLoss({ name: 'own', inputs: ['pred', 'label'], composed, fused: 'return Element(0.0, 0.0);' });
  const rows = define(({ pred, label }) => L.sum(L.sub(pred, label), 1));
  expect(() => rows(given)).toThrow(
    'own: composed gives [2]; wants [2, 2], a number for each element, or their mean []',
  );
  const mean = define(({ pred, label }) => L.mean(L.square(L.sub(pred, label))));
  expect(mean(given).shape).toEqual([]);
  expect(() => mean(given, {}, { leadingAxes: 1 })).toThrow('own: composed gives []; wants [2, 2]');
  expect(() => mean(given, {}, { leadingAxis: 1 } as L.LossOptions)).toThrow(
    "own: unknown option 'leadingAxis'",
  );
  const misspelt = { name: 'own', inputs: ['pred'], composed: () => x, fussed: '' };
  expect(() => L.defineLoss(misspelt as never)).toThrow("defineLoss: unknown option 'fussed'");
});

test('written in place from outside: copyInto', async () => {
  const y = L.zeros([2, 3], cpu);
  L.copyInto([L.tensor([1, 2], [2, 1], cpu)], y, { rows: 2, pitch: 3, widths: [1], starts: [1] });
  expect([...(await y.data())]).toEqual([0, 1, 0, 0, 2, 0]);
  const outside = { rows: 2, pitch: 3, widths: [1], starts: [3] };
  expect(() => L.copyInto([L.ones([2], cpu)], y, outside)).toThrow('copyInto: part 0 [2] in 2 rows of 1');
});
