/** A plan: the runs of a study's grid, each with an id that says all that its numbers depend on. */
import { DatasetError } from '../../datasets/dataset-error.ts';
import { numerics } from '../../engine/numerics.ts';
import { StoppedError, UserError } from '../../base/errors.ts';
import { methods, methodsOption } from '../../methods/all.ts';
import { valueOf } from '../options/config.ts';
import { configFor } from '../options/input-config.ts';
import { checkMethods } from '../options/method-config.ts';
import { type ParsedOptions, parseOptions } from '../options/options.ts';
import type { OwnFile } from '../read/own-files.ts';
import type { ReadData } from '../read/read-data.ts';
import type { StudyConfig } from '../results.ts';
import { methodOfRow } from '../rows.ts';
import { sha256 } from '../../base/sha256.ts';
import type { StudyPlan } from '../study-types.ts';
import { baselineMethod } from '../summary.ts';
import { type ReadOnce, readKey } from './read-once.ts';
import type { OptionTexts } from './option-texts.ts';
import type { StudyFile } from './study-file.ts';

export interface PlannedRun {
  readonly index: number;
  /** Hash of configuration, data, version and numerics. */
  readonly id: string;
  /** Its place in the grid: a value an axis. */
  readonly at: Readonly<Record<string, string | number>>;
  readonly options: OptionTexts;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Training steps, to estimate how long all will take. */
  readonly steps: number;
}

/** plan.json. */
export interface Plan {
  readonly format: 1;
  readonly name: string;
  /** Of this library. */
  readonly version: string;
  /** Which numbers it computes: see engine/numerics.ts. Plans of before there was such a number lack it. */
  readonly numerics?: number;
  readonly baseline: string;
  readonly base: OptionTexts;
  readonly axes: readonly { readonly name: string; readonly values: readonly (string | number)[] }[];
  readonly runs: readonly PlannedRun[];
  /** Methods, tasks and data of the user's own, if there are any. */
  readonly ownFiles?: readonly OwnFile[];
}

export interface PlanSurroundings {
  /** Loaded before. */
  ownFiles?: readonly OwnFile[];
  methodNames: readonly string[];
  version: string;
  planStudy(config: StudyConfig): StudyPlan;
  read: ReadOnce;
  /** Told what is no mistake, but not what was meant either. */
  note?(text: string): void;
  signal?: AbortSignal;
}

/**
 * Every combination of the grid, the first axis slowest. Data that are read are read once each, so that what does not
 * fit is found now.
 *
 * @throws UserError naming the run; StoppedError if the signal says so.
 */
export async function makePlan(study: StudyFile, around: PlanSurroundings): Promise<Plan> {
  const cells = combinations(study);
  const parsed = cells.map((cell) => about(cell, () => parseRun(cell.options, around.methodNames)));
  const idle = parsed[0]?.idle.filter((line) => parsed.every((run) => run.idle.includes(line))) ?? [];
  for (const line of idle) around.note?.(`note: ${line}`);
  const runs: PlannedRun[] = [];
  const said = new Set<string>();
  // Run after run of the same data, so that each is read once and one is in memory at a time.
  const keys = parsed.map(readKey);
  const order = [...keys.keys()].toSorted((a, b) => keys.indexOf(keys[a]!) - keys.indexOf(keys[b]!) || a - b);
  for (const index of order) {
    const [cell, options] = [cells[index]!, parsed[index]!];
    // Tables are read in one go: signals get their turn between two.
    await new Promise((resolve) => setTimeout(resolve));
    if (around.signal?.aborted) throw new StoppedError('stopped; no plan is written', around.signal);
    const read = await about(cell, () => around.read(options));
    for (const line of read?.notes ?? [])
      if (!said.has(line) && said.add(line)) around.note?.(`note: ${line}`);
    const config = about(cell, () => configFor(options.config, read?.input ?? {}));
    about(cell, () => checkMethods(config, read?.input.teacher));
    runs[index] = {
      ...cell,
      id: await runId(options.config, read, around),
      methods: config.methods,
      seeds: Array.from({ length: config.seeds }, (_, i) => config.seed + i),
      steps: around.planStudy(config).steps,
    };
  }
  refuseTwins(runs);
  const { name, base, axes } = study;
  const baseline = study.baseline === undefined ? baselineMethod : nameOfMethod(study.baseline);
  if (study.baseline !== undefined && !runs.some(({ methods }) => methods.includes(methodOfRow(baseline))))
    throw new UserError(`baseline: no run trains '${baseline}'; add it to methods`);
  return {
    format: 1,
    name,
    version: around.version,
    numerics,
    baseline,
    base,
    axes: axes.map((axis) => ({ name: axis.name, values: axis.entries.map(({ value }) => value) })),
    runs,
    ...(around.ownFiles?.length ? { ownFiles: around.ownFiles } : {}),
  };
}

