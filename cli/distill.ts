/** The command `distill`: options in, a study run, its folder filled, its table printed, an exit code out. */

import { type AggregationFile, foundIn } from '../base/aggregation.ts';
import { numerics } from '../engine/numerics.ts';
import { exitCodeOf, isExpected, lineOf, RunError, stoppedExitCode } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { formatCount } from '../base/format.ts';
import { helpText } from './help.ts';
import { configFor, leftOutOf } from '../study/options/input-config.ts';
import { catchInterrupts } from './interrupts.ts';
import { type ParsedOptions, parseOptions } from '../study/options/options.ts';
import { createProgress, type Progress, type TextStream } from './progress.ts';
import { renderReport } from '../report/report.ts';
import { loadOwnFiles, type OwnFile, pathsOnLine } from '../study/read/own-files.ts';
import { type ReadData, readData } from '../study/read/read-data.ts';
import type { SeedResult, StudyConfig, Summary } from '../study/results.ts';
import type { RunFacts } from '../study/run/config-file.ts';
import { configFile } from '../study/run/written-config.ts';
import { type AskedRun, FolderTakenError } from '../study/run/continuation.ts';
import { isWorthRetry } from '../study/run/worth-retry.ts';
import { defaultRunPath, openRunFolder, type RunFolder } from '../study/run/run-folder.ts';
import type { DeviceInfo, RunStudy, StudyHooks, StudyOutcome, StudyPlan } from '../study/study-types.ts';
import { summarise } from '../study/summary.ts';
import { aggregationText } from '../report/methods/aggregation-text.ts';
import { leftOutLines, summaryTable } from '../report/table.ts';
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
    const note = (line: string) => progress.note(`note: ${line}`);
    options.idle.forEach(note);
    const hooks = { signal, onProgress: progress.read, onSkip: progress.note };
    const read = await readData(options.config, options, hooks);
    progress.close();
    read?.notes.forEach(note);
    options.config = configFor(options.config, read?.input ?? {});
    const leftOut = leftOutOf(options.config, read?.input ?? {});
    if (options.dryRun) {
      const about = [...(read ? [read.description] : []), ...leftOutLines({ leftOut })];
      return say(stdout, [...about, planText(options.config, around)].join('\n'));
    }
    leftOutLines({ leftOut }).forEach(note);
    folder = openFolderFor(options, configFile(options.config, factsOf(read, ownFiles)));
    if (folder.replacesKilled)
      note(`${folder.path} holds a run that was killed before its end; this one replaces it`);
    if (folder.goesOn) note(`${folder.path} holds this run, unfinished: it goes on`);
    return await runInto({ folder, progress, signal, read, ownFiles, leftOut }, options, around);
  } finally {
    interrupt.release();
    progress.close();
    folder?.close();
  }
}

/** Where nobody says which, one that nobody has; another process may have thought of the same name. */
function openFolderFor({ out, overwrite, config }: ParsedOptions, asked: AskedRun): RunFolder {
  if (out !== undefined) return openRunFolder(out, { overwrite, asked });
  for (;;) {
    try {
      return openRunFolder(defaultRunPath(config));
    } catch (error) {
      if (!(error instanceof FolderTakenError)) throw error;
    }
  }
}

interface Run {
  folder: RunFolder;
  progress: Progress;
  signal: AbortSignal;
  read: ReadData | undefined;
  ownFiles: readonly OwnFile[];
  leftOut: Summary['leftOut'];
}

async function runInto(
  { folder, progress, signal, read, ownFiles, leftOut }: Run,
  options: ParsedOptions,
  { runStudy, stdout, stderr }: Surroundings,
): Promise<number> {
  const { config } = options;
  const finished: SeedResult[] = [];
  let device: DeviceInfo | undefined;
  let dispatches = 0;
  const hooks: StudyHooks = {
    onDevice(info) {
      folder.begin({ ...configFile(config, factsOf(read, ownFiles)), adapter: info });
      device = info;
      if (!options.quiet && read) progress.note(read.description);
      if (!options.quiet) progress.note(`adapter: ${info.adapter} (${info.device}, ${info.host})`);
    },
    states: folder.states(options.saveEvery),
    onPlan: (plan) => progress.plan(plan),
    onProgress: (event) => progress.step(event),
    onNote(text) {
      if (!options.quiet) progress.note(`note: ${text}`);
    },
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
    const found =
      device && finished.length > 0
        ? summarise(config, { ...device, dispatches, interrupted: true }, finished, { leftOut })
        : undefined;
    // Whoever meets it again gains nothing by going on.
    if (device && !isWorthRetry(error)) attempted(() => folder.end());
    throw keepFinished(error, folder, config, found, finished, (text) => void stderr.write(visible(text)));
  }
  progress.close();

  const summary = summarise(config, outcome, outcome.seeds, { leftOut });
  // What has no time was trained elsewhere: a teacher that was given.
  if (outcome.interrupted && summary.rows.every(({ seconds }) => seconds === null)) {
    const cure = folder.canGoOn() ? goOnWith(folder) : 'nothing is saved';
    if (!folder.canGoOn()) folder.discard();
    stderr.write(visible(`stopped before the first network was finished; ${cure}\n`));
    return stoppedExitCode(signal);
  }
  // The numbers are there, whether or not they can be written.
  const saved = attempted(() => save(folder, config, summary, outcome.seeds).report);
  if (!summary.partial) folder.end();
  // With --json, stdout is for the machine alone.
  const people = options.json ? stderr : stdout;
  const closing = 'value' in saved ? closingLines(summary, folder, saved.value) : [];
  const mixtures = aggregationText(outcome.seeds);
  const found = mixtures === '' ? '' : `\n\n${mixtures}`;
  people.write(
    visible(`\n${summaryTable(summary)}${found}\n\n${closing.map((line) => `${line}\n`).join('')}`),
  );
  if (options.json) stdout.write(`${JSON.stringify(summary)}\n`);
  if ('error' in saved) throw saved.error;
  return outcome.interrupted ? stoppedExitCode(signal) : 0;
}

