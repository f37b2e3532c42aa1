/** The command `distill`: options in, a study run, its folder filled, its table printed, an exit code out. */

import { numerics } from '../engine/numerics.ts';
import { exitCodeOf, interruptedExitCode, isExpected, lineOf, RunError } from '../base/errors.ts';
import { formatCount } from '../base/format.ts';
import { helpText } from './help.ts';
import { configFor } from '../study/options/input-config.ts';
import { catchInterrupts } from './interrupts.ts';
import { type ParsedOptions, parseOptions } from '../study/options/options.ts';
import { createProgress, type Progress, type TextStream } from './progress.ts';
import { renderReport } from '../report/report.ts';
import { loadOwnFiles, type OwnFile, pathsOnLine } from '../study/read/own-files.ts';
import { type ReadData, readData } from '../study/read/read-data.ts';
import type { SeedResult, StudyConfig, Summary } from '../study/results.ts';
import { defaultRunPath, openRunFolder, type RunFolder } from '../study/run-folder.ts';
import type { DeviceInfo, RunStudy, StudyHooks, StudyOutcome, StudyPlan } from '../study/study-types.ts';
import { summarise } from '../study/summary.ts';
import { summaryTable } from '../report/table.ts';
import { packageVersion } from '../base/package-version.ts';
import { cpuName } from '../base/version.ts';

/** What the command needs of the outside; tests put in their own. */
export interface Surroundings {
  runStudy: RunStudy;
  /** Names that --methods accepts. */
  methodNames: readonly string[];
  /** What a study would do, without a device. */
  planStudy(config: StudyConfig): StudyPlan;
  stdout: TextStream;
  stderr: TextStream;
}

