/** Maxima over windows of planes, their positions, and the moves between a plane and such positions. */
import { elementLoop } from '../element-loop.ts';
import { getOrMake } from '../get-or-make.ts';
import { defineKernel, type Floats, type Kernel, type Scalar } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

/**
 * Planes of height × width become planes of rows × columns. Along an axis, window i looks at i · stride - before +
 * k · dilation, k < size. Every window holds at least one element of its plane. `count` invocations have work.
 */
const geometry = {
  count: 'u32',
  height: 'u32',
  width: 'u32',
  rows: 'u32',
  columns: 'u32',
  sizeY: 'u32',
  sizeX: 'u32',
  strideY: 'u32',
  strideX: 'u32',
  beforeY: 'u32',
  beforeX: 'u32',
  dilationY: 'u32',
  dilationX: 'u32',
} as const satisfies Record<string, Scalar>;

type Geometry = keyof typeof geometry;

/** The places of window `i` within its axis: from the first number, in steps of the dilation, below the second. */
const placesOf = wgsl`
fn placesOf(i: u32, size: u32, stride: u32, before: u32, dilation: u32, extent: u32) -> vec2u {
  var first = i32(i * stride) - i32(before);
  let end = min(first + i32((size - 1u) * dilation) + 1, i32(extent));
  while (first < 0) { first += i32(dilation); }
  return vec2u(u32(first), u32(end));
}
`;

/** A window of so many elements at most is written out, if none of its places can lie outside. */
const MAX_WRITTEN_OUT = 9;

/** The kernel for windows of this size; `isInside` says that no place of a window lies outside of the plane. */
export function maxPoolKernel(sizeY: number, sizeX: number, { isInside }: { isInside: boolean }): MaxPool {
  if (!isInside || sizeY * sizeX > MAX_WRITTEN_OUT) return maxPoolClipped;
  return getOrMake(writtenOut, `${sizeY} ${sizeX}`, () => maxPoolInside(sizeY, sizeX));
}

type MaxPool = Kernel<'x', 'y' | 'positions', Geometry>;
const writtenOut = new Map<string, MaxPool>();

/**
 * The largest element of each window, and its position in its plane (row · width + column). The first in row-major
 * order wins a tie; a NaN wins, the first of several. `search` begins with the window at `row`, `column` and the plane's `start`.
 */
function maxPool(search: string): MaxPool {
  return defineKernel({
    name: 'max-pool',
    inputs: ['x'],
    outputs: { y: 'f32', positions: 'u32' },
    uniforms: geometry,
    code: wgsl`
${placesOf}

${elementLoop({
  size: 'uniforms.count',
  digits: { column: 'uniforms.columns', row: 'uniforms.rows' },
  rest: 'plane',
  body: `let start = plane * uniforms.height * uniforms.width;
    ${search}
    y[i] = best;
    positions[i] = position;`,
})}
`,
    reference: maxPoolReference,
  });
}

const maxPoolClipped = maxPool(`
    let v = placesOf(row, uniforms.sizeY, uniforms.strideY, uniforms.beforeY, uniforms.dilationY, uniforms.height);
    let h = placesOf(column, uniforms.sizeX, uniforms.strideX, uniforms.beforeX, uniforms.dilationX, uniforms.width);
    var position = v.x * uniforms.width + h.x;
    var best = x[start + position];
    var bestRank = order_(best);
    for (var a = v.x; a < v.y; a += uniforms.dilationY) {
      for (var b = h.x; b < h.y; b += uniforms.dilationX) {
        let place = a * uniforms.width + b;
        let value = x[start + place];
        let rank = order_(value);
        if (rank > bestRank) {
          bestRank = rank;
          best = value;
          position = place;
        }
      }
    }`);

function maxPoolInside(sizeY: number, sizeX: number): MaxPool {
  const places = Array.from({ length: sizeY * sizeX }, (_, k) => [Math.floor(k / sizeX), k % sizeX]);
  const compare = places.slice(1).map(
    ([a, b], k) => `
    let place${k} = corner + ${a}u * down + ${b}u * uniforms.dilationX;
    let value${k} = x[start + place${k}];
    let rank${k} = order_(value${k});
    if (rank${k} > bestRank) {
      bestRank = rank${k};
      best = value${k};
      position = place${k};
    }`,
  );
  return maxPool(`
    let down = uniforms.dilationY * uniforms.width;
    let corner = row * uniforms.strideY * uniforms.width + column * uniforms.strideX;
    var position = corner;
    var best = x[start + corner];
    var bestRank = order_(best);${compare.join('')}`);
}

