/** Files that are almost right: bytes flipped, sizes overwritten, pieces cut, doubled and moved, by a seed. */

/** Numbers that sizes, counts and tags stumble over. */
const WORDS = [
  0, 1, 2, 3, 5, 6, 8, 9, 14, 15, 0x100, 0xffff, 0x10000, 0x40001, 0x7fffffff, 0x80000000, 0xffffffff,
];

export interface RandomBelow {
  (end: number): number;
}

/** Integers from 0 to below `end`: xorshift32, enough to choose damage by. */
export function randomBelow(seed: number): RandomBelow {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (end) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % end;
  };
}

const kinds: readonly ((bytes: Uint8Array<ArrayBuffer>, below: RandomBelow) => Uint8Array<ArrayBuffer>)[] = [
  function flipBits(bytes, below) {
    for (let i = below(4); i >= 0; i--) bytes[below(bytes.length)]! ^= 1 << below(8);
    return bytes;
  },
  function overwriteWord(bytes, below) {
    const at = below(Math.max(1, (bytes.length - 4) >> 2)) * 4;
    if (at + 4 <= bytes.length)
      new DataView(bytes.buffer).setUint32(at, WORDS[below(WORDS.length)]!, below(4) > 0);
    return bytes;
  },
  function overwriteByte(bytes, below) {
    bytes[below(bytes.length)] = below(256);
    return bytes;
  },
  function cut(bytes, below) {
    return bytes.slice(0, below(bytes.length));
  },
  function remove(bytes, below) {
    const [from, count] = [below(bytes.length), 1 + below(64)];
    return spliced(bytes.subarray(0, from), bytes.subarray(from + count));
  },
  function double(bytes, below) {
    const [from, count] = [below(bytes.length), 1 + below(64)];
    return spliced(bytes.subarray(0, from + count), bytes.subarray(from));
  },
  function copyOver(bytes, below) {
    const from = below(bytes.length);
    bytes.copyWithin(below(bytes.length), from, from + 1 + below(64));
    return bytes;
  },
];

/** A damaged copy. */
export function damaged(file: Uint8Array, below: RandomBelow): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(file);
  for (let i = below(3); i >= 0 && bytes.length > 0; i--) bytes = kinds[below(kinds.length)]!(bytes, below);
  return bytes;
}

function spliced(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
