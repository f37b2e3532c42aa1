/**
 * `limbeck/study`: studies from code, and what methods of one's own are made of. In Node.
 *
 *     import { distill, lossMethod, teacher } from 'limbeck/study';
 *
 *     const { table, summary } = await distill({ data: 'houses.csv', target: 'price', methods: ['scratch', 'tor'], seeds: 3 });
 */
import { UserError } from '../base/errors.ts';
import { methods as known } from '../methods/all.ts';
import type { Method } from '../methods/method.ts';
import type { NetworkKind } from '../models/own-networks.ts';
import { renderReport } from '../report/report.ts';
import { summaryTable } from '../report/table.ts';
import { configFor } from '../study/options/input-config.ts';
import { parseOptions } from '../study/options/options.ts';
import { registerDataKind, registerMethod, registerNetwork, registerTask } from '../study/options/own.ts';
import { optionTexts } from '../study/plan/option-texts.ts';
import { commandWords } from '../study/plan/plan.ts';
import { loadOwnFiles, ownPaths } from '../study/read/own-files.ts';
import { readData } from '../study/read/read-data.ts';
import type { Task } from '../tasks/task.ts';
import type { DataKindOf } from '../study/data/kinds/data-kind.ts';
import type { MethodResult, SeedResult, StudyConfig, Summary } from '../study/results.ts';
import { runStudy } from '../study/study.ts';
import type { StudyHooks } from '../study/study-types.ts';
import { summarise } from '../study/summary.ts';

export * from '../base/option.ts';
export { attention } from '../methods/artifacts/attention.ts';
export { outlier } from '../methods/artifacts/outlier.ts';
export { teacher } from '../methods/artifacts/teacher.ts';
export { teacherVariance } from '../methods/artifacts/teacher-variance.ts';
export type { Artifact, SeedMaterial, TeacherNeed } from '../methods/artifact.ts';
export type { Sizes, SmallNetwork, TrainingContext } from '../methods/context.ts';
export { featurePair, type FeaturePair } from '../methods/feature-pair.ts';
export {
  type At,
  type LossMethod,
  lossMethod,
  type OfLoss,
  type Parts,
  type Taps,
} from '../methods/loss-method.ts';
export type { Method } from '../methods/method.ts';
export type { NetworkInput, StudentNetworks, StudyNetworks } from '../models/network.ts';
export { gaze } from '../tasks/gaze.ts';
export { regression, rmseMetric } from '../tasks/regression.ts';
export type { NetworkKind, TrunkGiven } from '../models/own-networks.ts';
export type { Keeping, Metric, Score, Task } from '../tasks/task.ts';
export type { ColumnNames, DataKindOf, SeedOf } from '../study/data/kinds/data-kind.ts';
export { overrule } from '../study/data/kinds/data-kind.ts';
export { noise, outlierSize, testRows, trainRows } from '../study/data/kinds/samples.ts';
export { ramp, type Ramp } from '../train/ramp.ts';
export type { Batch, Stage, StagePlan, StepInput, Training } from '../train/training.ts';
export type { MethodResult, SeedResult, StudyConfig, Summary } from '../study/results.ts';

/** A value of an option, as in a study file: lists for those that take several, true for a flag. */
export type OptionValue =
  | string
  | number
  | boolean
  | Task
  | DataKindOf
  | NetworkKind
  | readonly (string | number | Method)[];

/** Options of `npm run distill` by their names, such as `'teacher-steps'`. Methods, a task and a kind of data may be given themselves. */
export type DistillOptions = Readonly<Record<string, OptionValue>>;

export interface DistillHooks {
  /** Of each network that is finished, its weights as a safetensors file. */
  onNetwork?(result: MethodResult, weights: Uint8Array): Promise<void> | void;
  onProgress?: StudyHooks['onProgress'];
  /** Stops after the present step; what is finished comes out. */
  signal?: AbortSignal;
}

export interface Distilled {
  readonly config: StudyConfig;
  /** Of each finished seed. */
  readonly seeds: readonly SeedResult[];
  /** As summary.json. */
  readonly summary: Summary;
  /** As the terminal shows it. */
  readonly table: string;
  /** The page that `distill` writes. */
  report(): string;
}

/**
 * Runs a study and returns what it found; nothing is written.
 *
 * @throws UserError for an option that does not do, naming it; AdapterError, DeviceLostError, NonFiniteError.
 */
export async function distill(options: DistillOptions = {}, hooks: DistillHooks = {}): Promise<Distilled> {
  const words = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, named(value)]));
  await loadOwnFiles(ownPaths((option) => [words[option] ?? []].flat().map(String)));
  const methodNames = [...known.keys()];
  const texts = optionTexts(words, 'distill', methodNames);
  const parsed = parseOptions(commandWords(texts), methodNames);
  const { signal = new AbortController().signal, onProgress = () => {} } = hooks;
  const read = await readData(parsed.config, parsed, { signal, onProgress() {}, onSkip() {} });
  const config = configFor(parsed.config, read?.input ?? {});
  const study: StudyHooks = {
    ...{ signal, onProgress, onDevice() {}, onPlan() {}, onPoint() {} },
    async onSeed() {},
    onNetwork: async (result, weights) => hooks.onNetwork?.(result, weights),
  };
  const outcome = await runStudy(config, study, read?.input);
  const { seeds } = outcome;
  if (seeds.length === 0) throw new UserError('distill: stopped before a network was finished');
  const summary = summarise(config, outcome, seeds);
  return {
    ...{ config, seeds, summary, table: summaryTable(summary) },
    report: () => renderReport(config, summary, seeds),
  };
}

/** Methods, tasks, networks and kinds of data that are given themselves are made known, and stand for their names. */
function named(value: OptionValue): string | number | boolean | readonly (string | number)[] {
  if (typeof value !== 'object') return value;
  if (!isList(value)) {
    if ('trunk' in value) registerNetwork(value);
    else if ('dataset' in value) registerDataKind(value);
    else registerTask(value as Task);
    return value.name;
  }
  return value.map((each) => {
    if (typeof each !== 'object') return each;
    registerMethod(each);
    return each.name;
  });
}

function isList(value: object): value is readonly (string | number | Method)[] {
  return Array.isArray(value);
}
