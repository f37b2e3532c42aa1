/** What the students of one method minimise, with what is trained for it before them and beside them. */
import { valuesFor } from '../base/option.ts';
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Adversary } from '../methods/data-free/adversary.ts';
import { addOns as allAddOns } from '../methods/add-ons/add-ons.ts';
import { matchingOf, type MatchedMethod, matchedLoss } from '../methods/matched-method.ts';
import type { StudentNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';
import type { Reading } from '../train/loop.ts';
import { RampSlots } from '../train/ramp.ts';
import { featureHint } from './feature-hint.ts';
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
  const values = { ...config };
  const { seeds, inputs, outputs, networkSeed, leadingAxes } = data;
  const slots = new RampSlots(backend, steps);
  const matching = {
    ...matchingOf(matched, values, (number) => slots.of(number)),
    seed: networkSeed,
  };
  const hint = featureHint(matched, task, networks);
  const rival = rivalOf(matched, task);
  const synthetic = method.synthetic?.(
    { backend, seeds, inputs, outputs, steps, rows: config.batchSize },
    valuesFor(method.options, values),
  );
  return {
    parameters: hint?.parameters ?? {},
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
        const heads = networks.heads({ x: points, extras }, { training: true, block: hint?.block });
        return hint ? { ...heads, features: hint.ofStudent(heads.features!) } : heads;
      };
      const teacher = (points: Tensor) => teachers!.forward({ x: points, extras });
      const pair = { teacher, student: (points: Tensor) => student(points).pred };
      if (synthetic) return synthetic.loss(pair, phase);
      const teacherFeatures = hint ? noGrad(() => hint.ofTeacher({ x, extras })) : undefined;
      const targets = { ...targetsOf(batch), ...(teacherFeatures ? { teacherFeatures } : {}) };
      const points = rival?.points(pair, { rows: x.shape[1]!, phase });
      return matchedLoss(
        matched,
        { x, ...targets },
        { teacher, student },
        { values, leadingAxes, matching: points ? { ...matching, ascent: points } : matching },
      );
    },
    dispose() {
      slots.free();
      synthetic?.dispose();
      rival?.dispose();
      hint?.dispose();
    },
  };
}

/** Of the add-on that has a network make its points. */
function rivalOf({ addOns }: MatchedMethod, { config, data, backend }: StudentsTask): Adversary | undefined {
  const { seeds, inputs } = data;
  for (const name of addOns) {
    const { rival, options } = allAddOns.get(name)!;
    const made = rival?.(valuesFor(options, { ...config }), { backend, seeds, inputs });
    if (made) return made;
  }
  return undefined;
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
