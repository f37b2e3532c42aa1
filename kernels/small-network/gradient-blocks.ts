/**
 * Gradients are sums over the rows of a batch. Those of biases are added up in blocks of rows whose sums keep what they lose,
 * those of weights where the batch is long: as by the ordinary products, for which the batch is k.
 */
import { LONG_BLOCK, SHORT_BLOCK } from '../math/block-sums.ts';
import type { Layout } from './layout.ts';
import { eachVector, type Vectors } from './vectors.ts';

interface Blocks {
  readonly name: string;
  readonly rows: number;
  readonly vectors: Vectors;
  readonly isLoop: boolean;
}

function blocksOf({ places, weightVectors }: Layout, batch: number): { weights?: Blocks; biases: Blocks } {
  const biases = {
    name: 'bias',
    rows: SHORT_BLOCK,
    vectors: { first: weightVectors, count: places.length - weightVectors },
    isLoop: false,
  };
  if (batch <= LONG_BLOCK) return { biases };
  const vectors = { first: 0, count: weightVectors };
  return { biases, weights: { name: 'weight', rows: LONG_BLOCK, vectors, isLoop: true } };
}

/** WGSL of the private arrays. */
export function blockArrays(layout: Layout, batch: number): string {
  return Object.values(blocksOf(layout, batch))
    .flatMap(({ name, vectors: { count } }) =>
      ['All', 'Lost'].map((part) => `var<private> ${name}${part}: array<f32, ${count}>;`),
    )
    .join('\n');
}

/** WGSL of the loop over the rows of a batch: `turn` adds `rows` of them, from `turnFirst` on, to the gradients `G`. */
export function loopOverRows(layout: Layout, batch: number, rows: number, turn: string): string {
  const { weights, biases } = blocksOf(layout, batch);
  const all = weights ? [weights, biases] : [biases];
  const turns = (end: string) => `for (; turnFirst < ${end}; turnFirst += ${rows}u) {
    ${turn}
  }`;
  const loop = all.reduceRight<(end: string) => string>(
    (inner, blocks) => (end) => inBlocks(blocks, end, inner),
    turns,
  );
  return `
  ${all.map(({ name, vectors, isLoop }) => eachVector(vectors, isLoop, (_, i) => `${name}All[${i}] = 0.0; ${name}Lost[${i}] = 0.0;`)).join('\n')}
  var turnFirst = 0u;
  ${loop('uniforms.batch')}
  ${all.map(({ name, vectors, isLoop }) => eachVector(vectors, isLoop, (k, i) => `G[${k}] = withLost_(${name}All[${i}], ${name}Lost[${i}]);`)).join('\n')}`;
}

function inBlocks(
  { name, rows, vectors, isLoop }: Blocks,
  end: string,
  inner: (end: string) => string,
): string {
  return `while (turnFirst < ${end}) {
    let ${name}End = min(turnFirst + ${rows}u, ${end});
    ${inner(`${name}End`)}
    ${eachVector(
      vectors,
      isLoop,
      (k, i) => `let next = seal_(${name}All[${i}] + G[${k}], nought_);
      ${name}Lost[${i}] += G[${k}] - (next - ${name}All[${i}]);
      ${name}All[${i}] = next;
      G[${k}] = 0.0;`,
    )}
  }`;
}
