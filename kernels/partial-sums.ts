/** Sums that the lanes of a workgroup have kept become one, in the same order by few lanes or many. */
import { addTo, closeSum, hiddenZero } from './math-sum.ts';

/** Lanes that add up partial sums: of a workgroup of many, and all of one on a software adapter. */
export const FEW_LANES = 16;

/**
 * `keepPartial(column, sum, lost)` and `sumOfPartials(lane)`: the sum of `columns` sums that lanes have kept as `addTo` makes them,
 * lane l those of the columns l, l + lanes, …; the same on every lane, added in a binary tree whatever the lanes, with what is lost
 * at every branch. With `width` 4 a sum is a vec4 of four neighbouring columns, and they are counted in fours. `columns` and
 * `lanes` are powers of two. The uniform `size` is below 2^31. Every lane must call it.
 */
export function partialSums(columns: number, lanes: number, width: 1 | 4 = 1): string {
  const own = columns / lanes / width;
  const type = width === 4 ? 'vec4f' : 'f32';
  const shared = `
var<workgroup> partialSums: array<${type}, ${lanes}>;
var<workgroup> partialLosses: array<${type}, ${lanes}>;
`;
  if (own === 1) return `${shared}${MANY_LANES(lanes)}`;
  // Few lanes climb as far as they can by themselves: software adapters pay for memory that is shared, and for barriers.
  return `${shared}
var<private> ownSums: array<${type}, ${own}>;
var<private> ownLosses: array<${type}, ${own}>;

fn keepPartial(column: u32, sum: ${type}, lost: ${type}) {
  ownSums[column / ${lanes}u] = sum;
  ownLosses[column / ${lanes}u] = lost;
}

fn sumOfPartials(lane: u32) -> f32 {
  ${hiddenZero('size')}
  ${treeOf('own', own, type)}
  partialSums[lane] = own0;
  partialLosses[lane] = own0Lost;
  workgroupBarrier();
  ${treeOf('partial', lanes, type)}
  workgroupBarrier();  // the next call overwrites partialSums
  ${
    width === 4
      ? `${'xyzw'
          .split('')
          .map((c) => `var ${c} = partial0.${c}; var ${c}Lost = partial0Lost.${c};`)
          .join(' ')}
  ${join('x', 'z')} ${join('y', 'w')} ${join('x', 'y')}
  return ${closeSum('x')};`
      : `return ${closeSum('partial0')};`
  }
}
`;
}

/** WGSL that adds to one sum another of which something was lost as well. */
function join(sum: string, other: string, type?: 'f32' | 'vec4f'): string {
  return `${sum}Lost += ${other}Lost; ${addTo(sum, other, type)}`;
}

/** WGSL that adds up the sums of the arrays NAMESums and NAMELosses in a binary tree: the sum is NAME0. */
function treeOf(name: string, count: number, type: 'f32' | 'vec4f'): string {
  let source = '';
  for (let i = 0; i < count; i++)
    source += `var ${name}${i} = ${name}Sums[${i}]; var ${name}${i}Lost = ${name}Losses[${i}];\n`;
  for (let half = count / 2; half >= 1; half /= 2)
    for (let i = 0; i < half; i++) source += `${join(`${name}${i}`, `${name}${i + half}`, type)}\n`;
  return source;
}

/**
 * As many sums as lanes. Sixteen lanes climb the tree, each in its own column, then one: a barrier for each level would cost
 * software adapters more.
 */
const MANY_LANES = (count: number): string => `
fn keepPartial(column: u32, sum: f32, lost: f32) {
  partialSums[column] = sum;
  partialLosses[column] = lost;
}

fn addPartial(place: u32, other: u32) {
  ${hiddenZero('size')}
  var sum = partialSums[place];
  var sumLost = partialLosses[place] + partialLosses[other];
  ${addTo('sum', 'partialSums[other]')}
  partialSums[place] = sum;
  partialLosses[place] = sumLost;
}

fn sumOfPartials(lane: u32) -> f32 {
  workgroupBarrier();
  for (var half = ${count / 2}u; half >= ${FEW_LANES}u; half >>= 1u) {
    for (var i = lane; i < half && lane < ${FEW_LANES}u; i += ${FEW_LANES}u) { addPartial(i, i + half); }
  }
  workgroupBarrier();
  for (var half = ${FEW_LANES / 2}u; half > 0u; half >>= 1u) {
    for (var i = 0u; i < half && lane == 0u; i++) { addPartial(i, i + half); }
  }
  workgroupBarrier();
  let total = withLost_(partialSums[0], partialLosses[0]);
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`;
