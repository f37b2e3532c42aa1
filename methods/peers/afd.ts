/** The methods `afd` and `afd-maps`: peers follow each other's predictions and, through discriminators, their features. */
import type { ValuesOf } from '../../base/option.ts';
import { stack } from '../../engine/ops/movement/stack.ts';
import { detach, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { together } from '../../engine/optim/together.ts';
import { cosine } from '../../engine/optim/schedules.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import {
  discriminatorLoss,
  foolingLoss,
  meanOf,
  type Verdicts,
} from '../../losses/features/least-squares-game.ts';
import { discriminator } from '../../models/adversarial/discriminator.ts';
import type { Batch, Training } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import type { Method } from '../method.ts';
import { wonForLong } from '../../train/contest.ts';
import { afdOptions } from './afd-options.ts';
import { examineMaps } from './examine.ts';
import { checkMaps, parametersUpTo, peerMaps, verdictsOf } from './maps.ts';
import { logitLosses, othersOf, passesOf, peerCount, peersOf } from './peers.ts';
import { total } from '../../losses/total.ts';

type Options = ValuesOf<typeof afdOptions>;

/** Online adversarial distillation of feature maps (Chung et al. 2020, arXiv:2002.01775). Reconstruction: docs/methods.md. */
export const afd: Method<Options> = {
  name: 'afd',
  summary: "no teacher: peers that follow each other's predictions and the distribution of their features",
  options: afdOptions,
  peers: peerCount,
  check: checkMaps,
  build,
};

/** Without what it is compared with: labels, and features alone. */
export const afdMaps: Method<Options> = {
  ...afd,
  name: 'afd-maps',
  summary: 'afd without the loss to predictions',
  build: (context, values) => build(context, { ...values, peerWeight: 0 }),
};

function build(context: TrainingContext, values: Options): Training {
  const { leadingAxes, sizes } = context;
  const nets = peersOf(context, values);
  const maps = peerMaps(context, nets);
  const { shape } = maps;
  const judges = nets.map((_, k) =>
    context.make('discriminator', (given) => discriminator({ ...given, shape, output: values.afdOutput }), k),
  );
  const adversarial = {
    learningRate: cosine(values.afdRate, { updates: sizes.steps }),
    weightDecay: values.afdDecay,
  };
  const learner = context.player(nets.map(({ parameters }) => parameters));
  const extractors = nets.map(({ deployed }, k) => parametersUpTo(deployed, maps.blocks[k]!));
  const follower = context.player([...extractors, ...maps.transfers], adversarial);
  const judge = context.player(
    judges.map(({ parameters }) => parameters),
    adversarial,
  );
  /** Discriminator k tells the features of those that k learns from, as real, from its own; no gradient flows to the former. */
  const verdictsOn = (features: readonly Tensor[]) =>
    features.map((own, k) => {
      const others = othersOf(features, k, values).map(detach);
      return verdictsOf(judges[k]!, { own, others }, leadingAxes);
    });
  const keeping = { leadingAxes };
  const step = ({ batch }: { batch: Batch }) => {
    const passes = passesOf(nets, batch, maps.blocks);
    const logits = total(logitLosses(passes, batch, context, values));
    const isFresh = values.afdOrder === 'fresh';
    if (isFresh) learner.minimise(logits);
    const verdicts = verdictsOn(maps.of(isFresh ? passesOf(nets, batch, maps.blocks) : passes));
    const fooling = total(verdicts.map(({ fake }) => foolingLoss(fake, keeping)));
    const judging = total(verdicts.map((each) => discriminatorLoss(each, keeping)));
    together(...(isFresh ? [] : [[learner, logits] as const]), [follower, fooling], [judge, judging]);
    const said = (side: keyof Verdicts) =>
      noGrad(() =>
        stack(
          verdicts.map((each) => meanOf(each[side], keeping)),
          leadingAxes,
        ),
      );
    return { loss: mul(logits, 1 / nets.length), own: said('fake'), peer: said('real') };
  };
  return {
    deployed: { peers: nets.map(({ deployed }) => deployed) },
    stages: [{ name: 'train', steps: sizes.steps, signals: ['own', 'peer'], step }],
    watch: wonForLong,
    examine: examineMaps(context, nets, maps, values),
  };
}