/** A file of the user's own stands for its first method; of networks that train together a row may be named. */
function nameOfMethod(text: string): string {
  const name = methodOfRow(text);
  const [method] = valueOf(methodsOption, name, [...methods.keys()]) as [string];
  return method + text.slice(name.length);
}

/** A run's options as `distill` reads them. */
export function parseRun(options: OptionTexts, methodNames: readonly string[]): ParsedOptions {
  return parseOptions(commandWords(options), methodNames);
}

/** The words after `distill` that ask for the run. */
export function commandWords(options: OptionTexts): string[] {
  return Object.entries(options).map(([name, text]) => (text === '' ? `--${name}` : `--${name}=${text}`));
}

/** The same configuration and data give the same id, wherever they are; anything else another. */
export function runId(
  config: StudyConfig,
  read: ReadData | undefined,
  { version, ownFiles = [] }: Pick<Plan, 'version' | 'ownFiles'>,
): Promise<string> {
  const settings = Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Of what is run of the user's own the contents count, wherever they lie.
  const own = ownFiles.length > 0 ? [ownFiles.map((file) => file.sha256)] : [];
  return sha256(
    new TextEncoder().encode(JSON.stringify([version, numerics, settings, read?.record ?? null, ...own])),
  );
}

/** @throws UserError if this version computes other numbers than the one that made the plan. */
export function checkNumerics(plan: Pick<Plan, 'numerics'>): void {
  if (plan.numerics === numerics) return;
  const had = plan.numerics === undefined ? 'earlier numerics' : `numerics ${plan.numerics}`;
  throw new UserError(
    `the plan was made with ${had}, and this version computes numerics ${numerics}: its networks would differ; ` +
      'make it again with: study plan STUDY.json',
  );
}

/** 'noise 0.2, seed 1'; without a grid nothing. */
export function placeOf({ at }: Pick<PlannedRun, 'at'>): string {
  return Object.entries(at)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** 'run 3 (noise 0.2, seed 1)'. */
export function nameOf(run: Pick<PlannedRun, 'at' | 'index'>): string {
  const place = placeOf(run);
  return `run ${run.index}${place && ` (${place})`}`;
}

type Cell = Pick<PlannedRun, 'at' | 'options'> & { index: number };

function combinations({ base, axes }: StudyFile): Cell[] {
  // Where seeds are an axis each run has one, unless it is asked for more.
  const isSeedAxis = axes.some(({ entries }) => entries.some(({ options }) => 'seed' in options));
  const start = isSeedAxis ? { seeds: '1', ...base } : base;
  let cells: Omit<Cell, 'index'>[] = [{ at: {}, options: start }];
  for (const { name, entries } of axes) {
    cells = cells.flatMap(({ at, options }) =>
      entries.map((entry) => ({
        at: { ...at, [name]: entry.value },
        options: { ...options, ...entry.options },
      })),
    );
  }
  return cells.map((cell, index) => ({ ...cell, index }));
}

/** What is wrong is wrong with a run. */
function about<T>(cell: Cell, work: () => T): T {
  const tell = (error: unknown): never => {
    // What was stopped is no mistake of the run.
    const isMistake = error instanceof UserError ? error.exitCode === 2 : error instanceof DatasetError;
    if (!isMistake) throw error;
    throw new UserError(`${nameOf(cell)}: ${(error as Error).message}`, { cause: error });
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(tell) as T) : result;
  } catch (error) {
    return tell(error);
  }
}

/** A run's place without seeds and methods, which are put together. */
export function cellOf({ at }: Pick<PlannedRun, 'at'>): { key: string; at: PlannedRun['at'] } {
  const { seed: _, methods: __, ...rest } = at;
  return { key: JSON.stringify(rest), at: rest };
}

/** What tables call a row, a method's or the teacher's: its name, with what else its entry in the grid sets. */
export function methodLabel({ at, options, methods }: PlannedRun, row: string): string {
  const entry = at.methods;
  if (entry === undefined || entry === options.methods) return row;
  const method = methodOfRow(row);
  const isAlone = methods.length === 1 && method === methods[0];
  return isAlone ? String(entry).replace(method, row) : `${row} (${entry})`;
}

/** No number may come twice: the same seed of one method in one cell. */
function refuseTwins(runs: readonly PlannedRun[]): void {
  const seen = new Map<string, PlannedRun>();
  for (const run of runs) {
    const keys = run.methods.flatMap((method) =>
      run.seeds.map((seed) => JSON.stringify([cellOf(run).key, methodLabel(run, method), seed])),
    );
    for (const key of keys) {
      const other = seen.get(key);
      if (other)
        throw new UserError(
          `${nameOf(run)} trains what ${nameOf(other)} trains; ` +
            'take a value out of the grid, or let seeds not overlap',
        );
      seen.set(key, run);
    }
  }
}
