/** Networks that train together: losses and updates against PyTorch, the order of updates, who learns from whom. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { assign } from '../../../engine/ops/movement/assign.ts';
import { detach } from '../../../engine/ops/pointwise/elementwise.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { discriminatorLoss, foolingLoss, meanOf } from '../../../losses/features/least-squares-game.ts';
import { buildTraining, chosenMethod } from '../../../methods/chosen-method.ts';
import type { MethodContext } from '../../../methods/context.ts';
import { parametersUpTo, peerMaps, verdictsOf } from '../../../methods/peers/maps.ts';
import { logitLosses, othersOf, passesOf, peersOf } from '../../../methods/peers/peers.ts';
import { total } from '../../../losses/total.ts';
import { discriminator } from '../../../models/adversarial/discriminator.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import { wonForLong } from '../../../train/contest.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import fixture from '../../fixtures/afd.json' with { type: 'json' };
import { contextOf } from '../../method-context.ts';

const seeds = [3, 8];
const { rate, updates, peerWeight, afdRate, afdDecay } = fixture.options;
const options = { ...defaults, peers: ['mlp:6'], peerWeight, afdRate, afdDecay };

type Weights = Readonly<Record<string, readonly (number[] | number[][])[]>>;

/** The fixture's modules, as the context names their tensors. */
const places: Readonly<Record<string, string>> = {
  ...{ trunk0: 'student.trunk.0', head0: 'student.label.0', trunk1: 'peer0.trunk.0', head1: 'peer0.label.0' },
  transfer: 'transfer.transfer',
  ...{ 'judge0/0': 'discriminator.hidden', 'judge0/1': 'discriminator.last' },
  ...{ 'judge1/0': 'discriminator1.hidden', 'judge1/1': 'discriminator1.last' },
};

/** Each tensor's numbers of one seed, by its name in the context. */
function named(weights: Weights): [string, number[]][] {
  return Object.entries(weights).flatMap(([module, all]) =>
    all.map((values, i): [string, number[]] => {
      const place = places[module] ?? places[`${module}/${Math.floor(i / 2)}`]!;
      return [`${place}.${i % 2 === 0 ? 'weight' : 'bias'}`, values.flat()];
    }),
  );
}

const twice = (values: readonly number[]) => [...values, ...values];

/** Both seeds have the fixture's numbers. */
function fixtureOn(backend: Backend) {
  const context = contextOf(backend, {
    ...{ seeds, teacher: undefined, inputs: 3, width: 4, rows: 5, steps: updates, learningRate: rate },
  });
  const fill = () => {
    for (const [name, values] of named(fixture.first as Weights))
      assign(context.networks[name]!, twice(values));
  };
  const x = tensor(twice(fixture.x.flat()), [2, 5, 3], backend);
  const label = tensor(twice(fixture.y.flat()), [2, 5, 1], backend);
  return { context, fill, batch: { x, label } };
}

const backends = [
  ['cpu', async () => cpu, 9],
  ['gpu', gpu, 4],
] as const;

async function expectWeights(context: MethodContext, weights: Weights, digits: number): Promise<void> {
  for (const [name, values] of named(weights)) {
    const found = [...(await context.networks[name]!.data())];
    for (const [i, value] of twice(values).entries()) expect(found[i], name).toBeCloseTo(value, digits);
  }
}

describe.each(backends)('against PyTorch, on the %s', (_, open, digits) => {
  test('the three losses', async () => {
    const { context, fill, batch } = fixtureOn(await open());
    const nets = peersOf(context, options);
    const maps = peerMaps(context, nets);
    const judges = nets.map((__, k) =>
      context.make('discriminator', (given) => discriminator({ ...given, shape: maps.shape }), k),
    );
    fill();
    const passes = passesOf(nets, batch, maps.blocks);
    const features = maps.of(passes);
    const verdicts = features.map((own, k) =>
      verdictsOf(judges[k]!, { own, others: othersOf(features, k, options).map(detach) }, 1),
    );
    const keeping = { leadingAxes: 1 };
    const found: Record<string, Tensor> = {
      logit: total(logitLosses(passes, batch, context, options)),
      fooling: total(verdicts.map(({ fake }) => foolingLoss(fake, keeping))),
      judging: total(verdicts.map((each) => discriminatorLoss(each, keeping))),
    };
    for (const name of ['logit', 'fooling', 'judging'] as const)
      for (const value of await found[name]!.data())
        expect(value, name).toBeCloseTo(fixture.same[0]![name], digits);
    context.dispose();
  });

  test.each(['same', 'fresh'] as const)('two rounds of updates, order %s', async (afdOrder) => {
    const { context, fill, batch } = fixtureOn(await open());
    const training = buildTraining(chosenMethod('afd'), context, { ...options, afdOrder });
    fill();
    for (const wanted of fixture[afdOrder]) {
      const made = training.stages[0]!.step({ batch, batches: {}, phase: '' }) as Record<string, Tensor>;
      for (const loss of await made.loss!.data()) expect(loss).toBeCloseTo(wanted.logit / 2, digits);
      const said = [...(await made.own!.data())].map((own, i) => [own, i] as const);
      for (const [own, i] of said) expect(own).toBeCloseTo(wanted.said[i % 2]![0]!, digits);
      for (const [i, peer] of [...(await made.peer!.data())].entries())
        expect(peer).toBeCloseTo(wanted.said[i % 2]![1]!, digits);
      await expectWeights(context, wanted.weights as unknown as Weights, digits);
    }
    context.dispose();
  });
});

