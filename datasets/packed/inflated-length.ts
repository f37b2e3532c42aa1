/**
 * How many bytes a deflated piece makes (RFC 1951), without making them: of each symbol only its length counts, so neither
 * memory nor what stood before is needed.
 */

/** Of length symbols from 257 on: what they stand for at least, and how many bits more follow. */
const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;
const MOST_BITS = 15;

/** Symbol · 16 + bits, by the next 15 bits as they come; 0 where no code begins so. */
type Codes = Uint16Array;

/** Stops above `most`, and where the piece ends or is damaged: then it is what came so far. */
export function inflatedLength(bytes: Uint8Array, most: number): number {
  const bits = new Bits(bytes);
  let count = 0;
  for (let isLast = false; !isLast && count <= most; ) {
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (bits.isSpent || kind === 3) break;
    if (kind === 0) {
      count += bits.skipStored();
      continue;
    }
    const codes = kind === 1 ? fixedCodes() : readCodes(bits);
    if (!codes) break;
    const added = blockLength(bits, codes, most - count);
    count += added.count;
    if (!added.isWhole) break;
  }
  return count;
}

function blockLength(
  bits: Bits,
  { literals, distances }: { literals: Codes; distances: Codes },
  most: number,
): { count: number; isWhole: boolean } {
  let count = 0;
  while (count <= most && !bits.isSpent) {
    const symbol = bits.symbol(literals);
    if (symbol < 0) break;
    if (symbol === END_OF_BLOCK) return { count, isWhole: true };
    if (symbol < END_OF_BLOCK) {
      count++;
      continue;
    }
    const place = symbol - 257;
    if (place >= LENGTHS.length) break;
    count += LENGTHS[place]! + bits.take(LENGTH_BITS[place]!);
    const distance = bits.symbol(distances);
    if (distance < 0 || distance >= DISTANCE_BITS.length) break;
    bits.take(DISTANCE_BITS[distance]!);
  }
  return { count, isWhole: false };
}

class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** More was taken than there is. */
  get isSpent(): boolean {
    return this.#at - (this.#count >> 3) > this.#bytes.length;
  }

  take(count: number): number {
    this.#fill(count);
    const value = this.#held & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  /** -1 where no code begins with what comes. */
  symbol(codes: Codes): number {
    this.#fill(MOST_BITS);
    const found = codes[this.#held & 0x7fff]!;
    if (found === 0) return -1;
    this.#drop(found & 15);
    return found >> 4;
  }

  /** To the next byte, then as many as they say. */
  skipStored(): number {
    this.#drop(this.#count & 7);
    const length = this.take(16);
    this.take(16);
    const from = this.#at - (this.#count >> 3);
    const there = Math.max(0, Math.min(length, this.#bytes.length - from));
    this.#at = from + length;
    this.#held = 0;
    this.#count = 0;
    return there;
  }

  #fill(count: number): void {
    while (this.#count < count) {
      this.#held |= (this.#bytes[this.#at++] ?? 0) << this.#count;
      this.#count += 8;
    }
  }

  #drop(count: number): void {
    this.#held >>>= count;
    this.#count -= count;
  }
}

function fixedCodes(): { literals: Codes; distances: Codes } {
  const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
  return { literals: codesOf(lengths), distances: codesOf(new Array<number>(30).fill(5)) };
}

/** Those that a block brings with it; undefined where they are damaged. */
function readCodes(bits: Bits): { literals: Codes; distances: Codes } | undefined {
  const [literals, distances, own] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const ownLengths = new Array<number>(19).fill(0);
  for (let i = 0; i < own; i++) ownLengths[CODE_ORDER[i]!] = bits.take(3);
  const codes = codesOf(ownLengths);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = bits.isSpent ? -1 : bits.symbol(codes);
    if (symbol < 0) return undefined;
    if (symbol < 16) lengths.push(symbol);
    else {
      const repeated = symbol === 16 ? lengths.at(-1) : 0;
      if (repeated === undefined) return undefined;
      const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
      for (let i = 0; i < times; i++) lengths.push(repeated);
    }
  }
  return {
    literals: codesOf(lengths.slice(0, literals)),
    distances: codesOf(lengths.slice(literals, literals + distances)),
  };
}

/** Codes of these lengths in the order of their symbols, as deflate numbers them. */
function codesOf(lengths: readonly number[]): Codes {
  const codes = new Uint16Array(1 << MOST_BITS);
  let code = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      if (code >= 1 << length) return codes;
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < codes.length; at += 1 << length) codes[at] = symbol * 16 + length;
      code++;
    }
    code <<= 1;
  }
  return codes;
}
