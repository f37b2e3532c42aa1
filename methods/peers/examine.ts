/** What is known of peers' features besides errors: how alike they are, and whether a fresh discriminator tells whose they are. */
import { integer, most } from '../../base/option.ts';
import { capture } from '../../engine/capture.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import {
  abs,
  add,
  greater,
  lessEqual,
  mul,
  sqrt,
  square,
  sub,
} from '../../engine/ops/pointwise/elementwise.ts';
import { l2Normalize } from '../../engine/ops/reduce/normalize.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { sizeOf } from '../../engine/shape.ts';
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tidy } from '../../engine/tensor.ts';
import { discriminatorLoss, meanOf } from '../../losses/features/least-squares-game.ts';
import { discriminator } from '../../models/adversarial/discriminator.ts';
import type { StudentNetworks } from '../../models/network.ts';
import type { Findings, Rows, Training } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import { type MapPair, type PeerMaps, verdictsOf } from './maps.ts';
import { othersOf, type PeerOptions } from './peers.ts';
import { total } from '../../losses/total.ts';

export const probeSteps = integer({
  name: 'probe-steps',
  group: 'training',
  min: 0,
  max: most,
  default: 200,
  help: 'steps of a fresh discriminator that tells features of trained peers apart; 0 leaves it out',
});

/** Rows of each part that are looked at. */
const MOST_ROWS = 512;
const PROBE_RATE = 1e-2;

type Options = Pick<PeerOptions, 'peerPairs'> & { readonly probeSteps: number };

/**
 * Of each network against those that it learns from, on test rows: `l1` mean absolute difference, `l2` root of the mean squared
 * one, `cosine` of a row's whole features; and after the training `told`, the share of test rows that a discriminator assigns
 * rightly which was trained on training rows' features: 0.5 where it is at a loss, 1 where it always knows.
 */
export function examineMaps(
  context: TrainingContext,
  nets: readonly StudentNetworks[],
  maps: PeerMaps,
  { peerPairs, probeSteps: steps }: Options,
): NonNullable<Training['examine']> {
  const featuresOf = (rows: Rows) =>
    noGrad(() =>
      tidy(() => {
        const input = rows.part(0, Math.min(rows.rows, MOST_ROWS));
        return maps.of(nets.map((net, k) => net.run(input, { taps: [maps.blocks[k]!] })));
      }),
    );
  const pairsOf = (features: readonly Tensor[]) =>
    features.map((own, k) => ({ own, others: othersOf(features, k, { peerPairs }) }));
  return async ({ training, test }, when) => {
    const held = featuresOf(test);
    const pairs = pairsOf(held);
    const found = await Promise.all(pairs.map((pair) => similarityOf(pair, context)));
    if (when === 'after' && steps > 0) {
      const learnt = featuresOf(training);
      const told = await toldApart(context, maps, { steps, learnt: pairsOf(learnt), held: pairs });
      for (const x of learnt) if (!x.isDisposed) x.dispose();
      for (const [k, models] of found.entries()) models.forEach((own, i) => (own.told = told[k]![i]!));
    }
    for (const x of held) if (!x.isDisposed) x.dispose();
    return found as readonly (readonly Findings[])[];
  };
}

/** Of each model. */
async function similarityOf(
  { own, others }: MapPair,
  { leadingAxes }: TrainingContext,
): Promise<Record<string, number>[]> {
  const keeping = { leadingAxes };
  const share = 1 / others.length;
  const of = (measure: (other: Tensor) => Tensor) => () => mul(total(others.map(measure)), share);
  const rows = (x: Tensor) => {
    const lead = x.shape.slice(0, leadingAxes + 1);
    return l2Normalize(reshape(x, [...lead, sizeOf(x.shape.slice(leadingAxes + 1))]));
  };
  const measures = {
    l1: of((other) => meanOf(abs(sub(own, other)), keeping)),
    l2: of((other) => sqrt(meanOf(square(sub(own, other)), keeping))),
    cosine: of((other) => meanOf(sum(mul(rows(own), rows(other)), -1), keeping)),
  };
  const models: Record<string, number>[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    const values = noGrad(() => tidy(measure));
    for (const [i, value] of [...(await values.data())].entries()) (models[i] ??= {})[name] = value;
    values.dispose();
  }
  return models;
}

interface Probe {
  readonly steps: number;
  readonly learnt: readonly MapPair[];
  readonly held: readonly MapPair[];
}

/** Of each network and each model. */
async function toldApart(
  context: TrainingContext,
  { shape }: PeerMaps,
  { steps, learnt, held }: Probe,
): Promise<number[][]> {
  const { leadingAxes, backend } = context;
  const judges = learnt.map((_, k) =>
    context.make('fresh discriminator', (given) => discriminator({ ...given, shape }), k),
  );
  const player = context.player(
    judges.map(({ parameters }) => parameters),
    { learningRate: PROBE_RATE },
  );
  const keeping = { leadingAxes };
  const step = capture(() => {
    const losses = judges.map((judge, k) =>
      discriminatorLoss(verdictsOf(judge, learnt[k]!, leadingAxes), keeping),
    );
    player.minimise(total(losses));
  }, backend);
  for (let i = 0; i < steps; i++) step();
  step.dispose();
  const told: number[][] = [];
  for (const [k, judge] of judges.entries()) {
    const shares = noGrad(() =>
      tidy(() => {
        const { real, fake } = verdictsOf(judge, held[k]!, leadingAxes);
        const right = add(meanOf(greater(real, 0.5), keeping), meanOf(lessEqual(fake, 0.5), keeping));
        return mul(right, 0.5);
      }),
    );
    told.push([...(await shares.data())]);
    shares.dispose();
  }
  return told;
}
