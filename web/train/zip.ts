/** Files in one archive, stored as they are: weights do not compress. Names are UTF-8, and sizes below 4 GiB. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The archive's bytes, after PKWARE's APPNOTE 6.3 with method 0. The times are 1980: the same files give the same bytes. */
export function zip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const name = new TextEncoder().encode(path);
    // Version 2.0, names in UTF-8, stored, 1 January 1980; then the checksum and the sizes.
    const common = [
      u16(20),
      u16(0x0800),
      u16(0),
      u16(0),
      u16(0x21),
      u32(crc32(bytes)),
      u32(bytes.length),
      u32(bytes.length),
    ];
    const local = [u32(0x04034b50), ...common, u16(name.length), u16(0), name, bytes];
    directory.push(
      ...[
        u32(0x02014b50),
        u16(20),
        ...common,
        u16(name.length),
        u16(0),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(offset),
        name,
      ],
    );
    parts.push(...local);
    offset += sizeOf(local);
  }
  const count = u16(files.size);
  const end = [u32(0x06054b50), u16(0), u16(0), count, count, u32(sizeOf(directory)), u32(offset), u16(0)];
  return joined([...parts, ...directory, ...end]);
}

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
