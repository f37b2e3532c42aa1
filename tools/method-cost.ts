/**
 * What a training step of each method costs, as a multiple of imitation's: `node --import tsx tools/method-cost.ts`. A
 * captured step of five students side by side on a batch that lies on the GPU, from the forward pass to the update; all
 * methods take turns, and the shortest of each one's samples counts, because other work on the machine only adds. Prints
 * rows for docs/methods.md.
 */
import { measure } from '../bench/harness.ts';
import { capture, type CapturedStep } from '../engine/capture.ts';
import { openGpu } from '../engine/gpu/gpu.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { rmsProp } from '../engine/optim/optim.ts';
import { normal } from '../engine/random.ts';
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { varianceOf } from '../losses/gaussian.ts';
import { generatorLoss, latent } from '../losses/matching/generator.ts';
import { matchNetworks, type MatchOptions } from '../losses/matching/match-networks.ts';
import { dualHead, mlp } from '../models/mlp.ts';
import { hintRegressor } from '../models/hint-regressor.ts';
import { ail } from '../methods/ail.ts';
import { methods } from '../methods/all.ts';
import { ensemble } from '../methods/ensemble.ts';
import { heteroscedastic } from '../methods/heteroscedastic.ts';
import { hint } from '../methods/hint.ts';
import type { Heads } from '../models/heads.ts';
import type { Method } from '../methods/method.ts';
import { rkd } from '../methods/rkd.ts';
import { defaults } from '../study/options/study-defaults.ts';

const SEEDS = [1, 2, 3, 4, 5];
const [ROWS, INPUTS, TEACHER, STUDENT] = [64, 8, 100, 50];
const options = { ...defaults, leadingAxes: 1 };

const gpu = await openGpu();
const draw = (width: number, call: number) =>
  normal([SEEDS.length, ROWS, width], gpu, { seed: SEEDS, call, step: 0 });
const x = draw(INPUTS, 0);
const teacher = mlp({ backend: gpu, inputs: INPUTS, widths: [TEACHER, TEACHER], seed: SEEDS });
/** Everything that a study computes once. */
const batch = noGrad(() => ({
  label: draw(1, 1),
  teacher: teacher.forward(x),
  outlier: draw(1, 2),
  attention: draw(1, 3),
  teacherVariance: varianceOf(draw(1, 4)),
  teacherFeatures: teacher.features(x),
}));

function stepOf(
  lossOf: () => Tensor,
  parameters: Readonly<Record<string, Tensor>>,
  before = () => {},
): CapturedStep<Tensor> {
  const optimizer = rmsProp(parameters, { seeds: SEEDS.length });
  return capture(() => {
    before();
    const loss = lossOf();
    optimizer.minimise(loss);
    return loss;
  }, gpu);
}

const network = { backend: gpu, inputs: INPUTS, widths: [STUDENT], seed: SEEDS };

function methodStep(method: Method): CapturedStep<Tensor> {
  if (method.hasTwoHeads) {
    const model = dualHead(network);
    return stepOf(() => method.loss(model.forward(x), batch, options), model.parameters);
  }
  const model = mlp(network);
  if (!method.needs?.includes('teacherFeatures'))
    return stepOf(() => method.loss({ pred: model.forward(x) }, batch, options), model.parameters);
  const regressor = method.hasRegressor
    ? hintRegressor({ backend: gpu, studentFeatures: STUDENT, teacherFeatures: TEACHER, seed: SEEDS })
    : undefined;
  const headsOf = (): Heads => {
    const features = model.features(x);
    return { pred: model.head(features), features: regressor?.forward(features) ?? features };
  };
  return stepOf(() => method.loss(headsOf(), batch, options), {
    ...model.parameters,
    ...regressor?.parameters,
  });
}

function matchingStep(variant: MatchOptions & { hasGenerator?: boolean }): CapturedStep<Tensor> {
  const { hasGenerator = false, ...matching } = variant;
  const model = mlp(network);
  const generator = mlp({ ...network, inputs: 50, widths: [500], outputs: INPUTS });
  const generatorOptimizer = rmsProp(generator.parameters, { seeds: SEEDS.length });
  let points: Tensor | undefined;
  const before = () => {
    if (!hasGenerator) return;
    points = generator.forward(latent(gpu, { rows: ROWS, seed: SEEDS }));
    const pair = { teacher: teacher.forward, student: model.forward };
    const loss = generatorLoss(points, pair, { leadingAxes: 1 });
    generatorOptimizer.minimise(loss);
  };
  const imitation = methods.get('imitation')!;
  const networks = {
    teacher: teacher.forward,
    student: (at: Tensor): Heads & { pred: Tensor } => ({ pred: model.forward(at) }),
  };
  const lossOf = () => {
    const match = matchNetworks(x, networks, {
      ...matching,
      ...(points ? { ascent: points } : {}),
      ...{ seed: SEEDS, leadingAxes: 1 },
    });
    const base = imitation.loss(match.heads, { ...batch, teacher: match.teacher }, options);
    return match.loss ? add(base, match.loss) : base;
  };
  return stepOf(lossOf, model.parameters, before);
}

const all = { perturbed: 1, adversarial: 1, gradients: 1 };
const steps: Record<string, CapturedStep<Tensor>> = {
  ...Object.fromEntries(
    [...methods.values(), ail, hint, rkd, heteroscedastic, ensemble].map((method) => [
      method.name,
      methodStep(method),
    ]),
  ),
  'imitation, teacher in the step': matchingStep({}),
  'imitation+pm': matchingStep({ perturbed: 1 }),
  'imitation+abm, 3 steps uphill': matchingStep({ adversarial: 1 }),
  'imitation+abm, generator 50-500': matchingStep({ adversarial: 1, hasGenerator: true }),
  'imitation+gm, exact': matchingStep({ gradients: 1 }),
  'imitation+gm, one direction': matchingStep({ gradients: 1, slopes: {} }),
  'imitation+pm+abm+gm, exact': matchingStep(all),
  'imitation+pm+abm+gm, one direction': matchingStep({ ...all, slopes: {} }),
};

const names = Object.keys(steps);
for (const step of Object.values(steps)) for (let i = 0; i < 3; i++) step();
const timings = await measure(
  Object.values(steps).map((step) => ({
    async sample(runs: number) {
      const begin = performance.now();
      let loss: Tensor | undefined;
      for (let i = 0; i < runs; i++) loss = step();
      await loss?.data();
      return performance.now() - begin;
    },
  })),
  { sampleMs: 20, rounds: 60, budgetMs: 120_000 },
);
const imitation = timings[names.indexOf('imitation')]!.minMs;
console.log(
  `${gpu.name}, Node ${process.versions.node}; ${SEEDS.length} students ${INPUTS}-${STUDENT}-1, teachers ` +
    `${INPUTS}-${TEACHER}-${TEACHER}-1, ${ROWS} rows, RMSProp; imitation ${imitation.toFixed(2)} ms a step`,
);
console.log('\n| step | relative to imitation | commands |\n|---|---:|---:|');
for (const [i, name] of names.entries()) {
  const { minMs } = timings[i]!;
  console.log(`| ${name} | ${(minMs / imitation).toFixed(1)} | ${steps[name]!.commands} |`);
}
for (const step of Object.values(steps)) step.dispose();
gpu.close();
