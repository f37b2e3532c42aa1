/** The command `data`: what it says of files and folders, and its exit codes. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { inspect } from '../scripts/inspect.ts';
import { matFixture } from './fuzz/damaged-mat.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function look(path: string, options = {}) {
  let text = '';
  const signal = new AbortController().signal;
  const out = { write: (part: string) => (text += part) };
  const progress = { write: () => undefined };
  const problems = await inspect(path, { all: false, load: false, signal, out, progress, ...options });
  return { problems, text: text.replaceAll(path, 'PATH') };
}

test('files of every kind', async () => {
  expect((await look(fixture('mat/scipy-day-3.mat'))).text).toContain('  data.left.image: uint8 [3×36×60]\n');
  expect((await look(fixture('npy/fortran.npy'))).text).toContain(
    '  >i4 [2×3], in Fortran order\nnothing is wrong\n',
  );
  expect((await look(fixture('npy/packed.npz'))).text).toContain('  empty: <f4 [0×3]\n');
  expect((await look(fixture('h5/mpiigaze.h5'))).text).toContain('MPIIGaze.h5: 6 eyes of 2 people\n');
  const csv = join(folder, 'a.csv');
  writeFileSync(csv, 'a,b\n1,2\n3,x\n,4\n');
  expect(await look(csv)).toMatchObject({
    problems: 2,
    text: expect.stringContaining('  wrong: PATH, line 3, column 2: '),
  });
  const [cut, zeros] = [join(folder, 'cut.safetensors'), join(folder, 'zeros.bin')];
  for (const path of [cut, zeros]) writeFileSync(path, new Uint8Array(4));
  expect((await look(cut)).text).toContain('wrong: PATH: safetensors: a file has at least 8 bytes');
  expect((await look(zeros)).text).toContain('wrong: PATH is none of HDF5, MAT, npy');
  expect((await look(fixture('npy/objects.npy'))).problems).toBe(1);
  await expect(look(join(folder, 'nobody'))).rejects.toThrow('no such file');
});

test('a folder of MPIIGaze with one bad day', async () => {
  const root = join(folder, 'MPIIGaze');
  const lists = join(root, 'Evaluation Subset/sample list for eye image');
  mkdirSync(join(root, 'Data/Normalized/p00'), { recursive: true });
  mkdirSync(lists, { recursive: true });
  writeFileSync(join(root, 'Data/Normalized/p00/day01.mat'), matFixture('scipy-day-3.mat'));
  writeFileSync(join(root, 'Data/Normalized/p00/day02.mat'), 'broken');
  writeFileSync(join(lists, 'p00.txt'), 'day01/0001.jpg left\nday01/0002.jpg right\nday02/0001.jpg left\n');
  const { problems, text } = await look(root, { load: true });
  expect(problems).toBe(1);
  expect(text).toContain(
    '  wrong: Data/Normalized/p00/day02.mat, byte 0: wants a header of 128 bytes, the file has 6',
  );
  expect(text).toContain('  MPIIGaze: 2 eyes of 1 people\n');
  expect(text).toMatch(/4.320 pixels kept; peak memory of the process \d+ MiB/);
  expect((await look(root, { all: true })).text).toContain('  MPIIGaze: 6 eyes of 1 people\n');
  expect((await look(folder)).problems).toBe(1);
});
