/** What a file of data holds: its first bytes or its name say of which kind; that kind's reader alone is loaded. */
import type { MatValue } from '../../datasets/mat/mat-value.ts';
import type { NpyArray } from '../../datasets/npy/npy.ts';
import { decodeSafetensors, SafetensorsError } from '../../engine/files/safetensors.ts';
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { gunzipped, isGzip, refuseOthers } from '../../study/read/file-kind.ts';
import type { Inspection } from './inspection.ts';
import { describeText } from './inspect-table.ts';

interface Kind {
  readonly name: string;
  readonly isIt: (bytes: Uint8Array, path: string) => boolean;
  readonly describe: (bytes: Uint8Array, inspection: Inspection) => Promise<void>;
}

/** JavaScript's strings are not longer. */
const MOST_UNPACKED = 500_000_000;

const startsWith = (bytes: Uint8Array, text: string) =>
  Array.from(text).every((character, i) => bytes[i] === character.charCodeAt(0));

const kinds: readonly Kind[] = [
  {
    name: 'HDF5',
    isIt: (bytes) => [0, 512].some((at) => startsWith(bytes.subarray(at), '\x89HDF\r\n\x1a\n')),
    describe: h5,
  },
  { name: 'MAT', isIt: (bytes, path) => startsWith(bytes, 'MATLAB') || path.endsWith('.mat'), describe: mat },
  {
    name: 'npy',
    isIt: (bytes, path) => startsWith(bytes, '\x93NUMPY') || path.endsWith('.npy'),
    describe: npy,
  },
  {
    name: 'archive',
    isIt: (bytes, path) => startsWith(bytes, 'PK') && !path.endsWith('.npz'),
    describe: archive,
  },
  { name: 'npz', isIt: (bytes, path) => startsWith(bytes, 'PK') || path.endsWith('.npz'), describe: npz },
  {
    name: 'PNG',
    isIt: (bytes, path) => startsWith(bytes, '\x89PNG') || path.endsWith('.png'),
    describe: png,
  },
  {
    name: 'Parquet',
    isIt: (bytes, path) => startsWith(bytes, 'PAR1') || path.endsWith('.parquet'),
    describe: parquet,
  },
  { name: 'gzip', isIt: isGzip, describe: gzip },
  { name: 'safetensors', isIt: (_, path) => path.endsWith('.safetensors'), describe: safetensors },
  { name: 'table', isIt: isText, describe: describeText },
];

export async function describeFile(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  const { path, say, complain } = inspection;
  const kind = kinds.find(({ isIt }) => isIt(bytes, path));
  if (!kind) return complain(`${path} is none of ${kinds.map(({ name }) => name).join(', ')}`);
  say(`${path}: ${kind.name}, ${formatCount(bytes.length)} bytes`);
  return kind.describe(bytes, inspection);
}

/** UTF-16 has zero bytes, and its mark or a word of the user's. */
function isText(bytes: Uint8Array): boolean {
  return (
    !bytes.subarray(0, 4096).includes(0) || startsWith(bytes, '\xff\xfe') || startsWith(bytes, '\xfe\xff')
  );
}

/** What is in it: a table as a rule. */
async function gzip(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  const { path, signal } = inspection;
  const unpacked = await gunzipped(bytes, path, { most: MOST_UNPACKED, signal });
  return describeFile(new Uint8Array(unpacked), { ...inspection, path: path.replace(/\.gz$/, '') });
}

/** Of NumPy's arrays what they are; of others what they are called. */
async function archive(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  try {
    refuseOthers(bytes, inspection.path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (!error.message.includes('(.npz)')) return inspection.complain(error.message);
  }
  return npz(bytes, inspection);
}

async function parquet(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  const { describeParquet } = await import('./inspect-parquet.ts');
  return describeParquet(bytes, inspection);
}

async function mat(bytes: Uint8Array, { path, say }: Inspection): Promise<void> {
  const { readMat } = await import('../../datasets/mat/mat.ts');
  const { describeMat } = await import('../../datasets/mat/mat-value.ts');
  const { header, littleEndian, variables } = await readMat(bytes, { where: path });
  say(`  ${header}; ${littleEndian ? 'little' : 'big'}-endian`);

  /** A struct's fields too, to two levels. */
  const sayValue = (name: string, value: MatValue, depth = 0): void => {
    say(`  ${name}: ${describeMat(value)}`);
    if (value.kind !== 'struct' || depth > 1) return;
    for (const [field, [first]] of value.fields) if (first) sayValue(`${name}.${field}`, first, depth + 1);
  };
  for (const [name, value] of variables) sayValue(name, value);
}

async function npy(bytes: Uint8Array, { path, say }: Inspection): Promise<void> {
  const { decodeNpy } = await import('../../datasets/npy/npy.ts');
  say(`  ${describeArray(decodeNpy(bytes, { where: path }))}`);
}

async function npz(bytes: Uint8Array, { path, say }: Inspection): Promise<void> {
  const { decodeNpz } = await import('../../datasets/npy/npz.ts');
  for (const [name, array] of await decodeNpz(bytes, { where: path }))
    say(`  ${name}: ${describeArray(array)}`);
}

function describeArray({ dtype, shape, fortranOrder }: NpyArray): string {
  return `${dtype} [${shape.join('×')}]${fortranOrder ? ', in Fortran order' : ''}`;
}

async function png(bytes: Uint8Array, { path, say }: Inspection): Promise<void> {
  const { decodeGreyPng } = await import('../../datasets/png.ts');
  const { width, height } = decodeGreyPng(bytes, { where: path });
  say(`  ${width}×${height} pixels`);
}

async function safetensors(bytes: Uint8Array, { path, say, complain }: Inspection): Promise<void> {
  try {
    for (const [name, { dtype, shape }] of decodeSafetensors(bytes).tensors)
      say(`  ${name}: ${dtype} [${shape.join('×')}]`);
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    complain(`${path}: ${error.message}`);
  }
}

async function h5(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  const { path, say } = inspection;
  const { mpiigazeH5, openH5 } = await import('../../datasets/h5.ts');
  const { describeEyes } = await import('./inspect-eyes.ts');
  const file = await openH5(bytes, { where: path });
  try {
    const names = file.keys('');
    say(`  holds ${names.join(', ') || 'nothing'}`);
    if (names.some((name) => /^p\d\d$/.test(name)))
      await describeEyes('MPIIGaze.h5', (options) => mpiigazeH5(file, options), inspection);
  } finally {
    file.close();
  }
}
