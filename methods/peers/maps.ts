/** Features of peers that are compared: whose they are, brought to one width where they differ, and what pairs them. */
import { UserError } from '../../base/errors.ts';
import { concat } from '../../engine/ops/movement/concat.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { sameShape, type Shape, show } from '../../engine/shape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type ChannelTransfer, channelTransfer } from '../../models/adversarial/channel-transfer.ts';
import type { Verdicts } from '../../losses/features/least-squares-game.ts';
import type { Discriminator } from '../../models/adversarial/discriminator.ts';
import type { StudentNetworks, StudentPass, StudyNetworks } from '../../models/network.ts';
import type { Named } from '../../models/parameters.ts';
import type { TrainingContext } from '../context.ts';
import type { CheckedShapes, Shapes } from '../method.ts';

export interface PeerMaps {
  /** Of each network the block whose output it is. */
  readonly blocks: readonly string[];
  /** Of one sample, once they are brought to one width. */
  readonly shape: Shape;
  /** Of what brings them there; of networks that are as wide as the widest there is nothing. */
  readonly transfers: readonly Named[];
  /** Of each network, from its pass. */
  of(passes: readonly StudentPass[]): Tensor[];
}

/** Features of one network, and of those that it learns from. */
export interface MapPair {
  readonly own: Tensor;
  readonly others: readonly Tensor[];
}

/** What a discriminator says of both, whose pass is one: the others' are real, its own fake. */
export function verdictsOf(judge: Discriminator, { own, others }: MapPair, leadingAxes: number): Verdicts {
  const rows = own.shape[leadingAxes]!;
  const all = judge.forward(concat([...others, own], leadingAxes));
  const real = others.length * rows;
  return { real: slice(all, leadingAxes, 0, real), fake: slice(all, leadingAxes, real, real + rows) };
}

/** The last block that puts out maps, or of networks without maps the last one: its output is what the head is given. */
export function featureBlock(shapes: Shapes): { block: string; shape: Shape } {
  const all = Object.entries(shapes);
  const [block, shape] = all.findLast(([, of]) => of.length > 1) ?? all.at(-1) ?? ['', []];
  return { block, shape };
}

/** Parameters that a block's output depends on: they begin with the names of that block and of those before it. */
export function parametersUpTo({ parameters, shapes = {} }: StudyNetworks, block: string): Named {
  const all = Object.keys(shapes);
  const blocks = all.slice(0, all.indexOf(block) + 1);
  const isBefore = (name: string) => blocks.some((each) => name.startsWith(`${each}.`));
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => isBefore(name)));
}

/** Whether peers have features that can be compared. @throws UserError that begins with `label`. */
export function checkMaps(label: string, { student, peers }: Omit<CheckedShapes, 'teacher'>): void {
  const [first, ...others] = [student, ...peers].map(featureBlock);
  const unlike = others.find(({ shape }) => !sameShape(shape.slice(1), first!.shape.slice(1)));
  if (first!.block === '')
    throw new UserError(`${label}: the student has no blocks whose outputs to compare`);
  if (unlike)
    throw new UserError(
      `${label}: block ${first!.block} of the student puts out ${show(first!.shape)}, and ${unlike.block} of a peer ` +
        `${show(unlike.shape)}; wants maps of one height and width, or features: name peers of the student's family in --peers`,
    );
}

/** Of networks whose features are alike as they are, untransferred; undefined of others. */
export function mapsIfAlike(nets: readonly StudentNetworks[]): PeerMaps | undefined {
  const all = nets.map(({ deployed }) => featureBlock(deployed.shapes!));
  if (all.some(({ shape }) => !sameShape(shape, all[0]!.shape))) return undefined;
  return {
    blocks: all.map(({ block }) => block),
    shape: all[0]!.shape,
    transfers: [],
    of: (passes) => passes.map(({ taps }, k) => taps[all[k]!.block]!),
  };
}

/** The narrower ones are widened by a transfer each, to be trained with the networks. */
export function peerMaps(context: TrainingContext, nets: readonly StudentNetworks[]): PeerMaps {
  const alike = mapsIfAlike(nets);
  if (alike) return alike;
  const all = nets.map(({ deployed }) => featureBlock(deployed.shapes!));
  const channels = Math.max(...all.map(({ shape }) => shape[0]!));
  const transfers = all.map(({ shape }, k): ChannelTransfer | undefined =>
    shape[0]! < channels
      ? context.make('transfer', (given) => channelTransfer({ ...given, shape, channels }), k)
      : undefined,
  );
  return {
    blocks: all.map(({ block }) => block),
    shape: [channels, ...all[0]!.shape.slice(1)],
    transfers: transfers.flatMap((transfer) => (transfer ? [transfer.parameters] : [])),
    of: (passes) =>
      passes.map(({ taps }, k) => {
        const features = taps[all[k]!.block]!;
        return transfers[k]?.forward(features) ?? features;
      }),
  };
}
