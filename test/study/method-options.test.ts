/** Options of one method reach its loss: at their ends they make it another method, to the bit; hints go where they are told. */
import { describe, expect, test } from 'vitest';
import { valuesFor } from '../../base/option.ts';
import { decodeSafetensors } from '../../engine/files/safetensors.ts';
import { tensor } from '../../engine/tensor.ts';
import { ail } from '../../methods/ail.ts';
import { scratchHuber } from '../../methods/scratch-huber.ts';
import { methods } from '../../methods/all.ts';
import type { OfLoss } from '../../methods/loss-method.ts';
import { featureRows, pairedFeatures } from '../../models/hint-regressor.ts';
import { configOf } from '../../study/options/config.ts';
import { defaults, defaultsOf } from '../../study/options/study-defaults.ts';
import { checkMethods } from '../../study/options/method-config.ts';
import type { StudyConfig } from '../../study/results.ts';
import type { SavedNetwork } from '../../study/network-file.ts';
import { regression } from '../../tasks/regression.ts';
import { methodNames, planStudy, runStudy } from '../../study/study.ts';
import { cpu } from '../backends.ts';
import { noise } from '../check.ts';
import { quietHooks } from '../quiet-hooks.ts';

const tiny: Partial<StudyConfig> = {
  ...{ device: 'cpu', seeds: 2, trainRows: 20, testRows: 10, steps: 6, teacherSteps: 6, batchSize: 5 },
  ...{ teacher: 'mlp:6,5', student: 'mlp:4,3' },
};

/** Of seed 1: the tensors of every network, by method. */
async function weightsOf(changes: Partial<StudyConfig>): Promise<Record<string, string>> {
  const data = changes.data ?? 'sinusoid';
  const found: Record<string, string> = {};
  const hooks = quietHooks({
    onNetwork: async ({ method, seed }, bytes) => {
      if (seed !== (data === 'sinusoid' ? 1 : 0)) return;
      const tensors = [...decodeSafetensors(bytes).tensors].map(([name, { values }]) => [name, [...values]]);
      found[method] = JSON.stringify(tensors);
    },
  });
  await runStudy({ ...defaultsOf(data), ...tiny, ...changes }, hooks);
  return found;
}

test.each<[Partial<StudyConfig>, string, string]>([
  [{ kdMixAlpha: 1 }, 'kd-mix', 'scratch'],
  [{ kdMixAlpha: 0 }, 'kd-mix', 'imitation'],
  [{ ailAlpha: 1 }, 'ail', 'scratch'],
  [{ tbrImitationAlpha: 1 }, 'tbr-imitation', 'scratch'],
  [{ hintWeight: 0 }, 'hint', 'imitation'],
  [{ rkdDistanceWeight: 0, rkdAngleWeight: 0 }, 'rkd', 'imitation'],
])('%o: %s is %s', async (changes, method, other) => {
  const found = await weightsOf({ ...changes, methods: [method, other] });
  expect(found[method]).toBe(found[other]);
  const standard = await weightsOf({ methods: [method] });
  expect(standard[method]).not.toBe(found[method]);
});

test.each<[keyof StudyConfig, Partial<StudyConfig>, string]>([
  ['huberDelta', { huberDelta: 0.1 }, 'scratch-huber'],
  ['rkdAngleWeight', { rkdAngleWeight: 1 }, 'rkd'],
  ['rkdDistanceWeight', { rkdDistanceWeight: 2 }, 'rkd'],
  ['hintLayer', { hintLayer: 'trunk.0' }, 'hint'],
  ['hintLayer', { hintLayer: 'trunk.1:trunk.0' }, 'hint'],
])('%s makes other students: %o', async (_, changes, method) => {
  const standard = await weightsOf({ methods: [method, 'imitation'] });
  const found = await weightsOf({ ...changes, methods: [method, 'imitation'] });
  expect(found[method]).not.toBe(standard[method]);
  expect(found.imitation).toBe(standard.imitation);
  expect(found.teacher).toBe(standard.teacher);
});

test('the last block by its name is what the trunks compute', async () => {
  const methods = ['hint'];
  expect(await weightsOf({ methods, hintLayer: 'trunk.1' })).toEqual(await weightsOf({ methods }));
});

