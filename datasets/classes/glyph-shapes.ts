/** Ten glyphs, each drawn without lifting the pen, and the ways from one to another. */

/** Across and down, about -1 to 1. */
export type Point = readonly [x: number, y: number];

export const GLYPHS: readonly (readonly Point[])[] = (
  [
    '0 -1 .45 -.8 .6 -.3 .6 .3 .45 .8 0 1 -.45 .8 -.6 .3 -.6 -.3 -.45 -.8 0 -1',
    '-.3 -.6 .05 -1 .05 1',
    '-.5 -.6 -.3 -.95 .2 -1 .5 -.7 .45 -.3 -.5 1 .6 1',
    '-.5 -.85 0 -1 .45 -.75 .4 -.25 -.05 -.05 .45 .15 .55 .6 .1 1 -.5 .85',
    '.25 1 .25 -1 -.6 .35 .6 .35',
    '.5 -1 -.4 -1 -.45 -.1 .1 -.2 .5 .1 .5 .6 .1 1 -.5 .85',
    '.4 -.95 -.1 -.75 -.5 -.1 -.5 .55 -.15 1 .3 .95 .55 .5 .3 .05 -.1 0 -.5 .35',
    '-.55 -1 .55 -1 -.1 1',
    '0 -.05 -.4 -.35 -.35 -.85 0 -1 .35 -.85 .4 -.35 0 -.05 -.5 .35 -.45 .85 0 1 .45 .85 .5 .35 0 -.05',
    '.5 -.35 .1 0 -.4 -.1 -.55 -.5 -.3 -.95 .15 -1 .5 -.6 .5 -.1 .35 .6 -.1 1',
  ] as const
).map((text) => {
  const numbers = text.split(' ').map(Number);
  return Array.from(
    { length: numbers.length / 2 },
    (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!] as const,
  );
});

/** Points of every glyph once it is walked along, so that each has its place in the others. */
export const STEPS = 24;

/** `STEPS` points of a line, equally far from one another along it. */
export function walked(line: readonly Point[]): Point[] {
  const lengths = line.slice(1).map(([x, y], i) => {
    const [across, down] = [x - line[i]![0], y - line[i]![1]];
    return Math.sqrt(across * across + down * down);
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let [piece, before] = [0, 0];
  return Array.from({ length: STEPS }, (_, i) => {
    const at = (total * i) / (STEPS - 1);
    while (piece < lengths.length - 1 && at > before + lengths[piece]!) before += lengths[piece++]!;
    const share = Math.min(1, (at - before) / lengths[piece]!);
    return between(line[piece]!, line[piece + 1]!, share);
  });
}

/** The point a share of the way from one to another. */
export function between(from: Point, to: Point, share: number): Point {
  return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
}
