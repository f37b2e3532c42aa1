/** The command `predict`: a saved network and data of the user's in, predictions as CSV out. */
import { existsSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openCpu } from '../engine/cpu.ts';
import { openGpu } from '../engine/gpu/gpu.ts';
import { reasonOf, RunError, UserError } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { writeAtomically } from '../base/write-atomically.ts';
import { angularErrors } from '../tasks/gaze.ts';
import { openWeights } from '../deploy/find-weights.ts';
import { formatCount } from '../base/format.ts';
import { catchInterrupts } from './interrupts.ts';
import { classNames, type NetworkDescription } from '../study/network-description.ts';
import { readClassImages } from '../deploy/class-data.ts';
import {
  classCsv,
  classPredictions,
  classScores,
  classScoresText,
  probabilityOf,
} from '../deploy/class-predictions.ts';
import { type PredictionData, readImages, readRows } from '../deploy/prediction-data.ts';
import { targetScores } from '../deploy/prediction-scores.ts';
import { predictionColumns, predictionCsv, scoresText } from '../deploy/prediction-text.ts';
import { createProgress, type TextStream } from './progress.ts';
import { readArguments } from './read-arguments.ts';
import { atHome } from '../study/read/home.ts';
import { tableArguments, tableWriting } from './table-arguments.ts';
import type { ReadingHooks } from '../study/read/read-pictures.ts';
import { runCommand, seedOf, type Streams, textOf, wantNoPositionals } from './run-command.ts';
import { predictRows } from '../study/saved-network.ts';
import { loadOwnFiles } from '../study/read/own-files.ts';
import { mean } from '../base/statistics.ts';

const HELP = `predict: what a network that distill has trained says of other data

  npm run predict -- --model RUN --data FILE.csv       or     npx limbeck predict …

  --model RUN|FILE     a run folder, or a .safetensors file from its weights/
  --data FILE          a table, CSV or Parquet, with the columns that the network was trained on, found by name; others
                       are ignored, and of targets the labels that are missing. Missing inputs are filled in as in training
                       (distill --missing mean or median), or refused.
                       Of networks for images: mpiigaze:FOLDER, mpiigaze-h5:FILE, multipie:FOLDER; with classes
                       idx:FOLDER, cifar10:FOLDER, cifar100:FOLDER, images:FOLDER, digits:FILE
  --method NAME        of a run folder [tor-dual, or the last method of the run]
  --seed N             of a run folder [the lowest]
  --network FILE.ts    of a network of your own: the file that was given to distill
  --out FILE.csv       where predictions go [stdout]
  --ignore-labels      does not read the columns of targets; otherwise those that are there are compared with
  --header NAME        auto, yes, no: whether the table's first line names the columns [auto]
  --delimiter, --decimal, --thousands, --skip-lines, --encoding, --missing-values
                       how the table is written, as for distill
  --subset NAME        evaluation, all: which eyes of MPIIGaze [evaluation]
  --skip-bad           goes on without damaged files of images
  --device NAME        auto, cpu, or part of an adapter's name [auto]
  --json               the last line of stdout is JSON: predictions (without --out), errors, what was used
  --help               print this

Predictions are in the targets' own units, a column each, in the order of the rows; of classes the likeliest, and the
probability of each.
Exit codes: 0 done, 1 it failed, 2 a wrong option or wrong data.
`;

/** Resolves to the exit code. */
export function main(argv: readonly string[], given: Partial<Streams> = {}): Promise<number> {
  return runCommand('predict', (streams) => predict(argv, streams), given);
}

async function predict(argv: readonly string[], { stdout, stderr }: Streams): Promise<void> {
  const options = parse(argv);
  if (options.help) return void stdout.write(HELP);
  const { json, device } = options;
  const out = options.out === undefined ? undefined : atHome(options.out);
  const model = atHome(textOf(options.model, '--model', 'a run folder or a .safetensors file'));
  const source = atHome(textOf(options.data, '--data', 'a table, such as FILE.csv'));
  if (out !== undefined) checkOut(out, source);
  await loadOwnFiles(options.network === undefined ? [] : [atHome(options.network)]);
  const saved = openWeights({ model, method: options.method, seed: seedOf(options.seed) });
  const { description } = saved;
  const { method, seed, network, targets } = description;
  const note = (text: string) => void stderr.write(`${visible(text)}\n`);
  note(`${saved.where}: ${method}, seed ${seed}, ${network}`);
  const data = await read(source, description, options, stderr);
  data.notes.forEach(note);
  const progress = createProgress(stderr);
  const { rows } = data;
  const onProgress = (share: number) =>
    progress.read(share, () => `predicting ${Math.round(share * rows)} of ${rows} rows`);
  const { math = 'portable' } = description;
  const backend = device === 'cpu' ? openCpu() : await openGpu({ adapter: device, math });
  let predicted: Float64Array;
  try {
    note(`adapter: ${backend.name}`);
    predicted = await predictRows(saved, data.given, backend, { onProgress });
  } finally {
    progress.close();
    backend.close();
  }

  const classes = classNames(targets);
  const found = classes && classPredictions(predicted, classes);
  const ofClasses = classes && classScores(predicted, data.labels[0], classes.length);
  const scores = classes ? [] : targetScores(targets.names, predicted, data.labels);
  const angle = description.image && !classes ? angularError(data, predicted) : undefined;
  const csv = found
    ? classCsv(targets.names[0]!, classes, found)
    : predictionCsv(targets.names, predicted, data);
  if (out !== undefined) write(out, csv);
  // What steers a terminal is for no terminal; a file or a program gets the names as they are.
  else if (!json) stdout.write(stdout.isTTY ? visible(csv) : csv);
  // Where stdout is for a program, people read stderr.
  const people = out === undefined || json ? stderr : stdout;
  people.write(classes ? classScoresText(ofClasses) : scoresText(scores, angle));
  if (out !== undefined) people.write(`predictions for ${formatCount(rows)} rows: ${out}\n`);
  if (!json) return;
  const columnsOf = (values: Float64Array) =>
    found
      ? {
          [targets.names[0]!]: found.names,
          ...predictionColumns(classes.map(probabilityOf), found.probabilities),
        }
      : predictionColumns(targets.names, values);
  const result = {
    ...{ model: saved.where, method, seed, network, adapter: backend.name, rows },
    ...{
      ignored: data.ignored,
      filled: data.filled,
      scores: classes ? (ofClasses ?? {}) : scores,
      ...(angle === undefined ? {} : { angularError: angle }),
    },
    ...(classes ? { classes } : {}),
    ...(out === undefined ? { predictions: columnsOf(predicted) } : { out }),
  };
  stdout.write(`${JSON.stringify(result)}\n`);
}

