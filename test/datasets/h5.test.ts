/** HDF5 through h5wasm: MPIIGaze.h5 as h5py writes it, and what is wrong with a file. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { collectEyes } from '../../datasets/images/eyes.ts';
import { H5Error, mpiigazeH5, openH5 } from '../../datasets/h5.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/h5/${name}`, import.meta.url)));

test('MPIIGaze.h5, plain and compressed groups', async () => {
  const file = await openH5(fixture('mpiigaze.h5'), { where: 'mpiigaze.h5' });
  const samples = await collectEyes(mpiigazeH5(file));
  expect(samples).toMatchObject({
    count: 6,
    people: ['p00', 'p14'],
    subjects: Uint16Array.of(0, 0, 0, 1, 1, 1),
  });
  const pixels = Array.from({ length: 6480 }, (_, i) => i);
  expect([...samples.images]).toEqual([...pixels.map((i) => i % 251), ...pixels.map((i) => (i * 2) % 251)]);
  expect(samples.pose.subarray(0, 6)).toEqual(Float32Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5));
  expect(samples.gaze.subarray(6)).toEqual(Float32Array.of(-0, -0.1, -0.2, -0.3, -0.4, -0.5));
  const one = await collectEyes(mpiigazeH5(file, { people: ['p14'] }));
  expect(one.count).toBe(3);
  await expect(collectEyes(mpiigazeH5(file, { people: ['p05'] }))).rejects.toThrow(H5Error);
  file.close();
});

test('what is wrong says so', async () => {
  const notOne = await openH5(new Uint8Array(100), { where: 'x.h5' }).catch((error: unknown) => error);
  expect(notOne).toBeInstanceOf(H5Error);
  expect((notOne as Error).message).toMatch(/^x\.h5, byte 0: the file cannot be read \(/);
  const cut = await openH5(fixture('mpiigaze.h5').subarray(0, 9000), { where: 'x.h5' }).catch(
    (error: unknown) => error,
  );
  expect(cut).toBeInstanceOf(H5Error);

  const file = await openH5(fixture('wrong.h5'), { where: 'wrong.h5' });
  const wrong = await collectEyes(mpiigazeH5(file)).catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(DatasetError);
  expect((wrong as Error).message).toBe('wrong.h5: p00/image wants uint8 [n×36×60], got uint8 [2×60×36]');
  expect(() => file.read('text')).toThrow('text wants an array of numbers');
  expect(() => file.read('p00')).toThrow('wants a data set p00, got Group');
  expect(() => file.keys('p00/image')).toThrow('wants a group p00/image, got Dataset');
  file.close();
});
