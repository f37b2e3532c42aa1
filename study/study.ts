/**
 * A study: for every seed its data, a teacher, and a student of each method on the same data and initial weights. Seeds
 * are trained side by side, as one model with an axis of seeds; each gives the bits that it gives alone.
 */
import { openCpu } from '../engine/cpu.ts';
import { hostOf } from '../engine/device/device.ts';
import { openGpu } from '../engine/gpu/gpu.ts';
import { GroupRun } from './group-run.ts';
import { canBeSideBySide, configFor } from './options/input-config.ts';
import type { NonFiniteError } from '../train/run-steps.ts';
import { checkMethods } from './options/method-config.ts';
import { methods } from '../methods/all.ts';
import { chosenMethod } from '../methods/chosen-method.ts';
import type { SeedResult, StudyConfig } from './results.ts';
import type { StudyInput } from './study-input.ts';
import { methodSteps } from './train-method.ts';
import { allRows } from './rows.ts';
import { needsTeacher } from './training-order.ts';
import type { StudyHooks, StudyOutcome, StudyPlan } from './study-types.ts';
import { teacherSteps } from './teachers/teacher.ts';

/** Those of the library; more may come from a user's own files. */
export const methodNames: readonly string[] = [...methods.keys()];

/** What a study will do, without a device; for data that are read with the rows that `configFor` has found. */
export function planStudy(config: StudyConfig): StudyPlan {
  checkMethods(config);
  const teacher = needsTeacher(config) ? teacherSteps(config) : { networks: 0, stepsEach: 0 };
  const perSeed = config.methods.reduce(
    (steps, name) => steps + methodSteps(chosenMethod(name), config).all,
    teacher.networks * teacher.stepsEach,
  );
  const networks = allRows(config).length - (teacher.networks > 0 ? 0 : 1);
  return { networks: config.seeds * networks, steps: config.seeds * perSeed };
}

/**
 * Runs a study; the hooks hear of everything on the way.
 *
 * @throws UserError if configuration and data do not fit; AdapterError, DeviceLostError, NonFiniteError.
 */
export async function runStudy(
  given: StudyConfig,
  hooks: StudyHooks,
  input: StudyInput = {},
): Promise<StudyOutcome> {
  const config = configFor(given, input);
  checkMethods(config, input.teacher);
  const backend =
    config.device === 'cpu' ? openCpu() : await openGpu({ adapter: config.device, math: config.math });
  const device = { adapter: backend.name, host: hostOf(), device: backend.kind };
  const dispatches = () => (backend.kind === 'gpu' ? backend.stats().dispatches : 0);
  try {
    // Stopped while it was opened: nothing has begun, and an earlier run is left as it is.
    if (hooks.signal.aborted) return { ...device, dispatches: 0, seeds: [], interrupted: true };
    hooks.onDevice(device);
    hooks.onPlan(planStudy(config));
    const progress = { doneSteps: 0 };
    const finished: SeedResult[] = [];
    const most = canBeSideBySide(config, input) ? config.batchSeeds : 1;
    let failure: NonFiniteError | undefined;
    for (let first = 0; first < config.seeds && !hooks.signal.aborted; first += most) {
      const count = Math.min(most, config.seeds - first);
      const seeds = Array.from({ length: count }, (_, i) => config.seed + first + i);
      const group = new GroupRun({ config, input, backend, hooks, progress });
      const { results, failure: own } = await group.run(seeds);
      failure ??= own;
      for (const result of results) {
        finished.push(result);
        await hooks.onSeed(result, dispatches());
      }
    }
    // Told at last: the other seeds count.
    if (failure) throw failure;
    return { ...device, dispatches: dispatches(), seeds: finished, interrupted: hooks.signal.aborted };
  } finally {
    backend.close();
  }
}
