/** The report of a study of images: every picture and arrow, errors by person and angle, words, and odd data. */

import { expect, test } from 'vitest';
import { decodeGreyPng } from '../../datasets/png.ts';
import { greyPng } from '../../report/grey-png.ts';
import { renderReport } from '../../report/report.ts';
import type { SeedResult, ShownImage, StudyConfig } from '../../study/results.ts';
import { eyesConfig, type FakeImages, fakeImageSeed, headsConfig, imageSummary } from '../fake-images.ts';

const small: FakeImages = { persons: 4, each: 20, width: 20, height: 12 };
const methods = ['teacher', ...eyesConfig.methods];
const eyes = [0, 1].map((seed) => fakeImageSeed(eyesConfig, seed, small));

const render = (list: readonly SeedResult[] = eyes, config: StudyConfig = eyesConfig) =>
  renderReport(config, imageSummary(config, list), list);

const found = (html: string, pattern: RegExp) => html.match(pattern)?.[0];
const count = (html: string, pattern: RegExp) => html.match(pattern)?.length ?? 0;
const shownBy = (list: readonly SeedResult[]) => list.flatMap(({ images }) => images!.shown);

/** A seed whose pictures alone are others. */
function withShown(seed: SeedResult, shown: readonly ShownImage[]): SeedResult {
  return { ...seed, images: { ...seed.images!, shown } };
}

test('PNGs hold the pixels, also of more than one stored block', () => {
  for (const [width, height] of [
    [1, 1],
    [60, 36],
    [400, 300],
  ] as const) {
    const values = Uint8Array.from({ length: width * height }, (_, i) => (i * 31) % 256);
    const image = decodeGreyPng(greyPng({ width, height, values }), { where: 'here' });
    expect(image.width).toBe(width);
    expect(Buffer.compare(image.values, values)).toBe(0);
  }
});

