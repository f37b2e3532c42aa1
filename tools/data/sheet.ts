/** A PNG of many generated pictures, with an arrow where an eye looks: to see what they are like. */
import { writeFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import { gazeDirection } from '../../datasets/images/angles.ts';
import { renderedEyes } from '../../datasets/images/rendered-eyes.ts';
import { renderedHeads } from '../../datasets/images/rendered-heads.ts';
import { UserError } from '../../base/errors.ts';
import type { TextStream } from '../../cli/progress-line.ts';
import { randomOf } from './make.ts';
import { integerOf, type MadeOptions, wantOnly } from './made-options.ts';

const ZOOM = 3;
const GAP = 4;
/** Pixels of an arrow for a gaze across the picture's plane. */
const ARROW = 50 * ZOOM;
const ARROW_COLOUR = [255, 70, 0] as const;

interface Sheet {
  rows: number;
  height: number;
  width: number;
  pixels: Uint8Array;
  /** A column a person. */
  columns: number;
  /** From the picture's middle, in its own pixels. */
  arrowOf?(row: number): readonly [x: number, y: number];
}

/** `npm run data -- sheet eyes|heads FILE`. A file that is there already is not overwritten. */
export async function sheet(
  positionals: readonly string[],
  { values, out }: { values: MadeOptions; out: TextStream },
): Promise<void> {
  const [kind, file, ...rest] = positionals;
  if ((kind !== 'eyes' && kind !== 'heads') || file === undefined || rest.length > 0)
    throw new UserError(`sheet wants eyes or heads, and a file; got '${positionals.join(' ')}'`);
  wantOnly(values, ['seed'], 'sheet');
  const seed = integerOf(values, 'seed', { missing: 0, least: 0 });
  await writeFile(file, pngOf(kind === 'eyes' ? eyeSheet(seed) : headSheet(seed)), { flag: 'wx' });
  out.write(`wrote ${file}\n`);
}

/** Ten persons by column, six patches each. */
function eyeSheet(seed: number): Sheet {
  const eyes = renderedEyes(randomOf(seed), { persons: 10, patchesPerPerson: 6 });
  return {
    ...eyes,
    columns: 10,
    arrowOf(row) {
      const [x, y] = gazeDirection(eyes.gaze[2 * row]!, eyes.gaze[2 * row + 1]!);
      return [x, y];
    },
  };
}

/** Seven subjects by column, under another flash each, from 13 cameras. */
function headSheet(seed: number): Sheet {
  const [subjects, shots] = [7, [0, 1, 4, 9, 12, 15, 18]];
  const each = shots.map((shot, subject) =>
    renderedHeads(randomOf(seed), { firstSubject: subject, subjects: 1, shots: [shot] }),
  );
  const { height, width, rows } = each[0]!;
  const pixels = new Uint8Array(subjects * rows * height * width);
  for (const [i, heads] of each.entries()) pixels.set(heads.pixels, i * rows * height * width);
  return { rows: rows * subjects, height, width, pixels, columns: subjects };
}

function pngOf({ rows, height, width, pixels, columns, arrowOf }: Sheet): Uint8Array {
  const [across, down] = [width * ZOOM + GAP, height * ZOOM + GAP];
  const each = rows / columns;
  const size = { width: columns * across, height: each * down };
  const data = new Uint8Array(size.width * size.height * 3).fill(255);
  const set = (x: number, y: number, colour: readonly number[]) => data.set(colour, 3 * (y * size.width + x));
  for (let row = 0; row < rows; row++) {
    const [left, top] = [Math.floor(row / each) * across, (row % each) * down];
    for (let y = 0; y < height * ZOOM; y++)
      for (let x = 0; x < width * ZOOM; x++) {
        const grey = pixels[(row * height + Math.floor(y / ZOOM)) * width + Math.floor(x / ZOOM)]!;
        set(left + x, top + y, [grey, grey, grey]);
      }
    const arrow = arrowOf?.(row);
    for (let k = 0; arrow && k < ARROW; k++) {
      const x = Math.round((width * ZOOM) / 2 + arrow[0] * k);
      const y = Math.round((height * ZOOM) / 2 + arrow[1] * k);
      if (x >= 0 && y >= 0 && x < width * ZOOM && y < height * ZOOM) set(left + x, top + y, ARROW_COLOUR);
    }
  }
  return encode({ ...size, data, channels: 3 });
}
