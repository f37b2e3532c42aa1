/** The `wgsl` tag, and snippets that several kernels share. */
import { wgsl as preprocessed } from 'wgsl-preprocessor/wgsl-preprocessor.js';

/** WGSL with `#if` lines (wgsl-preprocessor). */
/* @__NO_SIDE_EFFECTS__ */
export function wgsl(strings: TemplateStringsArray, ...values: unknown[]): string {
  if (!strings?.raw) throw new Error('wgsl: is a tag of a text, as wgsl`…`');
  return preprocessed(strings, ...values);
}

/** Lanes that add up partial sums: of a workgroup of many, and all of one on a software adapter. */
export const FEW_LANES = 16;

/**
 * `keepPartial(column, sum)` and `sumOfPartials(lane)`: the sum of `columns` numbers that lanes have kept, lane l those of the
 * columns l, l + lanes, …; the same on every lane, added in a binary tree whatever the lanes. With `width` 4 a sum is a vec4 of
 * four neighbouring columns, and they are counted in fours. `columns` and `lanes` are powers of two. Every lane must call it.
 */
export function partialSums(columns: number, lanes: number, width: 1 | 4 = 1): string {
  const own = columns / lanes / width;
  if (own === 1)
    return `
fn keepPartial(column: u32, sum: f32) { partialSums[column] = sum; }
${sharedSums(`${columns}u`)}`;
  const type = width === 4 ? 'vec4f' : 'f32';
  // Few lanes climb as far as they can by themselves: software adapters pay for memory that is shared, and for barriers.
  return `
var<private> ownSums: array<${type}, ${own}>;
var<workgroup> partialSums: array<${type}, ${lanes}>;

fn keepPartial(column: u32, sum: ${type}) { ownSums[column / ${lanes}u] = sum; }

fn sumOfPartials(lane: u32) -> f32 {
  ${treeOf('ownSums', 'own', own)}
  partialSums[lane] = own0;
  workgroupBarrier();
  ${treeOf('partialSums', 'sum', lanes)}
  workgroupBarrier();  // the next call overwrites partialSums
  ${width === 4 ? 'let pair = sum0.xy + sum0.zw;\n  return pair.x + pair.y;' : 'return sum0;'}
}
`;
}

/** WGSL that adds up the numbers of an array in a binary tree: the sum is NAME0. */
function treeOf(array: string, name: string, count: number): string {
  let source = '';
  for (let i = 0; i < count; i++) source += `var ${name}${i} = ${array}[${i}];`;
  for (let half = count / 2; half >= 1; half /= 2)
    for (let i = 0; i < half; i++) source += `${name}${i} += ${name}${i + half};`;
  return source;
}

/**
 * `sumOfPartials(lane)` of as many numbers as lanes. Sixteen lanes climb the tree, each in its own column, then one: a barrier for
 * each level would cost software adapters more.
 */
const sharedSums = (count: string): string => `
var<workgroup> partialSums: array<f32, ${count}>;

fn sumOfPartials(lane: u32) -> f32 {
  workgroupBarrier();
  for (var half = ${count} / 2u; half >= ${FEW_LANES}u; half >>= 1u) {
    for (var i = lane; i < half && lane < ${FEW_LANES}u; i += ${FEW_LANES}u) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  for (var half = min(${count} / 2u, ${FEW_LANES / 2}u); half > 0u; half >>= 1u) {
    for (var i = 0u; i < half && lane == 0u; i++) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  let total = partialSums[0];
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`;

/**
 * Sum over the workgroup, the same on every lane, added in a binary tree. WORKGROUP_SIZE must be a power of two. Every
 * lane must call it.
 */
export const workgroupSum: string = wgsl`
${sharedSums('WORKGROUP_SIZE')}

fn workgroupSum(lane: u32, value: f32) -> f32 {
  partialSums[lane] = value;
  return sumOfPartials(lane);
}
`;
