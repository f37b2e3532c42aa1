/** Networks that train together and learn from each other: which there are, who learns from whom, and what of predictions. */
import { choice, number, type Option, type ValuesOf } from '../../base/option.ts';
import { add, detach, mul } from '../../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { total } from '../../losses/total.ts';
import type { StudentNetworks, StudentPass } from '../../models/network.ts';
import type { Batch } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';

const peers: Option<string[]> = {
  name: 'peers',
  kind: 'networks',
  group: 'networks',
  default: [],
  help: 'networks that train beside the student, without a teacher: resnet8,resnet14 [one like the student]',
};

export const peerOptions = {
  peers,
  peerPairs: choice({
    name: 'peer-pairs',
    group: 'training',
    choices: ['cycle', 'all'],
    default: 'cycle',
    help: 'of three networks or more: each learns from the one before it, or from all others',
  }),
  peerWeight: number({
    name: 'peer-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight of a peer's loss to what its peers predict, beside that to the labels",
  }),
};

export type PeerOptions = ValuesOf<typeof peerOptions>;

/** Rows of the table. */
export function peerCount({ peers: others }: Pick<PeerOptions, 'peers'>): number {
  return 1 + Math.max(1, others.length);
}

/** The student first. */
export function peersOf(context: TrainingContext, { peers: others }: PeerOptions): StudentNetworks[] {
  const texts = others.length > 0 ? others : [''];
  return [context.student(), ...texts.map((text, i) => context.peer(i, text))];
}

/** Those that number `k` learns from: the one before it, of the first the last, or all others. */
export function othersOf<T>(
  all: readonly T[],
  k: number,
  { peerPairs }: Pick<PeerOptions, 'peerPairs'>,
): T[] {
  return peerPairs === 'all' ? all.filter((_, i) => i !== k) : [all.at(k - 1)!];
}

/** One forward pass of each, in training; `blocks` are those to be tapped, of each one. */
export function passesOf(
  nets: readonly StudentNetworks[],
  { x, extras }: Batch,
  blocks?: readonly string[],
): StudentPass[] {
  const taps = (k: number) => (blocks ? [blocks[k]!] : []);
  return nets.map((net, k) => net.run({ x: x!, extras }, { training: true, taps: taps(k) }));
}

/** Of each: the task's loss to the labels and, `peerWeight` times, to what it learns from, where no gradient flows. */
export function logitLosses(
  passes: readonly StudentPass[],
  batch: Batch,
  { task, leadingAxes }: TrainingContext,
  options: PeerOptions,
): Tensor[] {
  const keeping = { leadingAxes };
  const predicted = passes.map(({ heads }) => heads.label!);
  return predicted.map((own, k) => {
    const toLabel = task.supervised(own, batch.label!, keeping);
    const others = othersOf(predicted, k, options);
    const toOthers = total(others.map((other) => task.imitation(own, detach(other), keeping)));
    return add(toLabel, mul(toOthers, options.peerWeight / others.length));
  });
}
