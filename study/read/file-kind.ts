/** What a file is by its first bytes: which are tables, and of others what to do with them. */
import { createGunzip } from 'node:zlib';
import { zipMembers } from '../../datasets/packed/zip.ts';
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';

const starts = (bytes: Uint8Array, text: string, at = 0) =>
  Array.from(text).every((character, i) => bytes[at + i] === character.charCodeAt(0));

interface Foreign {
  readonly is: (bytes: Uint8Array) => boolean;
  readonly what: string;
  readonly cure: string;
}

const asText = 'save it as CSV or Parquet';

const others: readonly Foreign[] = [
  {
    is: (bytes) => starts(bytes, '\x93NUMPY'),
    what: "an array of NumPy's (.npy)",
    cure: `${asText}, such as by numpy.savetxt`,
  },
  {
    is: (bytes) => [0, 512].some((at) => starts(bytes, '\x89HDF\r\n', at)),
    what: 'an HDF5 file',
    cure: `${asText}; of MPIIGaze.h5 say mpiigaze-h5:FILE`,
  },
  {
    is: (bytes) => starts(bytes, 'MATLAB'),
    what: 'a MAT file of MATLAB',
    cure: `${asText}, such as by writematrix`,
  },
  { is: (bytes) => starts(bytes, '\x89PNG'), what: 'a PNG image', cure: 'wants a table' },
  { is: (bytes) => starts(bytes, '\xff\xd8\xff'), what: 'a JPEG image', cure: 'wants a table' },
  { is: (bytes) => starts(bytes, '%PDF'), what: 'a PDF', cure: 'copy its table into a CSV file' },
  {
    is: (bytes) => starts(bytes, 'SQLite format 3\0'),
    what: 'a database of SQLite',
    cure: `${asText}, table by table`,
  },
  { is: (bytes) => starts(bytes, 'ARROW1'), what: 'an Arrow or Feather file', cure: asText },
  { is: (bytes) => starts(bytes, '\xff\xff\xff\xff'), what: 'a stream of Arrow', cure: asText },
  { is: (bytes) => starts(bytes, 'ORC'), what: 'an ORC file', cure: asText },
  { is: (bytes) => starts(bytes, 'Obj\x01'), what: 'an Avro file', cure: asText },
  {
    is: (bytes) => starts(bytes, '\xd0\xcf\x11\xe0'),
    what: "an old workbook of Excel's (.xls), or another document of Office",
    cure: 'save the sheet as CSV',
  },
  {
    is: (bytes) => starts(bytes, '\x80') && bytes[1]! >= 2 && bytes[1]! <= 5,
    what: 'a pickle of Python',
    cure: asText,
  },
  {
    is: (bytes) => starts(bytes, '{\\rtf'),
    what: 'a text of a word processor (RTF)',
    cure: 'save it as CSV',
  },
  ...(
    [
      ['BZh', 'bzip2', 'bunzip2'],
      ['\xfd7zXZ', 'xz', 'unxz'],
      ['\x28\xb5\x2f\xfd', 'zstd', 'unzstd'],
      ['7z\xbc\xaf', '7-Zip', '7z x'],
      ['Rar!', 'RAR', 'unrar x'],
    ] as const
  ).map(([start, name, command]) => ({
    is: (bytes: Uint8Array) => starts(bytes, start),
    what: `packed by ${name}`,
    cure: `unpack it first (${command}); of packed tables only .gz is read`,
  })),
  {
    is: (bytes) => /^\ufeff?\s*<(!doctype|html|\?xml)/i.test(latin(bytes)),
    what: 'a page of HTML or XML',
    cure: 'wants the file itself, such as what a link "raw" or "download" gives',
  },
  {
    is: (bytes) => /^version https:\/\/git-lfs/.test(latin(bytes)),
    what: 'a pointer of Git LFS, not the file',
    cure: 'fetch it by git lfs pull',
  },
  {
    is: (bytes) => /^(?:\ufeff|\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[[{\]])/.test(latin(bytes)),
    what: 'JSON',
    cure: asText,
  },
];

export function isGzip(bytes: Uint8Array): boolean {
  return starts(bytes, '\x1f\x8b');
}

/** Of whatever name. */
export function isParquet(bytes: Uint8Array): boolean {
  return starts(bytes, 'PAR1') || starts(bytes, 'PARE');
}

/** @throws UserError for what is neither text nor Parquet; it says what the file is, and the cure. */
export function refuseOthers(bytes: Uint8Array, path: string): void {
  if (starts(bytes, 'PK\x03\x04') || starts(bytes, 'PK\x05\x06'))
    throw new UserError(`${path} is ${archive(bytes)}`);
  const kind = others.find(({ is }) => is(bytes));
  if (kind) throw new UserError(`${path} is ${kind.what}; ${kind.cure}`);
}

/** Of ZIP archives there are many kinds: their members tell. */
function archive(bytes: Uint8Array): string {
  let names: string[] = [];
  try {
    names = zipMembers(bytes, (_, problem) => {
      throw new Error(problem);
    }).map(({ name }) => name);
  } catch {
    return 'a damaged ZIP archive; fetch or pack it again';
  }
  if (names.some((name) => name.startsWith('xl/')))
    return "a workbook of Excel's (.xlsx); save the sheet as CSV";
  if (names.some((name) => name.startsWith('word/'))) return "a document of Word's; save its table as CSV";
  if (names.includes('content.xml')) return 'a document of LibreOffice; save the sheet as CSV';
  if (names.length > 0 && names.every((name) => name.endsWith('.npy')))
    return `an archive of NumPy's arrays (.npz); ${asText}, such as by numpy.savetxt`;
  const listed = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${formatCount(names.length - 3)} more` : '';
  return `a ZIP archive (${listed || 'empty'}${more}); unpack it, and name the table in it`;
}

/**
 * What gzip has packed; text hardly ever shrinks to a hundredth, so what grows beyond that is taken for no text. It is counted
 * before it is kept, so that no bomb fills the memory.
 */
export async function gunzipped(
  bytes: Uint8Array,
  path: string,
  { most, signal }: { most: number; signal?: AbortSignal | undefined },
): Promise<Buffer> {
  const limit = Math.min(most, Math.max(2 ** 26, 100 * bytes.length));
  let total = 0;
  await unpack(bytes, path, signal, (piece) => {
    total += piece.length;
    if (total > limit)
      throw new UserError(
        `${path} unpacks to more than ${formatCount(limit)} bytes; unpack it yourself (gunzip) if you trust it`,
      );
  });
  const whole = Buffer.allocUnsafe(total);
  let at = 0;
  await unpack(bytes, path, signal, (piece) => void (at += piece.copy(whole, at)));
  return whole;
}

async function unpack(
  bytes: Uint8Array,
  path: string,
  signal: AbortSignal | undefined,
  take: (piece: Buffer) => void,
): Promise<void> {
  const gunzip = createGunzip({ chunkSize: 2 ** 20 });
  gunzip.end(bytes);
  try {
    for await (const piece of gunzip) {
      signal?.throwIfAborted();
      take(piece as Buffer);
    }
  } catch (error) {
    if (error instanceof UserError || signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path} is damaged, or cut off: ${reason}`, { cause: error });
  } finally {
    gunzip.destroy();
  }
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 256));
}
