/** What a camera makes of light: blur, gain, noise, eight bits; and the equalising that normalised patches went through. */

export interface Exposure {
  gain: number;
  /** Light that glasses and lens scatter over everything. */
  veil: number;
  /** 0 is sharp, 1 the binomial kernel (1, 2, 1)/4 in both directions; passes beyond that. */
  blur: number;
  /** Standard deviation in grey levels. */
  noise: number;
  /** A 32-bit integer. */
  noiseSeed: number;
}

/** Light from 0 (black) to about 1 (white) becomes bytes of `out` from `start` on. Changes `light`. */
export function expose(
  light: Float64Array,
  { height, width }: { height: number; width: number },
  { gain, veil, blur, noise, noiseSeed }: Exposure,
  out: Uint8Array,
  start: number,
): void {
  for (let rest = blur; rest > 0; rest--) {
    const share = Math.min(1, rest);
    for (let y = 0; y < height; y++) blurLine(light, y * width, 1, width, share);
    for (let x = 0; x < width; x++) blurLine(light, x, width, height, share);
  }
  // Four bytes of a xorshift generator (Marsaglia 2003) are nearly normal, with a deviation of √(4 · (256² - 1) / 12).
  const scale = noise / Math.sqrt((4 * (256 * 256 - 1)) / 12);
  let state = noiseSeed | 0 || 1;
  for (let i = 0; i < height * width; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24) - 510;
    const grey = 255 * (gain * light[i]! + veil) + scale * sum;
    out[start + i] = Math.max(0, Math.min(255, Math.round(grey)));
  }
}

/** A share of (1, 2, 1)/4 along `count` numbers; beyond the ends they repeat. */
function blurLine(values: Float64Array, first: number, stride: number, count: number, share: number): void {
  const side = share / 4;
  let before = values[first]!;
  for (let k = 0; k < count; k++) {
    const at = first + k * stride;
    const own = values[at]!;
    const after = k + 1 < count ? values[at + stride]! : own;
    values[at] = own + side * (before - 2 * own + after);
    before = own;
  }
}

/** Spreads the greys of one image over the whole range, as histogram equalisation does: integers alone. */
export function equalise(pixels: Uint8Array, start: number, count: number): void {
  const histogram = new Uint32Array(256);
  for (let i = 0; i < count; i++) histogram[pixels[start + i]!]!++;
  const lowest = histogram.find((n) => n > 0)!;
  if (lowest === count) return;
  const table = new Uint8Array(256);
  let below = 0;
  for (let grey = 0; grey < 256; grey++) {
    below += histogram[grey]!;
    table[grey] = Math.round((255 * Math.max(0, below - lowest)) / (count - lowest));
  }
  for (let i = 0; i < count; i++) pixels[start + i] = table[pixels[start + i]!]!;
}
