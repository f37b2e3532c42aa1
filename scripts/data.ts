/** The command `data`: what a file or folder of data holds, and what is wrong with it. */
import { exitCodeOf, lineOf, UserError } from '../train/errors.ts';
import { readArguments } from '../train/read-arguments.ts';
import { inspect } from './inspect.ts';

const HELP = `data: files and folders of data sets

  npm run data -- inspect PATH [options]   what PATH holds, and a line for each thing that is wrong with it:
                                           .mat, .h5, .npy, .npz, .safetensors, .png, .csv and other tables,
                                           the folders of MPIIGaze and Multi-PIE

  --all      of MPIIGaze all eyes instead of the evaluation subset
  --load     keeps all eyes in memory, as training does, and says how much memory that took
`;

/** Resolves to 0, to 1 if something is wrong with the data, and to 2 for a wrong command line. */
export async function main(argv: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const controller = new AbortController();
  const stop = () => controller.abort(new UserError('stopped'));
  process.once('SIGINT', stop);
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { positionals, values } = readArguments(argv, { help: flag, all: flag, load: flag });
    const [command, path, ...rest] = positionals;
    if (values.help || command === undefined) {
      stdout.write(HELP);
      return 0;
    }
    if (command !== 'inspect') throw new UserError(`unknown command '${command}'; there is inspect`);
    if (path === undefined || rest.length > 0)
      throw new UserError(`inspect wants one path, got ${positionals.length - 1}`);
    const { all, load } = values;
    const problems = await inspect(path, {
      all,
      load,
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