type Options = ReturnType<typeof parse>;

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { positionals, values } = readArguments(argv, {
    ...{ model: text, data: text, method: text, seed: text, out: text, network: text },
    device: { ...text, default: 'auto' },
    ...tableArguments,
    subset: { ...text, default: 'evaluation' },
    ...{ 'ignore-labels': flag, 'skip-bad': flag, json: flag, help: flag },
  });
  wantNoPositionals(positionals);
  if (!['evaluation', 'all'].includes(values.subset))
    throw new UserError(`--subset: unknown value '${values.subset}' (known: evaluation, all)`);
  return values;
}

async function read(
  source: string,
  description: NetworkDescription,
  options: Options,
  stderr: TextStream,
): Promise<PredictionData> {
  const { image } = description;
  if (!image) {
    if (/^(mpiigaze|mpiigaze-h5|multipie|idx|cifar10|cifar100|images):/.test(source) || source === 'eyes')
      throw new UserError(`--data: '${source}' are images, and the network is for tables; wants a file`);
    const hasLabels = !options['ignore-labels'];
    return await readRows(source, description, { ...tableWriting(options), hasLabels });
  }
  const progress = createProgress(stderr);
  const interrupt = catchInterrupts(progress.note);
  const hooks: ReadingHooks = { signal: interrupt.signal, onProgress: progress.read, onSkip: progress.note };
  const which = { subset: options.subset as 'evaluation' | 'all', skipBad: options['skip-bad'] };
  try {
    const { targets } = description;
    if (classNames(targets)) {
      const table = {
        ...tableWriting(options),
        columns: undefined,
        classes: true as const,
        group: undefined,
        split: [],
        keepsMissing: true,
      };
      const of = { ...which, cifarLabels: labelsOf(targets), table };
      const classified = await readClassImages(source, description, of, hooks);
      return options['ignore-labels'] ? { ...classified, labels: [undefined] } : classified;
    }
    const read = await readImages(source, { ...description, image }, which, hooks);
    return options['ignore-labels'] ? { ...read, labels: read.labels.map(() => undefined) } : read;
  } finally {
    interrupt.release();
    progress.close();
  }
}

/** CIFAR-100 has two classes an image: a network of twenty was taught the coarse ones. */
function labelsOf(targets: NetworkDescription['targets']): 'fine' | 'coarse' {
  return classNames(targets)?.length === 20 ? 'coarse' : 'fine';
}

/** Mean angle to the labels, degrees; undefined without labels. */
function angularError({ labels, rows }: PredictionData, predicted: Float64Array): number | undefined {
  if (labels.some((column) => column === undefined)) return undefined;
  const outputs = labels.length;
  const truth = Float64Array.from(
    { length: rows * outputs },
    (_, i) => labels[i % outputs]![Math.floor(i / outputs)]!,
  );
  return mean([...angularErrors(predicted, truth, outputs)]);
}

/** Before any work is done that could be lost. */
function checkOut(out: string, source: string): void {
  if (resolve(out) === resolve(source))
    throw new UserError(`--out: '${out}' is what --data reads; name another`);
  const folder = dirname(out);
  if (!existsSync(folder))
    throw new UserError(`--out: there is no folder '${folder}'; make it, or name another`);
}

function write(path: string, text: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  try {
    // A pipe or a device takes no neighbour's place; behind a link lies what is meant.
    if (stat && !stat.isFile()) writeFileSync(path, text);
    else writeAtomically(stat ? realpathSync(path) : path, text);
  } catch (error) {
    throw new RunError(`--out: cannot write '${path}': ${reasonOf(error)}`, { cause: error });
  }
}
