/** Sums that the lanes of a workgroup have kept become one, in the same order by few lanes or many. */
import { addTo, closeSum, hiddenZero, openSum } from './math-sum.ts';

/** Lanes that add up partial sums: of a workgroup of many, and all of one on a software adapter. */
export const FEW_LANES = 16;

/**
 * `keepPartial(column, sum)` and `sumOfPartials(lane)`: the sum of `columns` numbers that lanes have kept, lane l those of the columns l, l + lanes, …; the same on every lane and in the same order whatever the lanes: the four quarters
 * of the columns one after another, with what is lost, then a binary tree. With `width` 4 a sum is a vec4 of four neighbouring
 * columns, and they are counted in fours. `columns` and `lanes` are powers of two. The uniform `size` is below 2^31. Every lane
 * must call it.
 */
export function partialSums(columns: number, lanes: number, width: 1 | 4 = 1): string {
  if (lanes === columns) return manyLanes(lanes);
  const own = columns / lanes / width;
  const quarter = own / 4;
  const type = width === 4 ? 'vec4f' : 'f32';
  const ends = [...Array(quarter).keys()].map(
    (i) => `${openSum(`sum${i}`, `ownSums[${i}]`, `${type}()`)}
  ${[1, 2, 3].map((k) => addTo(`sum${i}`, `ownSums[${i + k * quarter}]`, type)).join('\n  ')}
  var own${i} = ${closeSum(`sum${i}`, type)};`,
  );
  // Few lanes climb as far as they can by themselves: software adapters pay for memory that is shared, and for barriers.
  return `
var<private> ownSums: array<${type}, ${own}>;
var<workgroup> partialSums: array<${type}, ${lanes}>;

fn keepPartial(column: u32, sum: ${type}) { ownSums[column / ${lanes}u] = sum; }

fn sumOfPartials(lane: u32) -> f32 {
  ${hiddenZero('size')}
  ${ends.join('\n  ')}
  ${climb('own', quarter)}
  partialSums[lane] = own0;
  workgroupBarrier();
  ${[...Array(lanes).keys()].map((i) => `var part${i} = partialSums[${i}];`).join('')}
  ${climb('part', lanes)}
  workgroupBarrier();  // the next call overwrites partialSums
  ${width === 4 ? 'let pair = part0.xy + part0.zw;\n  return pair.x + pair.y;' : 'return part0;'}
}
`;
}

/** WGSL that adds up the variables NAME0, NAME1, … in a binary tree: the sum is NAME0. */
function climb(name: string, count: number): string {
  let source = '';
  for (let half = count / 2; half >= 1; half /= 2)
    for (let i = 0; i < half; i++) source += `${name}${i} += ${name}${i + half};`;
  return source;
}

/**
 * As many columns as lanes. Sixteen lanes climb the tree, each in its own column, then one: a barrier for each level would cost
 * software adapters more.
 */
function manyLanes(count: number): string {
  const quarter = count / 4;
  return `
var<workgroup> partialSums: array<f32, ${count}>;

fn keepPartial(column: u32, sum: f32) { partialSums[column] = sum; }

fn sumOfPartials(lane: u32) -> f32 {
  ${hiddenZero('size')}
  workgroupBarrier();
  for (var i = lane; i < ${quarter}u && lane < ${FEW_LANES}u; i += ${FEW_LANES}u) {
    ${openSum('sum', 'partialSums[i]')}
    ${[1, 2, 3].map((k) => addTo('sum', `partialSums[i + ${k * quarter}u]`)).join('\n    ')}
    partialSums[i] = ${closeSum('sum')};
  }
  for (var half = ${quarter / 2}u; half >= ${FEW_LANES}u; half >>= 1u) {
    for (var i = lane; i < half && lane < ${FEW_LANES}u; i += ${FEW_LANES}u) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  for (var half = ${FEW_LANES / 2}u; half > 0u; half >>= 1u) {
    for (var i = 0u; i < half && lane == 0u; i++) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  let total = partialSums[0];
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`;
}