/** Runs `distill`; the caller sets process.exitCode, so that an open device can close by itself. */
export async function main(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<number> {
  const stderr = given.stderr ?? process.stderr;
  try {
    return await distill(argv, await surroundings(given));
  } catch (error) {
    stderr.write(`distill: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

/** The real study is loaded only where it is needed, so that --help needs no engine. */
async function surroundings(given: Partial<Surroundings>): Promise<Surroundings> {
  const { stdout = process.stdout, stderr = process.stderr, runStudy, methodNames, planStudy } = given;
  if (runStudy && methodNames && planStudy) return { stdout, stderr, runStudy, methodNames, planStudy };
  const study = await import('../study/study.ts');
  return {
    stdout,
    stderr,
    runStudy: study.runStudy,
    methodNames: study.methodNames,
    planStudy: study.planStudy,
    ...given,
  };
}

async function distill(argv: readonly string[], around: Surroundings): Promise<number> {
  const { stdout, stderr, methodNames } = around;
  const ownFiles = await loadOwnFiles(pathsOnLine(argv));
  const options = parseOptions(argv, methodNames);
  if (options.help) return say(stdout, helpText(methodNames));
  if (options.version) return say(stdout, `limbeck ${packageVersion}`);
  const progress = createProgress(stderr, { isQuiet: options.quiet });
  const interrupt = catchInterrupts((text) => progress.note(text));
  let folder: RunFolder | undefined;
  try {
    const { signal } = interrupt;
    for (const line of options.idle) progress.note(`note: ${line}`);
    const hooks = { signal, onProgress: progress.read, onSkip: progress.note };
    const read = await readData(options.config, options, hooks);
    progress.close();
    options.config = configFor(options.config, read?.input ?? {});
    if (options.dryRun)
      return say(stdout, [...(read ? [read.description] : []), planText(options.config, around)].join('\n'));
    const path = options.out ?? defaultRunPath(options.config);
    folder = openRunFolder(path, { overwrite: options.overwrite });
    return await runInto({ folder, progress, signal, read, ownFiles }, options, around);
  } finally {
    interrupt.release();
    progress.close();
    folder?.close();
  }
}

interface Run {
  folder: RunFolder;
  progress: Progress;
  signal: AbortSignal;
  read: ReadData | undefined;
  ownFiles: readonly OwnFile[];
}

async function runInto(
  { folder, progress, signal, read, ownFiles }: Run,
  options: ParsedOptions,
  { runStudy, stdout, stderr }: Surroundings,
): Promise<number> {
  const { config } = options;
  const finished: SeedResult[] = [];
  let device: DeviceInfo | undefined;
  let dispatches = 0;
  const hooks: StudyHooks = {
    onDevice(info) {
      device = info;
      const own = ownFiles.length > 0 ? { ownFiles } : {};
      folder.begin({ ...runRecord(config, info), ...read?.record, ...own });
      if (!options.quiet && read) progress.note(read.description);
      if (!options.quiet) progress.note(`adapter: ${info.adapter} (${info.device}, ${info.host})`);
    },
    onPlan: (plan) => progress.plan(plan),
    onProgress: (event) => progress.step(event),
    onPoint: (point) => folder.addPoint(point),
    async onNetwork(result, weights) {
      folder.writeWeights(result.method, result.seed, weights);
      progress.network(result);
    },
    async onSeed(seed, count) {
      finished.push(seed);
      dispatches = count;
    },
    signal,
  };

  let outcome: StudyOutcome;
  try {
    outcome = await runStudy(config, hooks, read?.input);
    if (!outcome.interrupted && outcome.device === 'gpu' && outcome.dispatches === 0) {
      throw new RunError(`adapter '${outcome.adapter}' ran no dispatch: nothing was trained on it`);
    }
  } catch (error) {
    progress.close();
    throw keepFinished(error, folder, config, device && { ...device, dispatches }, finished);
  }
  progress.close();

  const summary = summarise(config, outcome, outcome.seeds);
  // What has no time was trained elsewhere: a teacher that was given.
  if (outcome.interrupted && summary.rows.every(({ seconds }) => seconds === null)) {
    folder.discard();
    stderr.write('stopped before the first network was finished; nothing is saved\n');
    return interruptedExitCode;
  }
  const { report } = save(folder, config, summary, outcome.seeds);
  // With --json, stdout is for the machine alone.
  const people = options.json ? stderr : stdout;
  people.write(`\n${summaryTable(summary)}\n\n${closingLines(summary, folder, report).join('\n')}\n`);
  if (options.json) stdout.write(`${JSON.stringify(summary)}\n`);
  return outcome.interrupted ? interruptedExitCode : 0;
}

/** What config.json holds beside the configuration: what is needed to get the same bits again. */
function runRecord(config: StudyConfig, adapter: DeviceInfo): object {
  const cpu = cpuName();
  const started = new Date().toISOString();
  return {
    ...config,
    adapter,
    cpu,
    started,
    versions: { limbeck: packageVersion, numerics: String(numerics), node: process.versions.node },
  };
}

function save(folder: RunFolder, config: StudyConfig, summary: Summary, seeds: readonly SeedResult[]) {
  // The report first: a summary.json says that the run is complete.
  const report = folder.write('report.html', renderReport(config, summary, seeds));
  folder.write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  return { report };
}

/** After a failure: finished seeds are summarised and named in the error; without any, the folder goes. */
function keepFinished(
  error: unknown,
  folder: RunFolder,
  config: StudyConfig,
  device: (DeviceInfo & { dispatches: number }) | undefined,
  seeds: readonly SeedResult[],
): unknown {
  if (device === undefined || seeds.length === 0) {
    folder.discard();
    return error;
  }
  try {
    save(folder, config, summarise(config, { ...device, interrupted: true }, seeds), seeds);
  } catch {
    // The first error says more than that this one came after it.
    return error;
  }
  if (!isExpected(error)) return error;
  const count = seeds.length === 1 ? '1 finished seed is' : `${seeds.length} finished seeds are`;
  return new RunError(`${error.message} (${count} kept in ${folder.path})`, { cause: error });
}

function closingLines(summary: Summary, { path }: RunFolder, report: string): string[] {
  const networks = summary.rows.reduce((sum, row) => sum + row.weightsSha256.length, 0);
  const where =
    summary.device === 'gpu' ? `${formatCount(summary.dispatches)} dispatches` : 'no GPU dispatch';
  return [
    `adapter  ${summary.adapter}, ${where}`,
    `report   ${report}`,
    `weights  ${path}/weights (${networks} networks)`,
    ...(summary.partial ? [`stopped  ${networks} finished networks are saved in ${path}`] : []),
  ];
}

function planText(config: StudyConfig, { planStudy }: Surroundings): string {
  const plan = planStudy(config);
  const settings = Object.entries(config).map(([key, value]) => `  ${key.padEnd(20)} ${String(value)}`);
  return `${plan.networks} networks, ${formatCount(plan.steps)} training steps\n${settings.join('\n')}`;
}

function say(stream: TextStream, text: string): number {
  stream.write(`${text}\n`);
  return 0;
}