function maxPoolReference(
  { x }: Record<'x', Floats>,
  sizes: Record<Geometry, number>,
  { y, positions }: Record<'y' | 'positions', Floats>,
): void {
  const { height, width, rows, columns, sizeY, sizeX, strideY, strideX } = sizes;
  for (let i = 0; i < y.length; i++) {
    const plane = Math.floor(i / (rows * columns));
    const top = (Math.floor(i / columns) % rows) * strideY - sizes.beforeY;
    const left = (i % columns) * strideX - sizes.beforeX;
    y[i] = -Infinity;
    positions[i] = -1;
    for (let a = 0; a < sizeY; a++)
      for (let b = 0; b < sizeX; b++) {
        const row = top + a * sizes.dilationY;
        const column = left + b * sizes.dilationX;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const value = x[(plane * height + row) * width + column]!;
        const isBetter = value > y[i]! || (Number.isNaN(value) && !Number.isNaN(y[i]!));
        if (positions[i] !== -1 && !isBetter) continue;
        y[i] = value;
        positions[i] = row * width + column;
      }
  }
}

/** y[plane, i] = x[plane, positions[plane, i]]: planes of `extent` elements become planes of `count`. */
export const takePositions: Kernel<'x' | 'positions', 'y', 'size' | 'extent' | 'count'> = defineKernel({
  name: 'take-positions',
  inputs: { x: 'f32', positions: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', extent: 'u32', count: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.count' },
    rest: 'plane',
    body: 'y[i] = x[plane * uniforms.extent + positions[i]];',
  }),
  reference({ x, positions }, { extent, count }, { y }) {
    for (let i = 0; i < y.length; i++) y[i] = x[Math.floor(i / count) * extent + positions[i]!]!;
  },
});

/**
 * y[plane, p] = Σ x[plane, i] over the i with positions[plane, i] = p: the adjoint of `takePositions` for positions
 * that lie each in its window, so that p asks only the windows around it. No atomics; added in the order of i.
 */
export const putPositions: Kernel<'x' | 'positions', 'y', Geometry> = defineKernel({
  name: 'put-positions',
  inputs: { x: 'f32', positions: 'u32' },
  outputs: { y: 'f32' },
  uniforms: geometry,
  code: wgsl`
// The windows, of so many, that can hold place p: from the first number, below the second.
fn windowsOf(p: u32, size: u32, stride: u32, before: u32, dilation: u32, many: u32) -> vec2u {
  let last = p + before;
  let reach = (size - 1u) * dilation;
  let first = select(0u, (last - reach + stride - 1u) / stride, last > reach);
  return vec2u(first, min(last / stride + 1u, many));
}

${elementLoop({
  size: 'uniforms.count',
  digits: { column: 'uniforms.width', row: 'uniforms.height' },
  rest: 'plane',
  setup: hiddenZero('count'),
  body: `let position = row * uniforms.width + column;
    let v = windowsOf(row, uniforms.sizeY, uniforms.strideY, uniforms.beforeY, uniforms.dilationY, uniforms.rows);
    let h = windowsOf(column, uniforms.sizeX, uniforms.strideX, uniforms.beforeX, uniforms.dilationX,
      uniforms.columns);
    ${openSum('sum')}
    for (var a = v.x; a < v.y; a++) {
      for (var b = h.x; b < h.y; b++) {
        let place = (plane * uniforms.rows + a) * uniforms.columns + b;
        if (positions[place] == position) ${addTo('sum', 'x[place]')}
      }
    }
    y[i] = ${closeSum('sum')};`,
})}
`,
  reference({ x, positions }, { height, width, rows, columns }, { y }) {
    y.fill(0);
    for (const [i, position] of positions.entries())
      y[Math.floor(i / (rows * columns)) * height * width + position]! += x[i]!;
  },
});

/** `putPositions` where no two windows share a place: each writes its one number into y, which holds zeros. */
export const putApart: Kernel<'x' | 'positions', 'y', 'size' | 'extent' | 'count'> = defineKernel({
  name: 'put-apart',
  inputs: { x: 'f32', positions: 'u32' },
  outputs: ['y'],
  inout: ['y'],
  uniforms: { size: 'u32', extent: 'u32', count: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.count' },
    rest: 'plane',
    body: 'y[plane * uniforms.extent + positions[i]] = x[i];',
  }),
  reference({ x, positions }, { extent, count }, { y }) {
    for (const [i, value] of x.entries()) y[Math.floor(i / count) * extent + positions[i]!] = value;
  },
});
