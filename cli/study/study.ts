/** The command `study`: a grid of runs planned, run and merged. */
import { join } from 'node:path';
import { exitCodeOf, lineOf, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { catchInterrupts } from '../interrupts.ts';
import { createProgressLine } from '../progress-line.ts';
import { readArguments } from '../read-arguments.ts';
import { atHome } from '../../study/read/home.ts';
import { readBytes } from '../../study/read/read-bytes.ts';
import { packageVersion } from '../../base/package-version.ts';
import { methods as knownMethods } from '../../methods/all.ts';
import { loadForStudy } from '../../study/plan/own-files-of-plan.ts';
import { checkJsonShape } from '../../study/plan/json-shape.ts';
import { makePlan } from '../../study/plan/plan.ts';
import { createPlanFolder, openPlan } from '../../study/plan/plan-folder.ts';
import { readOnce } from '../../study/plan/read-once.ts';
import { run, say, type Streams, type Values } from './run-study.ts';
import { isDone } from '../../study/plan/run-planned.ts';
import { parseStudy } from '../../study/plan/study-file.ts';
import { studySchema } from '../../study/plan/study-schema.ts';

const HELP = `study: many runs of distill from one grid, each done once whatever happens, and merged into one table.

  npm run study -- plan STUDY.json [--out DIR]   lists the runs [runs/NAME]; what is done stays done
  npm run study -- run DIR --index N             does one run
  npm run study -- run DIR --all                 does all that are missing; stop it or start more of them at any time
  npm run study -- merge DIR                     tables and plots of what is done: results.md, results.csv, seeds.csv,
                                                 report.html
  npm run study -- schema                        the JSON schema of STUDY.json

Options
  --out DIR         where the plan, its results and its teachers are
  --index N         the run's number, from 0
  --retry-failed    with --all: also runs that failed for good before, such as by a loss that was not finite
  --save-every N    seconds between states of a run, from which it goes on after a stop or a kill [30]
  --trust           runs the code of its own that a plan names: methods, tasks and data in files of yours
  --quiet           no progress
  --help            print this

Exit codes: 0 done, also if it was done before; 1 a run failed for good; 2 a wrong option or study; 75 worth another try:
no adapter, a lost device, no memory, a run that another process has, SIGTERM; 130 stopped by Ctrl-C.
docs/studies.md has an example.`;

/** Of a study's file. */
const MOST_BYTES = 100_000_000;

/** Resolves to the exit code; the caller sets process.exitCode. */
export async function main(argv: readonly string[], given: Partial<Streams> = {}): Promise<number> {
  const streams = { stdout: process.stdout, stderr: process.stderr, ...given };
  try {
    return await study(argv, streams);
  } catch (error) {
    streams.stderr.write(`study: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

/** What each action takes. */
const actions: Readonly<Record<string, { wanted: string; options: readonly string[] }>> = {
  plan: { wanted: 'STUDY.json', options: ['out', 'quiet'] },
  run: { wanted: 'DIR', options: ['index', 'all', 'retry-failed', 'save-every', 'trust', 'quiet'] },
  merge: { wanted: 'DIR', options: [] },
  schema: { wanted: '', options: [] },
};

async function study(argv: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readArguments(argv, {
    out: { type: 'string' },
    index: { type: 'string' },
    all: { type: 'boolean' },
    'retry-failed': { type: 'boolean' },
    'save-every': { type: 'string' },
    trust: { type: 'boolean' },
    quiet: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  const [action, path, ...more] = positionals;
  if (values.help || action === undefined) return say(streams, HELP);
  const known = actions[action];
  if (known === undefined)
    throw new UserError(`unknown action '${action}'; there are ${Object.keys(actions).join(', ')} (--help)`);
  const { wanted, options } = known;
  const stray = Object.keys(values).find((name) => !options.includes(name));
  if (stray !== undefined)
    throw new UserError(
      `${action} has no --${stray}; ` +
        (options.length > 0
          ? `it has ${options.map((name) => `--${name}`).join(', ')}`
          : 'it has no options'),
    );
  if (more.length > 0 || (wanted === '' && path !== undefined))
    throw new UserError(`unexpected argument '${more[0] ?? path}'`);
  const { methodNames } = await import('../../study/study.ts');
  if (action === 'schema') return say(streams, JSON.stringify(studySchema(methodNames), null, 2));
  if (path === undefined)
    throw new UserError(`${action} wants ${wanted}: npm run study -- ${action} ${wanted}`);
  if (action === 'plan') return plan(path, values, streams);
  if (action === 'merge') {
    const { mergeFolder } = await import('./merge-folder.ts');
    return say(streams, mergeFolder(openPlan(path, packageVersion)));
  }
  return run(path, values, streams);
}

async function plan(path: string, { out, quiet }: Values, streams: Streams): Promise<number> {
  const { methodNames, planStudy } = await import('../../study/study.ts');
  const version = packageVersion;
  const bytes = await readBytes(path, { most: MOST_BYTES });
  const text = bytes.toString().replace(/^\ufeff/, '');
  checkJsonShape(text, path);
  const ownFiles = await loadForStudy(text);
  const file = parseStudy(text, path, [...knownMethods.keys()]);
  const progress = createProgressLine(streams.stderr, { isQuiet: quiet ?? false });
  const interrupt = catchInterrupts(progress.note);
  try {
    const { signal } = interrupt;
    const read = readOnce({ signal, onProgress: progress.update, onSkip: progress.note });
    const made = await makePlan(file, {
      ...{ methodNames, version, planStudy, read, ownFiles },
      ...{ note: progress.note, signal },
    });
    const folder = createPlanFolder(out === undefined ? join('runs', file.name) : atHome(out), version);
    folder.writePlan(made);
    progress.close();
    const done = made.runs.filter(({ id }) => isDone(folder.result(id))).length;
    const seeds = new Set(made.runs.flatMap((each) => each.seeds)).size;
    const axes = made.axes.map(({ name, values }) => `  ${name.padEnd(16)} ${values.join(' | ')}`);
    return say(
      streams,
      [
        `${formatCount(made.runs.length)} runs in ${folder.path}, ${done} of them done; ${seeds} seeds, ` +
          `${formatCount(made.runs.reduce((sum, { steps }) => sum + steps, 0))} training steps`,
        ...axes,
        `next: npm run study -- run ${folder.path} --all`,
      ].join('\n'),
    );
  } finally {
    interrupt.release();
    progress.close();
  }
}
