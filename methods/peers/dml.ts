/** The method `dml`: networks that train together follow each other's predictions. */
import type { ValuesOf } from '../../base/option.ts';
import { mul } from '../../engine/ops/pointwise/elementwise.ts';
import type { Training } from '../../train/training.ts';
import type { Method } from '../method.ts';
import { examineMaps, probeSteps } from './examine.ts';
import { mapsIfAlike } from './maps.ts';
import { logitLosses, passesOf, peerCount, peerOptions, peersOf } from './peers.ts';
import { total } from '../../losses/total.ts';

const options = { ...peerOptions, probeSteps };

/** Deep mutual learning (Zhang et al. 2018, arXiv:1706.00384): each network's loss to the labels and to its peers. */
export const dml: Method<ValuesOf<typeof options>> = {
  name: 'dml',
  summary: "no teacher: peers that follow each other's predictions",
  options,
  peers: peerCount,
  build(context, values): Training {
    const nets = peersOf(context, values);
    const maps = mapsIfAlike(nets);
    const player = context.player(nets.map(({ parameters }) => parameters));
    return {
      deployed: { peers: nets.map(({ deployed }) => deployed) },
      examine: maps && examineMaps(context, nets, maps, values),
      stages: [
        {
          name: 'train',
          steps: context.sizes.steps,
          step({ batch }) {
            const loss = total(logitLosses(passesOf(nets, batch), batch, context, values));
            player.minimise(loss);
            return mul(loss, 1 / nets.length);
          },
        },
      ],
    };
  },
};
