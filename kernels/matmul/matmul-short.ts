/**
 * The matmul for a short k and a wide b: a lane keeps its four columns of b in registers and goes down the rows of its tile, so
 * that it loads b once. For software adapters, which pay for each number that a lane loads; the first layer of a network with
 * few inputs, and the gradient of a head with few outputs.
 */
import { activated, finishFunctions, storeSource } from './matmul-finish.ts';
import type { MatmulOptions } from './matmul-options.ts';
import { wgsl } from '../wgsl.ts';

/** Columns of b that fit into a lane's registers, or nearly. */
const LONGEST = 16;
/** Fewer products are over before another kernel is compiled. */
const LEAST = 2 ** 17;
const LANES = 32;
/** Share of lanes that have columns, at least. */
const FULL = 0.7;
/** Of tiles. Few: each is a kernel of its own. */
const HEIGHTS = [8, 16, 25, 32, 50, 64];
/** As many as cores, and more, so that all have about the same to do. */
const WORKGROUPS = 16;

export interface ShortPlan {
  /** The length of k: it is written out. */
  shortK: number;
  /** Of a tile; a lane's columns are four. */
  tileRows: number;
  workgroupSize: number;
  vectorA: boolean;
  vectorB: true;
  vectorY: true;
}

interface Sizes {
  m: number;
  n: number;
  k: number;
  matrices?: number;
}

/** Undefined where it will not do, or another is faster. */
export function planShort(
  { m, n, k, matrices = 1 }: Sizes,
  {
    transposeA,
    transposeB,
    hasColumnSum = false,
  }: Pick<MatmulOptions, 'transposeA' | 'transposeB' | 'hasColumnSum'>,
): ShortPlan | undefined {
  // With one product each a row of b and a column of it look the same in memory.
  const isAcross = !transposeB || k === 1;
  const suits = !transposeA && isAcross && !hasColumnSum && k > 0 && k <= LONGEST && n % 4 === 0;
  if (!suits || m < 8 || matrices * m * n < LEAST / k) return undefined;
  const across = Math.ceil(n / (4 * LANES));
  if (n / 4 < FULL * across * LANES) return undefined;
  const down = Math.ceil(WORKGROUPS / (matrices * across));
  const overhang = (rows: number) => Math.ceil(m / rows) * rows - m;
  const tileRows = HEIGHTS.filter((rows) => rows <= m / down).reduce(
    (best, rows) => (overhang(rows) <= overhang(best) ? rows : best),
    HEIGHTS[0]!,
  );
  return {
    shortK: k,
    tileRows,
    workgroupSize: LANES,
    vectorA: k % 4 === 0,
    vectorB: true,
    vectorY: true,
  };
}

/**
 * WGSL of the kernel; its bindings are those of every matmul. Two products are sealed: lavapipe would compute (a * b + c * d) + bias
 * as (bias + a * b) + c * d, where other plans add in a loop.
 */
export function shortCode(plan: ShortPlan, options: MatmulOptions): string {
  const { shortK, tileRows, vectorA } = plan;
  const kRange = [...Array(shortK).keys()];
  const steps = vectorA ? kRange.filter((k) => k % 4 === 0) : kRange;
  const loads = steps.map((k) => `let a${k} = a[(at + ${k}u)${vectorA ? ' / 4u' : ''}];`);
  const value = (k: number) => (vectorA ? `a${k - (k % 4)}.${'xyzw'[k % 4]}` : `a${k}`);
  const bias = (o: number) => (options.hasBias ? ` + bias${o}` : '');
  const results = [0, 1, 2, 3].map((o) => activated(`sum.${'xyzw'[o]}${bias(o)}`));
  const biases = [0, 1, 2, 3].map(
    (o) => `let bias${o} = bias[matrix * uniforms.strideBias + column * 4u + ${o}u];`,
  );
  return wgsl`
${finishFunctions(options)}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = workgroupIndex(wid);
  let columns = uniforms.n / 4u;
  let across = (columns + WORKGROUP_SIZE - 1u) / WORKGROUP_SIZE;
  let tiles = across * ((uniforms.m + ${tileRows - 1}u) / ${tileRows}u);
  let matrix = index / tiles;
  let tile = index - matrix * tiles;
  let column = tile % across * WORKGROUP_SIZE + lane;
  if (matrix < uniforms.matrices && column < columns) {
  let row = tile / across * ${tileRows}u;
  let end = min(row + ${tileRows}u, uniforms.m);
  let first = matrix * uniforms.strideB / 4u + column;
  ${kRange.map((k) => `let b${k} = b[first + ${k}u * columns];`).join('\n  ')}
  ${options.hasBias ? biases.join('\n  ') : ''}
  for (var i = row; i < end; i++) {
    let at = matrix * uniforms.strideA + i * ${shortK}u;
    ${loads.join('\n    ')}
    var sum = vec4f();
    ${kRange.map((k) => `sum += ${value(k)} * b${k};`).join('\n    ')}
    ${shortK === 2 ? 'sum = seal4_(sum, uniforms.k >> 31u);' : ''}
    ${storeSource(results, '(matrix * uniforms.m + i) * columns + column', options)}
  }
  }
}
`;
}