test.each(backends)('a discriminator of maps is PyTorch’s, on the %s', async (_, open, digits) => {
  const backend = await open();
  const { own, peer, weights, gradients, said, loss } = fixture.maps;
  const judge = discriminator({ backend, shape: [4, 5, 4] });
  for (const [name, values] of Object.entries(weights)) assign(judge.parameters[name]!, values);
  const maps = (values: number[]) => tensor(values, [3, 4, 5, 4], backend);
  const verdicts = verdictsOf(judge, { own: maps(own), others: [maps(peer)] }, 0);
  const found = [...(await verdicts.real.data()), ...(await verdicts.fake.data())];
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(said[i]!, digits);
  const judged = discriminatorLoss(verdicts);
  expect(await judged.item()).toBeCloseTo(loss, digits);
  const names = Object.keys(weights) as (keyof typeof gradients)[];
  const slopes = grad(
    judged,
    names.map((name) => judge.parameters[name]!),
  );
  for (const [k, name] of names.entries())
    for (const [i, value] of [...(await slopes[k]!.data())].entries())
      expect(value, name).toBeCloseTo(gradients[name][i]!, digits);
});

test('the two orders are different trainings', () => {
  expect(fixture.same[0]!.weights.trunk0).not.toEqual(fixture.fresh[0]!.weights.trunk0);
});

test('a step of discriminators raises D(peer) over D(own), one of networks D(own)', async () => {
  const x = tensor(noise(2 * 40 * 2, 5), [2, 40, 2], cpu);
  const context = contextOf(cpu, { seeds, teacher: undefined, inputs: 2, rows: 40, steps: 60 });
  const nets = peersOf(context, options);
  const maps = peerMaps(context, nets);
  const judge = context.make('discriminator', (given) => discriminator({ ...given, shape: maps.shape }));
  const verdicts = () => {
    const [own, other] = maps.of(passesOf(nets, { x }, maps.blocks)) as [Tensor, Tensor];
    return verdictsOf(judge, { own, others: [detach(other)] }, 1);
  };
  const said = async (side: 'real' | 'fake') => [
    ...(await meanOf(verdicts()[side], { leadingAxes: 1 }).data()),
  ];
  const gap = async () => {
    const [peer, own] = [await said('real'), await said('fake')];
    return peer.map((value, s) => value - own[s]!);
  };
  const before = await gap();
  context.player(judge.parameters).minimise(discriminatorLoss(verdicts(), { leadingAxes: 1 }));
  for (const [s, value] of (await gap()).entries()) expect(value).toBeGreaterThan(before[s]!);
  const own = await said('fake');
  const extractor = parametersUpTo(nets[0]!.deployed, maps.blocks[0]!);
  expect(Object.keys(extractor)).toEqual(['trunk.0.weight', 'trunk.0.bias']);
  context.player(extractor).minimise(foolingLoss(verdicts().fake, { leadingAxes: 1 }));
  for (const [s, value] of (await said('fake')).entries()) expect(value).toBeGreaterThan(own[s]!);
  context.dispose();
});

test('who learns from whom', () => {
  const all = ['a', 'b', 'c'];
  const of = (peerPairs: 'cycle' | 'all') => all.map((_, k) => othersOf(all, k, { peerPairs }));
  expect(of('cycle')).toEqual([['c'], ['a'], ['b']]);
  expect(of('all')).toEqual([
    ['b', 'c'],
    ['a', 'c'],
    ['a', 'b'],
  ]);
});

test.each(['dml', 'dml-l1', 'afd', 'afd-maps'])(
  '%s: one captured step and one submit, three networks',
  async (name) => {
    const backend = await gpu();
    const x = tensor(noise(2 * 6 * 2, 5), [2, 6, 2], backend);
    const label = tensor(noise(2 * 6, 6), [2, 6, 1], backend);
    const context = contextOf(backend, { seeds, teacher: undefined, inputs: 2, steps: 30 });
    const peers = ['mlp:5', 'mlp:4,3'];
    const training = buildTraining(chosenMethod(name), context, { ...defaults, peers, peerPairs: 'all' });
    const before = await context.networks['student.trunk.0.weight']!.data();
    const batch = { x, label };
    const step = capture(() => training.stages[0]!.step({ batch, batches: {}, phase: '' }), backend);
    for (let i = 0; i < 3; i++) step();
    await x.data();
    const { submits } = backend.stats();
    for (let i = 0; i < 6; i++) step();
    await x.data();
    // One for the reading, too.
    expect(backend.stats().submits - submits).toBeLessThanOrEqual(7);
    expect([...(await context.networks['student.trunk.0.weight']!.data())]).not.toEqual([...before]);
    step.dispose();
    context.dispose();
  },
);

test('a note once a side has won for long', () => {
  const of = (own: number, peer: number, count = 10) => Array.from({ length: count }, () => ({ own, peer }));
  expect(wonForLong(of(0.01, 0.98))).toMatch('its discriminator has won for 10 readings');
  expect(wonForLong(of(0.99, 0.98))).toMatch('it has fooled its discriminator');
  expect(wonForLong(of(0.01, 0.98, 9))).toBeUndefined();
  expect(wonForLong([...of(0.01, 0.98, 9), { own: 0.2, peer: 0.8 }])).toBeUndefined();
  expect(wonForLong(of(0.5, 0.5))).toBeUndefined();
});