test('every picture is there with the pixels it has, with arrows of truth, label and each method', () => {
  const html = render();
  const all = shownBy(eyes);
  expect(count(html, /<svg class="gaze"/g)).toBe(all.length);
  const labelled = all.filter(({ part }) => part === 'train').length;
  for (let i = 0; i < methods.length + 2; i++)
    expect(count(html, new RegExp(`<g class="gaze-${i}">`, 'g'))).toBe(i === 1 ? labelled : all.length);
  const pictures = [...html.matchAll(/data:image\/png;base64,([^"]*)"/g)].map(([, text]) => text!);
  const test = eyes[0]!.images!.shown.filter(({ part }) => part === 'test');
  const first = eyes[0]!.images!.shown.length - test.length;
  const decoded = decodeGreyPng(Buffer.from(pictures[first]!, 'base64'), { where: 'the page' });
  expect(Buffer.compare(decoded.values, test[0]!.pixels)).toBe(0);
});

test('arrows point where the gaze does: up is up, and positive yaw is to the left', () => {
  const [image] = shownBy(eyes);
  const one = { ...image!, truth: [30, 0], label: [0, 30], predicted: { teacher: [0, 0] } };
  const html = render([withShown(eyes[0]!, [one])]);
  // A picture is 120 units wide, so 20 × 12 pixels have their middle at (60, 36); sin 30° is half a width.
  expect(found(html, /class="truth" d="M60 36L60 -24/)).toBeDefined();
  expect(found(html, /class="given" d="M60 36L0 36/)).toBeDefined();
  expect(found(html, /class="m0" d="M60 36h0"/)).toBeDefined();
});

test('of a single yaw there is a dial: positive yaw is to the right, as the nose is', () => {
  const heads = [fakeImageSeed(headsConfig, 0, { persons: 2, width: 16, height: 12 })];
  const [image] = shownBy(heads);
  const one = { ...image!, truth: [90], label: [0], predicted: {} };
  const html = render([withShown(heads[0]!, [one])], headsConfig);
  expect(count(html, /class="dial"/g)).toBe(1);
  expect(found(html, /class="truth" d="M60 96L110 96/)).toBeDefined();
  expect(found(html, /class="given" d="M60 96L60 146/)).toBeDefined();
  expect(found(render(heads, headsConfig), /NaN|Infinity|undefined/)).toBeUndefined();
});

test('rejected labels come by residual, with whether they were wrong', () => {
  const html = render([eyes[0]!]);
  const rejected = eyes[0]!.images!.shown.filter(({ isRejected }) => isRejected);
  const [, figure] = /Rejected training labels<\/h3>([^]*?)<\/figure>/.exec(html)!;
  const residuals = [...figure!.matchAll(/<span>(\S+)°<\/span>/g)].map(([, text]) => Number(text));
  const sorted = rejected.map(({ residual }) => Number(residual!.toFixed(1))).toSorted((a, b) => b - a);
  expect(residuals).toEqual(sorted);
  expect(count(figure!, /<p>(rightly|wrongly): label /g)).toBe(rejected.length);
  expect(figure).toContain(`of these ${rejected.length}`);
  const unknown = rejected.map((image) => ({ ...image, truth: null }));
  expect(
    found(render([withShown(eyes[0]!, unknown)]), /(rightly|wrongly): |class="truth" d="M60/),
  ).toBeUndefined();
});

test('it speaks of angles in degrees, from the mean of which the table of persons is made', () => {
  const html = render();
  expect(found(html, /test RMSE (to|by|against)|RMSE minus|test RMSE \(log\)/)).toBeUndefined();
  expect(html).toContain('test angular error to the true gaze (°)</text>');
  expect(html).toContain('test angular error (°, log)</text>');
  const { results, images } = eyes[1]!;
  const tor = results.find(({ method }) => method === 'tor')!;
  const errors = [...tor.angularErrors!].filter((_, row) => images!.test.person[row] === 2);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const [row] = /<th scope="row">1: p02<\/th>.*/.exec(html)!;
  const cells = [...row.matchAll(/<td class="number">([^<]*)/g)].map(([, text]) => text);
  expect(cells[0]).toBe('20');
  expect(cells[1 + methods.indexOf('tor')]).toBe(`${mean.toFixed(2)}°`);
});

test('names of people are escaped, ids unique, and nothing comes from a network', () => {
  const evil = '<img src=x onerror="y">&';
  const { images, ...rest } = eyes[0]!;
  const shown = images!.shown.map((image) => ({ ...image, person: evil }));
  const html = render([{ ...rest, images: { ...images!, shown, people: [evil, 'b', 'c', 'd'] } }]);
  expect(found(html, /<img|="y"/)).toBeUndefined();
  expect(html).toContain('<b>&lt;img src=x onerror=&quot;y&quot;&gt;&amp;</b>');
  expect(
    found(html.replaceAll(/data:image[^"]*/g, ''), /https?:|url\(|@import|<script|<link/),
  ).toBeUndefined();
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, names] of html.matchAll(/aria-(?:labelledby|describedby)="([^"]*)"/g))
    for (const name of names!.split(' ')) expect(ids).toContain(name);
});

const broken = (image: ShownImage): ShownImage => ({ ...image, residual: NaN, predicted: { tor: [NaN, 1] } });
const { images: findings, ...bare } = eyes[0]!;
test.each<[string, SeedResult[]]>([
  ['one person', [fakeImageSeed(eyesConfig, 0, { ...small, persons: 1 })]],
  ['a hundred persons', [fakeImageSeed(eyesConfig, 0, { ...small, persons: 100, each: 2 })]],
  ['no pictures', [withShown(eyes[0]!, [])]],
  ['no test rows', [{ ...bare, images: { ...findings!, test: { person: [], truth: [] } } }]],
  ['numbers that are none', [withShown(eyes[0]!, findings!.shown.map(broken))]],
  ['the teacher alone', [{ ...eyes[0]!, results: eyes[0]!.results.slice(0, 1) }]],
  ['a seed that was stopped before its pictures', [eyes[1]!, bare]],
])('%s gives a page without NaN', (_, list) => {
  const html = render(list);
  expect(html).toContain('</html>');
  expect(found(html.replaceAll(/data:image[^"]*/g, ''), /NaN|Infinity|undefined/)).toBeUndefined();
});

test('a hundred persons are dots, a few are rows', () => {
  const many = render([fakeImageSeed(eyesConfig, 0, { ...small, persons: 100, each: 2 })]);
  expect(count(many, /<title>tor, p\d+: /g)).toBe(100);
  expect(many).toContain('Hardest, on average over the methods: p');
  expect(count(render(), /<title>tor, [01]: p\d+: /g)).toBe(8);
  expect(render([fakeImageSeed(eyesConfig, 0, { ...small, persons: 1 })])).toContain('All of them show p00.');
});

test('five seeds of 36 × 60 pixels stay below three megabytes; large pictures are shrunk', () => {
  const list = [0, 1, 2, 3, 4].map((seed) => fakeImageSeed(eyesConfig, seed, { persons: 5, each: 40 }));
  expect(shownBy(list).length).toBe(300);
  expect(render(list).length).toBeLessThan(3e6);
  const pixels = new Uint8Array(640 * 480).fill(77);
  const shown = findings!.shown.map((image) => ({ ...image, pixels }));
  const large = [{ ...bare, images: { ...findings!, width: 640, height: 480, shown } }];
  expect(render(large).length).toBeLessThan(1.5e6);
});
