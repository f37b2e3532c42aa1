/** Made data sets: what the readers give back is what was rendered, to the last bit; nothing is overwritten. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectEyes } from '../../datasets/images/eyes.ts';
import { mpiigaze } from '../../datasets/images/mpiigaze.ts';
import { multipie } from '../../datasets/images/multipie.ts';
import { decodeGreyPng } from '../../datasets/png.ts';
import { renderedEyes } from '../../datasets/images/rendered-eyes.ts';
import { renderedHeads } from '../../datasets/images/rendered-heads.ts';
import { main } from '../../tools/data/data.ts';
import { randomOf, writeDataset } from '../../tools/data/make.ts';
import { mpiigazeFiles } from '../../tools/data/make-mpiigaze.ts';
import { multipieFiles } from '../../tools/data/make-multipie.ts';
import { openFolder } from '../../study/read/node-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-made-'));
});
afterAll(() => rm(root, { recursive: true }));

const quiet = () => ({ signal: new AbortController().signal, progress: { write: () => true } });
const eyesOf = { seed: 3, persons: 2, days: 3, patches: 10, annotationError: 2, outlierShare: 0.3 };

test('MPIIGaze there and back', async () => {
  const folder = join(root, 'eyes');
  expect(await writeDataset(folder, mpiigazeFiles(eyesOf), quiet())).toBe(2 * (3 + 1));
  const read = await collectEyes(mpiigaze(openFolder(folder)));
  const { patches, persons, annotationError, outlierShare } = eyesOf;
  const labels = { annotationError, outlierShare };
  const made = renderedEyes(randomOf(3), { persons, patchesPerPerson: patches, ...labels });
  expect(read.people).toEqual(['p00', 'p01']);
  expect([...read.subjects]).toEqual([...made.person]);
  expect(read.images).toEqual(made.pixels);
  for (const [got, wanted] of [
    [read.gaze, made.gaze],
    [read.pose, made.head],
  ] as const) {
    expect(got.length).toBe(wanted.length);
    // Angles go through float64 vectors and back: not more than a rounding of float32.
    for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThan(6e-8);
  }
});

test('days share the photographs evenly, also those with one', async () => {
  const sizes: number[] = [];
  for await (const { path, bytes } of mpiigazeFiles({ ...eyesOf, persons: 1, days: 4, patches: 10 }))
    if (path.endsWith('.txt')) {
      const days = String(bytes).split('\n').slice(0, -1);
      for (let day = 1; day <= 4; day++)
        sizes.push(days.filter((line) => line.startsWith(`day0${day}/`)).length);
    }
  expect(sizes).toEqual([2, 2, 2, 4]);
});

test('Multi-PIE there and back', async () => {
  const folder = join(root, 'heads');
  const files = multipieFiles({ seed: 5, persons: 2, shots: 2, height: 12, width: 16 });
  expect(await writeDataset(folder, files, quiet())).toBe(2 * 13 * 2);
  const made = renderedHeads(randomOf(5), { subjects: 2, shots: [0, 1], height: 12, width: 16 });
  let count = 0;
  for await (const { subject, camera, shot, yaw, image } of multipie(openFolder(folder), {
    decode: decodeGreyPng,
  })) {
    expect(camera).toMatch(/^\d\d_\d$/);
    const row = (subject - 1) * 26 + ((yaw + 90) / 15) * 2 + shot;
    expect(image.values).toEqual(made.pixels.slice(row * 192, (row + 1) * 192));
    expect(made.yaw[row]! * (180 / Math.PI)).toBeCloseTo(yaw, 4);
    count++;
  }
  expect(count).toBe(made.rows);
});

test('a folder that holds something is left as it is, and a stop says what is there', async () => {
  await writeFile(join(root, 'mine'), 'mine');
  await expect(writeDataset(root, mpiigazeFiles(eyesOf), quiet())).rejects.toThrow('is not empty');
  await expect(writeDataset(join(root, 'mine'), mpiigazeFiles(eyesOf), quiet())).rejects.toThrow(
    'cannot write to',
  );
  const controller = new AbortController();
  const folder = join(root, 'stopped');
  const progress = { write: () => true };
  async function* stopping() {
    for await (const file of mpiigazeFiles(eyesOf)) {
      yield file;
      controller.abort();
    }
  }
  const writing = writeDataset(folder, stopping(), { signal: controller.signal, progress });
  await expect(writing).rejects.toThrow('holds the 1 files that were finished');
  expect(await readdir(join(folder, 'Data/Normalized/p00'))).toEqual(['day01.mat']);
});

test.each([
  [['make', 'mpiigaze'], 'make wants mpiigaze or multipie, and a folder'],
  [['make', 'imagenet', 'x'], "got 'imagenet'"],
  [['make', 'mpiigaze', 'x', '--patches', '7'], '--patches wants an even number of at least 4'],
  [['make', 'mpiigaze', 'x', '--persons', '0'], '--persons wants an integer of at least 1'],
  [['make', 'mpiigaze', 'x', '--outliers', '2'], '--outliers wants a number from 0 to 1'],
  [['make', 'multipie', 'x', '--size', '10'], '--size wants WIDTHxHEIGHT'],
  [['make', 'multipie', 'x', '--days', '2'], 'make multipie has no option --days'],
  [['make', 'multipie', 'x', '--all'], 'make has no option --all'],
  [['inspect', 'x', '--seed', '1'], 'inspect has no option --seed'],
  [['check', 'ears'], 'check wants eyes or heads'],
  [['check', 'eyes', '--persons', '10001'], '--persons wants at most 10000, got 10001'],
  [['check', 'heads', '--patches', '2'], 'check heads has no option --patches'],
  [['check', 'heads', '--size', 'large'], '--size wants WIDTHxHEIGHT'],
  [['sheet', 'eyes'], 'sheet wants eyes or heads, and a file'],
])('a wrong command line: %j', async (argv, words) => {
  const { write } = process.stderr;
  let said = '';
  process.stderr.write = ((text: string) => (said += text) !== '') as typeof write;
  try {
    expect(await main(argv)).toBe(2);
  } finally {
    process.stderr.write = write;
  }
  expect(said).toContain(words);
});
