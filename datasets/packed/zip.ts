/** The directory of a ZIP archive and its members, stored or deflated: as much of the format as .npz files need. */
import { crc32 } from '../../base/crc32.ts';
import { type FileFault, quoted } from '../file-error.ts';
import { inflate } from './inflate.ts';

export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Of its own header. */
  readonly at: number;
}

export type FailZip = (offset: number, problem: string, fault?: FileFault) => never;

const [END, ENTRY, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];
const END_BYTES = 22;
const MOST_COMMENT = 0xffff;
/** Where a size has this value the real one is in a field for archives over 4 GB. */
const ELSEWHERE = 0xffffffff;

/** What the directory lists, in its order. */
export function zipMembers(bytes: Uint8Array, fail: FailZip): ZipMember[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  if (end < 0)
    fail(bytes.length, 'the directory at the end is missing: this is no ZIP archive, or it is cut off');
  const count = view.getUint16(end + 10, true);
  const from = view.getUint32(end + 16, true);
  if (view.getUint32(end + 4, true) !== 0) fail(end + 4, 'the archive has several parts', 'unsupported');
  if (count === 0xffff || from === ELSEWHERE)
    fail(end, 'the archive is of the kind for over 4 GB or 65,535 members', 'unsupported');
  const members: ZipMember[] = [];
  for (let i = 0, at = from; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== ENTRY)
      fail(at, `wants the ${i + 1}. of ${count} entries of the directory`);
    const next = at + 46 + [28, 30, 32].reduce((sum, field) => sum + view.getUint16(at + field, true), 0);
    if (next > end) fail(at, 'an entry of the directory runs over its end');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
    if (view.getUint16(at + 8, true) & 1) fail(at, `${quoted(name)} is encrypted`, 'unsupported');
    const [packedBytes, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    if (packedBytes === ELSEWHERE || size === ELSEWHERE)
      fail(at, `${quoted(name)} has over 4 GB`, 'unsupported');
    members.push({
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedBytes,
      bytes: size,
      at: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return members;
}

/** A member's bytes, its checksum checked. */
export async function readZipMember(
  bytes: Uint8Array,
  { name, method, crc, packedBytes, bytes: size, at }: ZipMember,
  fail: FailZip,
): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + 30 > bytes.length || view.getUint32(at, true) !== LOCAL)
    fail(at, `wants the header of ${quoted(name)}`);
  const from = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (from + packedBytes > bytes.length)
    fail(at, `${quoted(name)} wants ${packedBytes} bytes, ${Math.max(0, bytes.length - from)} are left`);
  const packed = bytes.subarray(from, from + packedBytes);
  if (method === STORED && packedBytes !== size)
    fail(at, `${quoted(name)} is stored, yet ${packedBytes} bytes should be ${size}`);
  if (method !== STORED && method !== DEFLATED)
    fail(
      at,
      `${quoted(name)} is packed by method ${method}; only stored and deflated members are read`,
      'unsupported',
    );
  const data =
    method === STORED
      ? packed
      : await inflate(packed, {
          format: 'deflate-raw',
          sizeOf: () => size,
          fail: (problem) => fail(at, `${quoted(name)} ${problem}`),
        });
  if (crc32(data) !== crc) fail(at, `${quoted(name)} is damaged: its checksum is another`);
  return data;
}

/** Of the record that ends the archive, -1 if there is none. */
function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - MOST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    const isEnd = view.getUint32(at, true) === END;
    // Its comment runs to the end of the file.
    if (isEnd && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return -1;
}