function attempted<T>(work: () => T): { value: T } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function factsOf(read: ReadData | undefined, ownFiles: readonly OwnFile[]): Omit<RunFacts, 'adapter'> {
  return {
    cpu: cpuName(),
    started: new Date().toISOString(),
    versions: { limbeck: packageVersion, numerics: String(numerics), node: process.versions.node },
    ...(read ? { read: read.record } : {}),
    ...(ownFiles.length > 0 ? { ownFiles } : {}),
  };
}

function save(folder: RunFolder, config: StudyConfig, summary: Summary, seeds: readonly SeedResult[]) {
  // The report first: a summary.json says that the run is complete.
  const report = folder.write('report.html', renderReport(config, summary, seeds));
  const found = foundIn(seeds);
  const { teacher, student } = config;
  if (found.length > 0) {
    const file: AggregationFile = { version: 1, teacher, student, found };
    folder.write('aggregation.json', `${JSON.stringify(file, null, 2)}\n`);
  }
  folder.write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  return { report };
}

/** After a failure: finished seeds are kept and named in the error; without any, the folder goes. */
function keepFinished(
  error: unknown,
  folder: RunFolder,
  config: StudyConfig,
  summary: Summary | undefined,
  seeds: readonly SeedResult[],
  tell: (text: string) => void,
): unknown {
  if (!summary) {
    const goesOn = folder.canGoOn() && isWorthRetry(error);
    if (!goesOn) folder.discard();
    return goesOn ? new RunError(`${lineOf(error)} (${goOnWith(folder)})`, { cause: error }) : error;
  }
  if ('error' in attempted(() => save(folder, config, summary, seeds))) {
    // The first error says more than that this one came after it; and the numbers are there all the same.
    tell(`\n${summaryTable(summary)}\n`);
    return error;
  }
  if (!isExpected(error)) return error;
  const count = seeds.length === 1 ? '1 finished seed is' : `${seeds.length} finished seeds are`;
  return new RunError(`${error.message} (${count} kept in ${folder.path})`, { cause: error });
}

function closingLines(summary: Summary, folder: RunFolder, report: string): string[] {
  const { path } = folder;
  const networks = summary.rows.reduce((sum, row) => sum + row.weightsSha256.length, 0);
  const where =
    summary.device === 'gpu' ? `${formatCount(summary.dispatches)} dispatches` : 'no GPU dispatch';
  return [
    `adapter  ${summary.adapter}, ${where}`,
    ...kernelLine(summary),
    `report   ${report}`,
    `weights  ${path}/weights (${networks} networks)`,
    ...(summary.partial ? [`stopped  ${networks} finished networks are saved in ${path}`] : []),
    ...(summary.partial && folder.canGoOn() ? [`go on    ${goOnWith(folder)}`] : []),
  ];
}

function goOnWith({ path }: RunFolder): string {
  return `the same command with --out ${path} goes on from here`;
}

/** Whose steps were many a dispatch. */
function kernelLine({ rows }: Summary): string[] {
  const names = rows.flatMap(({ method, byKernel }) => (byKernel ? [method] : []));
  return names.length > 0 ? [`kernel   ${names.join(', ')}: many steps a dispatch, the same bits`] : [];
}

function planText(config: StudyConfig, { planStudy }: Surroundings): string {
  const plan = planStudy(config);
  const settings = Object.entries(config).map(([key, value]) => `  ${key.padEnd(20)} ${String(value)}`);
  return `${plan.networks} networks, ${formatCount(plan.steps)} training steps\n${settings.join('\n')}`;
}

function say(stream: TextStream, text: string): number {
  stream.write(`${visible(text)}\n`);
  return 0;
}
