/** The method `dml-l1`: peers follow each other's predictions and, row by row, each other's features. */
import { number, type ValuesOf } from '../../base/option.ts';
import { abs, add, detach, mul, sub } from '../../engine/ops/pointwise/elementwise.ts';
import { meanOf } from '../../losses/features/least-squares-game.ts';
import type { Training } from '../../train/training.ts';
import type { Method } from '../method.ts';
import { examineMaps, probeSteps } from './examine.ts';
import { checkMaps, peerMaps } from './maps.ts';
import { logitLosses, othersOf, passesOf, peerCount, peerOptions, peersOf } from './peers.ts';
import { total } from '../../losses/total.ts';

const options = {
  ...peerOptions,
  dmlL1Weight: number({
    name: 'dml-l1-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight of dml-l1's mean absolute difference to a peer's features",
  }),
  probeSteps,
};

/** Mutual learning with direct alignment of features: what AFD is compared with (Chung et al. 2020, arXiv:2002.01775). */
export const dmlL1: Method<ValuesOf<typeof options>> = {
  name: 'dml-l1',
  summary: "no teacher: peers that follow each other's predictions and features",
  options,
  peers: peerCount,
  check: checkMaps,
  build(context, values): Training {
    const nets = peersOf(context, values);
    const maps = peerMaps(context, nets);
    const player = context.player([...nets.map(({ parameters }) => parameters), ...maps.transfers]);
    const { leadingAxes } = context;
    return {
      deployed: { peers: nets.map(({ deployed }) => deployed) },
      examine: examineMaps(context, nets, maps, values),
      stages: [
        {
          name: 'train',
          steps: context.sizes.steps,
          step({ batch }) {
            const passes = passesOf(nets, batch, maps.blocks);
            const features = maps.of(passes);
            const apart = features.map((own, k) => {
              const others = othersOf(features, k, values);
              const gaps = others.map((other) => meanOf(abs(sub(own, detach(other))), { leadingAxes }));
              return mul(total(gaps), values.dmlL1Weight / others.length);
            });
            const loss = add(total(logitLosses(passes, batch, context, values)), total(apart));
            player.minimise(loss);
            return mul(loss, 1 / nets.length);
          },
        },
      ],
    };
  },
};
