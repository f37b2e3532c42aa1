/**
 * What a training step of each method costs, as a multiple of imitation's: `node --import tsx tools/method-cost.ts`. A
 * captured step of five students side by side on a batch that lies on the GPU, from the forward pass to the update; all
 * methods take turns, and the shortest of each one's samples counts, because other work on the machine only adds. Prints
 * rows for docs/methods.md.
 */
import { measure } from '../bench/harness.ts';
import { capture, type CapturedStep } from '../engine/capture.ts';
import { openGpu } from '../engine/gpu/gpu.ts';
import { normal } from '../engine/random.ts';
import { noGrad } from '../engine/tape.ts';
import { Tensor } from '../engine/tensor.ts';
import { varianceOf } from '../losses/gaussian.ts';
import { methods } from '../methods/all.ts';
import { buildTraining, chosenMethod } from '../methods/chosen-method.ts';
import { MethodContext } from '../methods/context.ts';
import { networkOf, studentOf } from '../models/network.ts';
import { defaults } from '../study/options/study-defaults.ts';
import { regression } from '../tasks/regression.ts';
import type { Stage } from '../train/training.ts';

const SEEDS = [1, 2, 3, 4, 5];
const [ROWS, INPUTS, TEACHER, STUDENT] = [64, 8, 100, 50];

const gpu = await openGpu();
const draw = (width: number, call: number) =>
  normal([SEEDS.length, ROWS, width], gpu, { seed: SEEDS, call, step: 0 });
const shape = { inputs: INPUTS, outputs: 1, extras: 0 };
const made = { backend: gpu, shape, seed: SEEDS };
const teacher = networkOf(`mlp:${TEACHER},${TEACHER}`, 'teacher', made);
const x = draw(INPUTS, 0);
/** Everything that a study computes once. */
const batch = noGrad(() => ({
  x,
  label: draw(1, 1),
  teacher: teacher.forward({ x }),
  outlier: draw(1, 2),
  attention: draw(1, 3),
  teacherVariance: varianceOf(draw(1, 4)),
}));

/** The last stage of a method, in each of its phases. */
function stepsOf(name: string, changes: Partial<typeof defaults> = {}): Record<string, CapturedStep<Tensor>> {
  const context = new MethodContext({
    ...{ backend: gpu, name, seeds: SEEDS, task: regression, teacher },
    ...{ sizes: { inputs: INPUTS, outputs: 1, rows: ROWS, steps: 1e6, epochSteps: 1 }, learningRate: 1e-3 },
    studentOf: (heads, arena) => studentOf(`mlp:${STUDENT}`, heads, { ...made, arena }),
  });
  const stage = buildTraining(chosenMethod(name), context, { ...defaults, ...changes }).stages.at(-1)!;
  const phases = stage.phaseOf ? ['update', 'rest'] : [''];
  const steps = phases.map(
    (phase) => [phase, capture(() => lossOf(stage.step({ batch, batches: {}, phase })), gpu)] as const,
  );
  return Object.fromEntries(steps);
}

function lossOf(made: ReturnType<Stage['step']>): Tensor {
  return made instanceof Tensor ? made : made.loss;
}

function only(name: string, changes: Partial<typeof defaults> = {}): CapturedStep<Tensor> {
  const steps = stepsOf(name, changes);
  return steps['']! ?? steps.update!;
}

const along = { slopes: 'directions' } as const;
const steps: Record<string, CapturedStep<Tensor>> = {
  ...Object.fromEntries([...methods.keys()].map((name) => [name, only(name)])),
  'imitation+pm': only('imitation+pm'),
  'imitation+abm, 3 steps uphill': only('imitation+abm'),
  'imitation+abm, generator 50-500, in a step with an update': only('imitation+abm', { abm: 'generator' }),
  'imitation+gm, exact': only('imitation+gm'),
  'imitation+gm, one direction': only('imitation+gm', along),
  'imitation+pm+abm+gm, exact': only('imitation+pm+abm+gm'),
  'imitation+pm+abm+gm, one direction': only('imitation+pm+abm+gm', along),
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
    `${INPUTS}-${TEACHER}-${TEACHER}-1, ${ROWS} rows, Adam; imitation ${imitation.toFixed(2)} ms a step`,
);
console.log('\n| step | relative to imitation | commands |\n|---|---:|---:|');
for (const [i, name] of names.entries()) {
  const { minMs } = timings[i]!;
  console.log(`| ${name} | ${(minMs / imitation).toFixed(1)} | ${steps[name]!.commands} |`);
}
for (const step of Object.values(steps)) step.dispose();
gpu.close();
