/** What the students of one method minimise, with what is trained for it before them and beside them. */
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Named } from '../models/parameters.ts';
import { type HintRegressor, hintRegressor } from '../models/hint-regressor.ts';
import type { Reading } from '../train/loop.ts';
import { type Adversary, adversary } from '../methods/adversary.ts';
import { type MatchedLossOptions, type MatchedMethod, matchedLoss } from '../methods/matched-method.ts';
import type { StudentNetworks } from '../models/network.ts';
import type { PreparedData } from './data/prepared-data.ts';
import { RampSlots } from '../train/ramp.ts';
import type { StudyConfig } from './results.ts';
import type { StudentsTask } from './students-task.ts';

export interface StudentObjective {
  /** What is trained with the students. */
  readonly parameters: Named;
  /** Trains what comes before them; false if it was interrupted. */
  prepare(): Promise<boolean>;
  /** As of `train`. */
  phaseOf: ((done: number) => string) | undefined;
  loss(batch: Readonly<Record<string, Tensor>>, phase: string): Tensor;
  dispose(): void;
}

interface Given {
  readonly networks: StudentNetworks;
  /** Of their training. */
  readonly steps: number;
  /** For messages, a seed each. */
  readonly where: readonly string[];
}

export function studentObjective(
  matched: MatchedMethod,
  task: StudentsTask,
  { networks, steps, where }: Given,
): StudentObjective {
  const { config, data, teachers, backend, hooks } = task;
  const { method } = matched;
  const { seeds, inputs, outputs } = data;
  const slots = new RampSlots(backend, steps);
  const options = matchedOptions(config, data, slots);
  const regressor = regressorOf(matched, task, networks);
  const rival = rivalOf(matched, task);
  const synthetic = method.synthetic?.({
    ...config,
    ...{ backend, seeds, inputs, outputs, steps },
    rows: config.batchSize,
  });
  return {
    parameters: regressor?.parameters ?? {},
    async prepare() {
      const teacher = (x: Tensor) => teachers!.forward({ x });
      const { onNonFinite, signal, pause } = hooks;
      const onReading = async (reading: Reading) => hooks.onPreparing(reading);
      return (await synthetic?.prepare?.(teacher, { where, onNonFinite, signal, pause, onReading })) ?? true;
    },
    phaseOf: (synthetic ?? rival)?.phaseOf,
    loss(batch, phase) {
      const { x, extras } = data.batchInput(batch);
      const student = (points: Tensor) => {
        const heads = networks.heads({ x: points, extras }, { training: true });
        return regressor ? { ...heads, features: regressor.forward(heads.features!) } : heads;
      };
      const teacher = (points: Tensor) => teachers!.forward({ x: points, extras });
      const pair = { teacher, student: (points: Tensor) => student(points).pred };
      if (synthetic) return synthetic.loss(pair, phase);
      const teacherFeatures = method.needs?.includes('teacherFeatures')
        ? noGrad(() => teachers!.features!({ x, extras }))
        : undefined;
      const targets = { ...targetsOf(batch), ...(teacherFeatures ? { teacherFeatures } : {}) };
      const ascent = rival?.points(pair, { rows: x.shape[1]!, phase }) ?? options.matching.ascent;
      const matching = { ...options.matching, ascent };
      return matchedLoss(matched, { x, ...targets }, { teacher, student }, { ...options, matching });
    },
    dispose() {
      slots.free();
      synthetic?.dispose();
      rival?.dispose();
      for (const x of Object.values(regressor?.parameters ?? {})) x.dispose();
    },
  };
}

/** Of the add-on `abm`, where a network makes its points. */
function rivalOf({ addOns }: MatchedMethod, { config, data, backend }: StudentsTask): Adversary | undefined {
  if (config.abm !== 'generator' || !addOns.includes('abm')) return undefined;
  const { seeds, inputs } = data;
  return adversary({ backend, seeds, inputs, every: config.generatorEvery });
}

/** Of methods that compare features of different widths. */
function regressorOf(
  { method }: MatchedMethod,
  { data, teachers, backend }: StudentsTask,
  networks: StudentNetworks,
): HintRegressor | undefined {
  if (!method.hasRegressor) return undefined;
  const studentFeatures = networks.deployed.featureCount!;
  const teacherFeatures = teachers!.featureCount!;
  return hintRegressor({ backend, seed: data.networkSeed, studentFeatures, teacherFeatures });
}

function targetsOf({
  label,
  teacher,
  outlier,
  attention,
  teacherVariance,
}: Readonly<Record<string, Tensor>>) {
  return {
    label: label!,
    teacher: teacher!,
    outlier: outlier!,
    ...(attention ? { attention } : {}),
    ...(teacherVariance ? { teacherVariance } : {}),
  };
}

function matchedOptions(
  config: StudyConfig,
  { leadingAxes, networkSeed }: PreparedData,
  ramps: RampSlots,
): MatchedLossOptions {
  const { outlierBranch, eps, teacherWeight, perturbation, sigma, slopes } = config;
  const [pm, abm, gm] = [config.pmWeight, config.abmWeight, config.gmWeight].map((ramp) => ramps.of(ramp));
  return {
    ...{ outlierBranch, eps, teacherWeight, alpha: 0.5, delta: 1, leadingAxes },
    matching: {
      perturbation,
      sigma: ramps.of(sigma),
      ascent: { steps: config.ascentSteps, stepSize: config.ascentSize },
      slopes: slopes === 'exact' ? slopes : {},
      seed: networkSeed,
    },
    weights: { pm, abm, gm },
  };
}
