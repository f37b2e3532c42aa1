/** `npm run data -- make mpiigaze|multipie FOLDER`. */
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import type { TextStream } from '../../cli/progress-line.ts';
import { type MadeFile, writeDataset } from './make.ts';
import { mpiigazeFiles } from './make-mpiigaze.ts';
import { multipieFiles } from './make-multipie.ts';
import { integerOf, type MadeOptions, shareOf, sizeOf, wantOnly } from './made-options.ts';

export interface MakeCommandOptions {
  readonly values: MadeOptions;
  readonly signal: AbortSignal;
  readonly out: TextStream;
  readonly progress: TextStream;
}

export async function make(
  positionals: readonly string[],
  { values, signal, out, progress }: MakeCommandOptions,
): Promise<void> {
  const [layout, folder, ...rest] = positionals;
  if (layout === undefined || folder === undefined || rest.length > 0)
    throw new UserError(`make wants mpiigaze or multipie, and a folder; got '${positionals.join(' ')}'`);
  const count = await writeDataset(folder, filesOf(layout, values), { signal, progress });
  out.write(`${folder}: ${formatCount(count)} files; npm run data -- inspect ${folder}\n`);
}

function filesOf(layout: string, values: MadeOptions): AsyncGenerator<MadeFile> {
  const seed = integerOf(values, 'seed', { missing: 0, least: 0 });
  if (layout === 'mpiigaze') {
    wantOnly(values, ['seed', 'persons', 'days', 'patches', 'annotation-error', 'outliers'], 'make mpiigaze');
    const [persons, days] = [
      integerOf(values, 'persons', { missing: 3 }),
      integerOf(values, 'days', { missing: 2 }),
    ];
    const patches = integerOf(values, 'patches', { missing: 100 });
    if (patches % 2 !== 0 || patches < 2 * days)
      throw new UserError(
        `--patches wants an even number of at least ${2 * days}, two a day; got ${patches}`,
      );
    if (persons > 100 || days > 99)
      throw new UserError(`wants at most 100 persons and 99 days, got ${persons} and ${days}`);
    const [annotationError, outlierShare] = [
      shareOf(values, 'annotation-error', 30),
      shareOf(values, 'outliers', 1),
    ];
    return mpiigazeFiles({ seed, persons, days, patches, annotationError, outlierShare });
  }
  if (layout === 'multipie') {
    wantOnly(values, ['seed', 'persons', 'shots', 'size'], 'make multipie');
    const [persons, shots] = [
      integerOf(values, 'persons', { missing: 3 }),
      integerOf(values, 'shots', { missing: 4 }),
    ];
    if (persons > 346 || shots > 20)
      throw new UserError(`wants at most 346 persons and 20 shots, got ${persons} and ${shots}`);
    return multipieFiles({ seed, persons, shots, ...sizeOf(values, '160x120') });
  }
  throw new UserError(`make knows the layouts mpiigaze and multipie, got '${layout}'`);
}
