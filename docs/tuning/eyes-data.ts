/**
 * Rendered eyes for eyes.py, with the library's own renderer, as .npy files:
 * `node --import tsx docs/tuning/eyes-data.ts FOLDER WIDTHxHEIGHT PERSONSxPATCHES SEED…`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy } from '../../datasets/npy/npy.ts';
import { renderedEyes, type RenderedEyesOptions } from '../../datasets/images/rendered-eyes.ts';
import { randomOf } from '../../tools/data/make.ts';

/** Degrees. */
const LEVELS = [0, 2, 4, 8];
const OUTLIER_SHARE = 0.1;
const TEST_PERSONS = { firstPerson: 20_000, persons: 500, patchesPerPerson: 2 };

const [folder, size, counts, ...seeds] = process.argv.slice(2);
if (!folder || !size || !counts || seeds.length === 0)
  throw new Error('wants FOLDER WIDTHxHEIGHT PERSONSxPATCHES SEED…');
const [width, height] = size.split('x').map(Number);
const [persons, patchesPerPerson] = counts.split('x').map(Number);

for (const seed of seeds.map(Number)) {
  const started = performance.now();
  const path = join(folder, String(seed));
  await mkdir(path, { recursive: true });
  const save = (name: string, shape: readonly number[], values: Uint8Array | Float32Array) =>
    writeFile(join(path, `${name}.npy`), encodeNpy({ shape, values }));
  const parts = { train: { persons, patchesPerPerson }, test: TEST_PERSONS };
  for (const [part, options] of Object.entries(parts)) {
    const eyes = renderedEyes(randomOf(seed), { ...options, height, width, outlierShare: OUTLIER_SHARE });
    const { rows, pixels, trueGaze, head, outlier } = eyes;
    await save(`${part}-pixels`, [rows, eyes.height, eyes.width], pixels);
    await save(`${part}-truth`, [rows, 2], trueGaze);
    await save(`${part}-head`, [rows, 2], head);
    await save(`${part}-outlier`, [rows], outlier);
  }
  for (const level of LEVELS)
    await save(`train-label-${level}`, [persons! * patchesPerPerson!, 2], labels(level));
  process.stderr.write(`seed ${seed}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);

  /** Labels do not depend on the size of the picture: a single pixel will do. */
  function labels(annotationError: number): Float32Array {
    const options: RenderedEyesOptions = { persons, patchesPerPerson, height: 1, width: 1, samples: 1 };
    return renderedEyes(randomOf(seed), { ...options, annotationError, outlierShare: OUTLIER_SHARE }).gaze;
  }
}
