/**
 * The matmul for the vectors of a CPU. Lanes of a workgroup stand side by side along one axis of y, each with numbers of
 * one operand, its own; all of them need the same numbers of the other. Each lane loads a few of those and hands them
 * round. Every output adds its products in the order of k, as without sharing.
 */
import type { Sums } from '../math/block-sums.ts';
import { loopOverK } from './matmul-blocks.ts';
import { activated, finishFunctions, storeSource } from './matmul-finish.ts';
import type { MatmulOptions } from './matmul-options.ts';
import type { SharingPlan } from './matmul-plan.ts';
import { wgsl } from '../wgsl.ts';

/** How an operand is read: `values` of it along its axis, and `stepK` along k, in vec4s or one by one. */
interface Side {
  name: 'a' | 'b';
  /** Of its axis other than k. */
  length: 'm' | 'n';
  values: number;
  /** Whether neighbours in memory are neighbours in k. */
  isAlongK: boolean;
  isVector: boolean;
}

/** WGSL of the kernel; its bindings are those of every matmul. */
export function sharingCode(plan: SharingPlan, options: MatmulOptions): string {
  const { own: axis, stepK, sharing } = plan;
  const { transposeA, transposeB, hasBias, hasColumnSum = false } = options;
  const sides = {
    m: { name: 'a', length: 'm', isAlongK: !transposeA, isVector: plan.vectorA },
    n: { name: 'b', length: 'n', isAlongK: transposeB, isVector: plan.vectorB },
  } as const;
  const own: Side = { ...sides[axis], values: plan.ownTile };
  const shared: Side = { ...sides[axis === 'm' ? 'n' : 'm'], values: plan.sharedTile };
  const kRange = range(stepK);

  // Places are clamped instead of guarded: a lane beyond the edge reads what its neighbour reads and stores nothing.
  const place = ({ length, isVector, isAlongK }: Side, at: string) =>
    `min(${at}, uniforms.${length} - ${isVector && !isAlongK ? 4 : 1}u)`;
  const address = (side: Side, at: string, q: string) =>
    side.isAlongK
      ? `${place(side, at)} * uniforms.k + ${q}`
      : `${q} * uniforms.${side.length} + ${place(side, at)}`;
  const load = (side: Side, index: string) => `${side.name}[${side.isVector ? `(${index}) / 4u` : index}]`;
  /** Which load has the number at `i` along the axis and `q` along k, and which part of it. */
  const part = (side: Side, i: number, q: number): [number, string] => {
    if (!side.isVector) return [q * side.values + i, ''];
    return side.isAlongK ? [i, `.${'xyzw'[q]}`] : [(q * side.values + i - (i % 4)) / 4, `.${'xyzw'[i % 4]}`];
  };
  // Numbers of the axis that one load brings; loads along the axis; and those of one turn of the loop.
  const scale = (side: Side) => (side.isVector && !side.isAlongK ? 4 : 1);
  const width = (side: Side) => side.values / scale(side);
  const count = (side: Side) => width(side) * (side.isVector && side.isAlongK ? 1 : stepK);

  const ownSetup = range(count(own)).map((l) => {
    const [i, q] = [(l % width(own)) * scale(own), Math.floor(l / width(own))];
    return `let ownAt${l} = offset${own.name} + ${address(own, `ownFirst + ${i}u`, `${q}u`)};`;
  });
  const sharedLoads = range(Math.ceil(count(shared) / sharing));
  const sharedSetup = sharedLoads.map((l) => {
    const number = `min(subgroupLane % ${sharing}u + ${l * sharing}u, ${count(shared) - 1}u)`;
    const at = `sharedFirst + number${l} % ${width(shared)}u * ${scale(shared)}u`;
    return `let number${l} = ${number};
  let sharedAt${l} = offset${shared.name} + ${address(shared, at, `number${l} / ${width(shared)}u`)};`;
  });
  const step = (side: Side) => (side.isAlongK ? 'p' : `p * uniforms.${side.length}`);
  const loads = [
    ...range(count(own)).map((l) => `let own${l} = ${load(own, `ownAt${l} + ${step(own)}`)};`),
    ...sharedLoads.map((l) => `let shared${l} = ${load(shared, `sharedAt${l} + ${step(shared)}`)};`),
  ];
  const ownValue = (i: number, q: number) => {
    const [l, component] = part(own, i, q);
    return `own${l}${component}`;
  };
  const sharedValue = (i: number, q: number) => {
    const [l, component] = part(shared, i, q);
    return `subgroupBroadcast(shared${Math.floor(l / sharing)}${component}, ${l % sharing}u)`;
  };
  // Own values as vec4s: their number is a multiple of 4.
  const groups = range(own.values / 4);
  const ownVectors = kRange.flatMap((q) =>
    groups.map(
      (j) =>
        `let own${q}v${j} = vec4f(${range(4)
          .map((o) => ownValue(4 * j + o, q))
          .join(', ')});`,
    ),
  );
  // All of one sum together, for few sums fit into a processor's registers; each adds in the order of k.
  const products = range(shared.values).flatMap((i) =>
    kRange.flatMap((q) => [
      `let shared${q}v${i} = ${sharedValue(i, q)};`,
      ...groups.map((j) => `sum${i}v${j} += shared${q}v${i} * own${q}v${j};`),
    ]),
  );
  const vectors = (names: string[]): Sums => ({ names, type: 'vec4f' });
  const accumulators = {
    sums: vectors(range(shared.values).flatMap((i) => groups.map((j) => `sum${i}v${j}`))),
    totals: vectors(hasColumnSum ? groups.map((j) => `total${j}`) : []),
  };
  const totals = hasColumnSum ? kRange.flatMap((q) => groups.map((j) => `total${j} += own${q}v${j};`)) : [];
  const [stepOwn, stepShared] = axis === 'n' ? ['1u', 'uniforms.n'] : ['uniforms.n', '1u'];
  // The bias of a column: a lane's own where columns are, else handed round like the numbers of b.
  const biasAt = (column: string) => `bias[matrix * uniforms.strideBias + min(${column}, uniforms.n - 1u)]`;
  const biasLoads =
    axis === 'n'
      ? groups.map(
          (j) =>
            `let bias${j} = vec4f(${range(4)
              .map((o) => biasAt(`ownFirst + ${4 * j + o}u`))
              .join(', ')});`,
        )
      : range(Math.ceil(shared.values / sharing)).map(
          (l) => `let bias${l} = ${biasAt(`sharedFirst + subgroupLane % ${sharing}u + ${l * sharing}u`)};`,
        );
  const biasOf = (i: number, j: number) =>
    axis === 'n' ? `bias${j}` : `subgroupBroadcast(bias${Math.floor(i / sharing)}, ${i % sharing}u)`;
  const addBias = [
    ...biasLoads,
    ...range(shared.values).flatMap((i) => groups.map((j) => `sum${i}v${j} += ${biasOf(i, j)};`)),
  ];
  const inside = (j: number, o: number) => `if (ownFirst + ${4 * j + o}u < uniforms.${own.length})`;
  const results = range(4).map((o) => activated(`sum.${'xyzw'[o]}`));
  const stores = groups.map((j) => {
    const at = `first + ${4 * j}u * ${stepOwn}`;
    const store = plan.vectorY
      ? `${inside(j, 0)} { ${storeSource(results, `(${at}) / 4u`, options)} }`
      : // All four before the first branch: so they are computed side by side.
        [
          ...results.map((y, o) => `let y${o} = ${y};`),
          ...range(4).map(
            (o) => `${inside(j, o)} { ${storeSource([`y${o}`], `${at} + ${o}u * ${stepOwn}`, options)} }`,
          ),
        ].join('\n      ');
    return `{
      let sum = sums[i * ${groups.length}u + ${j}u];
      ${store}
    }`;
  });
  // Stored in a loop: written out, the stores take longer to compile than all the rest.
  const storeAlong = `let sums = array<vec4f, ${shared.values * groups.length}>(${range(shared.values)
    .flatMap((i) => groups.map((j) => `sum${i}v${j}`))
    .join(', ')});
  for (var i = 0u; i < sharedCount; i++) {
    let first = offsetY + i * ${stepShared};
    ${stores.join('\n    ')}
  }`;
  // Where lanes have rows, four neighbours of a row are in four sums.
  const storeAcross = `let sums = array<vec4f, ${(shared.values / 4) * own.values}>(${range(shared.values / 4)
    .flatMap((q) =>
      range(own.values).map(
        (r) =>
          `vec4f(${range(4)
            .map((o) => `sum${4 * q + o}v${Math.floor(r / 4)}.${'xyzw'[r % 4]}`)
            .join(', ')})`,
      ),
    )
    .join(', ')});
  for (var i = 0u; i < sharedCount / 4u * ${own.values}u; i++) {
    let row = i % ${own.values}u;
    if (ownFirst + row < uniforms.m) {
      let sum = sums[i];
      ${storeSource(results, `(offsetY + row * uniforms.n) / 4u + i / ${own.values}u`, options)}
    }
  }`;
  const storeTotals = groups.flatMap((j) =>
    range(4).map(
      (o) =>
        `${inside(j, o)} { columnSum[matrix * uniforms.n + ownFirst + ${4 * j + o}u] = total${j}.${'xyzw'[o]}; }`,
    ),
  );

  return wgsl`
${finishFunctions(options)}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) subgroupLane: u32) {
  let index = workgroupIndex(wid);
  let ownTiles = (uniforms.${own.length} + ${own.values * plan.workgroupSize - 1}u) / ${own.values * plan.workgroupSize}u;
  let tiles = ownTiles * ((uniforms.${shared.length} + ${shared.values - 1}u) / ${shared.values}u);
  let matrix = index / tiles;
  if (matrix < uniforms.matrices) {
  let tile = index - matrix * tiles;
  let ownFirst = (tile % ownTiles * WORKGROUP_SIZE + lane) * ${own.values}u;
  let sharedFirst = tile / ownTiles * ${shared.values}u;
  let offseta = matrix * uniforms.strideA;
  let offsetb = matrix * uniforms.strideB;
  ${[...ownSetup, ...sharedSetup].join('\n  ')}
  ${loopOverK(plan, accumulators, [...loads, ...ownVectors, ...products, ...totals])}
  ${hasBias ? addBias.join('\n  ') : ''}
  let sharedCount = min(${shared.values}u, uniforms.${shared.length} - sharedFirst);
  let offsetY = matrix * uniforms.m * uniforms.n + ownFirst * ${stepOwn} + sharedFirst * ${stepShared};
  ${axis === 'm' && plan.vectorY ? storeAcross : storeAlong}
  ${hasColumnSum ? `if (sharedFirst == 0u) { ${storeTotals.join('\n  ')} }` : ''}
  }
}
`;
}

function range(count: number): number[] {
  return [...Array(count).keys()];
}