describe('a loss has the values that were set', () => {
  const [pred, label, teacher, attention] = [1, 2, 3, 4].map((n) => noise(12, n));
  const of = (values: Float32Array) => tensor(values, [2, 3, 2], cpu);
  const batch = { label: of(label!), teacher: of(teacher!), attention: of(attention!) };
  const lossOf = (name: string, values: Partial<StudyConfig>) => {
    const { lossOf: method } = methods.get(name) as OfLoss;
    const at = {
      ...{ heads: { label: of(pred!) }, also: {}, batch, input: { x: of(label!) } },
      ...{ task: regression, keeping: { leadingAxes: 1 } },
    };
    return method.loss(at, valuesFor(method.options, { ...defaults, ...values }), {}).data();
  };
  const means = (term: (i: number) => number) =>
    [0, 6].map((from) => Array.from({ length: 6 }, (_, i) => term(from + i) / 6).reduce((a, b) => a + b));

  test('huber-delta', async () => {
    const wanted = means((i) => {
      const u = Math.abs(pred![i]! - label![i]!);
      return u <= 0.3 ? u ** 2 / 2 : 0.3 * (u - 0.15);
    });
    for (const [s, loss] of (await lossOf('scratch-huber', { huberDelta: 0.3 })).entries())
      expect(loss).toBeCloseTo(wanted[s]!, 12);
  });

  test('ail-alpha', async () => {
    const wanted = means(
      (i) => 0.2 * (pred![i]! - label![i]!) ** 2 + 0.8 * attention![i]! * (pred![i]! - teacher![i]!) ** 2,
    );
    for (const [s, loss] of (await lossOf('ail', { ailAlpha: 0.2 })).entries())
      expect(loss).toBeCloseTo(wanted[s]!, 12);
  });

  test('and no others', () => {
    expect(valuesFor(ail.options, { ...defaults })).toEqual({ ailAlpha: 0.5 });
    expect(valuesFor(scratchHuber.options, { ...defaults })).toEqual({ huberDelta: 1 });
  });
});

describe('hints of images', () => {
  const images: Partial<StudyConfig> = {
    ...{ data: 'eyes', seeds: 1, trainRows: 24, patches: 4, size: '16x16', steps: 2, teacherSteps: 2 },
    ...{ teacher: 'lenet:0.2', student: 'lenet:0.1', methods: ['hint'] },
  };

  test('from maps of one size', async () => {
    const standard = await weightsOf(images);
    const [conv, pool] = [
      await weightsOf({ ...images, hintLayer: 'trunk.conv1' }),
      await weightsOf({ ...images, hintLayer: 'trunk.pool1' }),
    ];
    expect(new Set([standard.hint, conv.hint, pool.hint]).size).toBe(3);
    expect(conv.teacher).toBe(standard.teacher);
  });

  test('a row a pixel', async () => {
    const maps = tensor(noise(2 * 3 * 4 * 5, 7), [2, 3, 4, 5], cpu);
    const rows = featureRows(maps, { isMap: true });
    expect(rows.shape).toEqual([40, 3]);
    const [flat, found] = [await maps.data(), await rows.data()];
    for (let n = 0; n < 2; n++)
      for (let c = 0; c < 3; c++)
        for (let at = 0; at < 20; at++)
          expect(found[(n * 20 + at) * 3 + c]).toBe(flat[(n * 3 + c) * 20 + at]);
    const features = tensor(noise(6, 1), [2, 3], cpu);
    expect(featureRows(features, { isMap: false })).toBe(features);
    expect(pairedFeatures([8, 4, 5], [3, 4, 5])).toEqual({ teacher: 8, student: 3 });
  });

  test.each([
    [
      'trunk.conv9',
      "--methods: 'hint': the teacher has no block 'trunk.conv9'; it has trunk.conv1, trunk.pool1",
    ],
    ['trunk.conv1:trunk.conv9', "the student has no block 'trunk.conv9'"],
    ['trunk.conv1:trunk.pool1', "blocks trunk.conv1 and trunk.pool1 put out the teacher's"],
    ['trunk.conv1:trunk.linear', 'wants features of both, or maps of one height and width'],
    ['output', "no block 'output'"],
    ['trunk.conv1:trunk.conv1:more', "the student has no block 'trunk.conv1:more'"],
  ])('%s is refused before anything is trained', (hintLayer, message) => {
    expect(() => planStudy({ ...defaultsOf('eyes'), ...images, hintLayer })).toThrow(message);
  });
});

test('a block that a table’s networks lack is refused as well, and no block without hint', () => {
  const config = configOf(new Map([['hint-layer', 'trunk.2']]), methodNames);
  expect(() => planStudy({ ...config, methods: ['hint'] })).toThrow(
    "--methods: 'hint': the teacher has no block 'trunk.2'; it has trunk.0, trunk.1",
  );
  expect(() => planStudy(config)).not.toThrow();
});

test('a teacher that was read is looked at as well', () => {
  const given = new Map([
    ['data', 'a.csv'],
    ['teacher', 'a.safetensors'],
    ['methods', 'hint'],
    ['hint-layer', 'trunk.1:trunk.0'],
  ]);
  const config = configOf(given, methodNames);
  const read = (network: string) => ({ description: { network } }) as SavedNetwork;
  expect(() => checkMethods(config, read('mlp:9,8'))).not.toThrow();
  expect(() => checkMethods(config, read('mlp:9'))).toThrow(
    "the teacher has no block 'trunk.1'; it has trunk.0",
  );
});
