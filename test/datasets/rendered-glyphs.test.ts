/** Rendered glyphs: the same pixels everywhere, classes that can be told apart as far as is asked for, mistakes of labels. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { GLYPHS, STEPS, walked } from '../../datasets/classes/glyph-shapes.ts';
import {
  renderedGlyphs,
  type RenderedGlyphs,
  type RenderedGlyphsOptions,
} from '../../datasets/classes/rendered-glyphs.ts';
import type { RandomSource } from '../../datasets/dataset.ts';
import { uniformValues } from '../../engine/random.ts';

const random: RandomSource = {
  uniform: (count, call) => uniformValues(count, { seed: 1, call }),
  normal: () => Promise.reject(new Error('not needed')),
};
const size = { height: 12, width: 12 };

test('pixels are what they were, to the last bit; one of many is one alone; in colours', () => {
  const glyphs = renderedGlyphs(random, { rows: 12, ...size });
  expect(createHash('sha256').update(glyphs.pixels).digest('hex').slice(0, 16)).toMatchInlineSnapshot(
    `"a445ffbe885c45d0"`,
  );
  expect([...glyphs.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  expect(glyphs.labels).toEqual(glyphs.truth);
  const one = renderedGlyphs(random, { rows: 1, firstRow: 11, ...size });
  expect(one.pixels).toEqual(glyphs.pixels.slice(-144));
  expect([...one.labels]).toEqual([1]);
  const colours = renderedGlyphs(random, { rows: 3, channels: 3, height: 8, width: 10 });
  expect(colours).toMatchObject({ rows: 3, channels: 3, height: 8, width: 10 });
  const planes = [0, 1, 2].map((plane) => colours.pixels.slice(80 * plane, 80 * (plane + 1)));
  expect(planes[0]).not.toEqual(planes[1]);
});

/** Share of rows that the nearest of the classes' mean images finds. */
function nearestMean(train: RenderedGlyphs, test: RenderedGlyphs): number {
  const count = train.height * train.width;
  const means = train.classes.map((_, label) => {
    const rows = [...train.truth.keys()].filter((row) => train.truth[row] === label);
    return Float64Array.from(
      { length: count },
      (__, i) => rows.reduce((sum, row) => sum + train.pixels[row * count + i]!, 0) / rows.length,
    );
  });
  const found = [...test.truth.keys()].filter((row) => {
    const distances = means.map((mean) =>
      mean.reduce((sum, value, i) => sum + (value - test.pixels[row * count + i]!) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances)) === test.truth[row];
  });
  return found.length / test.rows;
}

test('classes can be told apart, less where hands differ more, and pairs not at all at confusion 1', () => {
  const share = (options: RenderedGlyphsOptions) =>
    nearestMean(
      renderedGlyphs(random, { rows: 300, ...size, ...options }),
      renderedGlyphs(random, { rows: 200, firstRow: 1000, ...size, ...options }),
    );
  const [plain, wild] = [share({}), share({ distortion: 2.5 })];
  expect(plain).toBeGreaterThan(0.7);
  expect(wild).toBeLessThan(plain - 0.1);
  // Of five pairs that are one shape each, half are found by chance.
  const pairs = [
    [0, 6],
    [1, 7],
    [2, 3],
    [4, 9],
    [5, 8],
  ] as const;
  const confused = share({ pairs, confusion: 1, distortion: 0.5 });
  expect(confused).toBeGreaterThan(0.3);
  expect(confused).toBeLessThan(0.7);
});

test('labels are replaced by others in the share asked for; more noise keeps what less replaced', () => {
  const at = (labelNoise: number) => renderedGlyphs(random, { rows: 1000, height: 1, width: 1, labelNoise });
  const wrong = ({ labels, truth }: RenderedGlyphs) =>
    [...labels.keys()].filter((row) => labels[row] !== truth[row]);
  const [some, more, all] = [at(0.15), at(0.4), at(1)];
  expect(wrong(at(0))).toEqual([]);
  // Within four deviations of a share of 1,000.
  expect(Math.abs(wrong(some).length - 150)).toBeLessThan(4 * Math.sqrt(1000 * 0.15 * 0.85));
  expect(wrong(all)).toHaveLength(1000);
  for (const row of wrong(some)) expect(more.labels[row]).toBe(some.labels[row]);
  expect(some.pixels).toEqual(more.pixels);
  // Every other class is met.
  const of = (truth: number) =>
    new Set(
      wrong(all)
        .filter((row) => all.truth[row] === truth)
        .map((row) => all.labels[row]),
    );
  expect(of(3).size).toBe(9);
});

test('a line is walked in equal steps, from end to end', () => {
  expect(GLYPHS).toHaveLength(10);
  const line = walked([
    [0, 0],
    [3, 0],
    [3, 1],
  ]);
  expect(line).toHaveLength(STEPS);
  expect([line[0], line.at(-1)]).toEqual([
    [0, 0],
    [3, 1],
  ]);
  const lengths = line.slice(1).map(([x, y], i) => Math.hypot(x - line[i]![0], y - line[i]![1]));
  // One step goes around the corner.
  expect(lengths.filter((length) => Math.abs(length - 4 / (STEPS - 1)) < 1e-12).length).toBeGreaterThan(
    STEPS - 4,
  );
});

test('what cannot be is an error', () => {
  const refused = (options: object) => expect(() => renderedGlyphs(random, options));
  refused({ rows: 0 }).toThrow('renderedGlyphs: rows must be a whole number of at least 1, got 0');
  refused({ labelNoise: 2 }).toThrow('renderedGlyphs: labelNoise must be');
  refused({ channels: 2 }).toThrow('renderedGlyphs: channels must be 1 or 3, got 2');
  refused({ pairs: [[1, 1]] }).toThrow('pairs are of two classes from 0 to 9, each once');
  refused({
    pairs: [
      [1, 7],
      [7, 2],
    ],
  }).toThrow('each once, got a list [7, 2]');
  refused({ noise: 1 }).toThrow("unknown option 'noise'");
});
