/** The command `data`: what a file or folder of data holds and what is wrong with it; and data that are generated. */
import { exitCodeOf, lineOf, UserError } from '../../base/errors.ts';
import { readArguments } from '../../cli/read-arguments.ts';
import { tableArguments, tableWriting } from '../../cli/table-arguments.ts';
import { madeOptions, wantOnly } from './made-options.ts';
import { inspect } from './inspect.ts';

const HELP = `data: files and folders of data sets

  npm run data -- inspect PATH [options]   what PATH holds, and a line for each thing that is wrong with it:
                                           .mat, .h5, .npy, .npz, .safetensors, .png, .parquet, .csv and other tables,
                                           the folders of MPIIGaze and Multi-PIE, and tables with
                                           the splits of the UCI benchmark (data.txt, index_train_0.txt, …)
  npm run data -- make mpiigaze FOLDER     rendered eyes in the files and folders of MPIIGaze
  npm run data -- make multipie FOLDER     rendered heads in those of Multi-PIE
  npm run data -- check eyes|heads         LeNet against linear models, on rendered persons that neither has seen
  npm run data -- sheet eyes|heads FILE    a PNG of rendered pictures, to look at

inspect
  --all      of MPIIGaze all eyes instead of the evaluation subset
  --load     keeps all eyes in memory, as training does, and says how much memory that took
  --header, --delimiter, --decimal, --thousands, --skip-lines, --encoding, --missing-values
             how a table is written, as for distill

make, check, sheet
  --seed N             what is drawn (0)
  --persons N          make: 3; check eyes: 10000, heads: 200
  --patches N          eyes a person: make: 100, check: 10; the real MPIIGaze is --persons 15 --patches 3000
  --days N             of MPIIGaze (2)
  --annotation-error D errors of the gaze in degrees (0)
  --outliers SHARE     of the gazes are random (0)
  --shots N            flashes of Multi-PIE, at most 20 (4)
  --size WxH           make multipie: 160x120; check eyes: 40x24, heads: 36x27
  --steps N            check: of training; eyes: 22000, heads: 6000
`;

/** Resolves to 0, to 1 if something is wrong with the data, and to 2 for a wrong command line. */
export async function main(argv: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const controller = new AbortController();
  const stop = () => controller.abort(new UserError('stopped'));
  process.once('SIGINT', stop);
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { positionals, values } = readArguments(argv, {
      help: flag,
      all: flag,
      load: flag,
      ...tableArguments,
      ...madeOptions,
    });
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) {
      stdout.write(HELP);
      return 0;
    }
    const { all, load, ...others } = values;
    const { writing, made } = apart(others);
    const options = { values: made, signal: controller.signal, out: stdout, progress: stderr };
    if (command !== 'inspect' && (all || load))
      throw new UserError(`${command} has no option --${all ? 'all' : 'load'}; inspect has it`);
    // Loaded when they are wanted: they bring the engine with them.
    if (command === 'check') {
      const { check } = await import('./check-command.ts');
      return (await check(rest, options)) ? 0 : 1;
    }
    if (command === 'make') {
      const { make } = await import('./make-command.ts');
      await make(rest, options);
      return 0;
    }
    if (command === 'sheet') {
      const { sheet } = await import('./sheet.ts');
      await sheet(rest, options);
      return 0;
    }
    if (command !== 'inspect')
      throw new UserError(`unknown command '${command}'; there are inspect, make, check and sheet`);
    wantOnly(made, [], 'inspect');
    const [path] = rest;
    if (path === undefined || rest.length > 1)
      throw new UserError(`inspect wants one path, got ${rest.length}`);
    const problems = await inspect(path, {
      all,
      load,
      writing,
      signal: controller.signal,
      out: stdout,
      progress: stderr,
    });
    return problems > 0 ? 1 : 0;
  } catch (error) {
    stderr.write(`data: ${lineOf(error)}\n`);
    return controller.signal.aborted ? 130 : exitCodeOf(error);
  } finally {
    process.off('SIGINT', stop);
  }
}

/** The arguments about tables, and the others. */
function apart<T extends Parameters<typeof tableWriting>[0]>(values: T) {
  const { header, delimiter, decimal, thousands, 'skip-lines': skip, encoding, ...more } = values;
  const { 'missing-values': missing, ...made } = more;
  const given = {
    header,
    delimiter,
    decimal,
    thousands,
    'skip-lines': skip,
    encoding,
    'missing-values': missing,
  };
  return { writing: tableWriting(given), made };
}
