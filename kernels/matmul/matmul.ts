/**
 * y = activation(a @ b + bias), batched. Each invocation keeps a tile of outputs in registers and reads a and b
 * straight from storage, in vec4s where the shape allows: no workgroup memory and no barriers, which is what software
 * adapters and caches like best. Software adapters with subgroups load still less: `matmul-sharing.ts`. Every output
 * adds its products in the order of k and in blocks, whatever the tile: `matmul-blocks.ts`.
 */
import type { Sums } from '../math/block-sums.ts';
import { getOrMake } from '../get-or-make.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { loopOverK } from './matmul-blocks.ts';
import { activated, finish, finishFunctions, finishInputs, storeSource } from './matmul-finish.ts';
import { type MatmulOptions, optionsName } from './matmul-options.ts';
import { type AnyPlan, type MatmulPlan, planOf } from './matmul-plan.ts';
import { sharingCode } from './matmul-sharing.ts';
import { shortCode } from './matmul-short.ts';
import type { Sharing } from './sharing.ts';
import { wgsl } from '../wgsl.ts';

interface Choice {
  kernel: Kernel;
  workgroups: number;
}

const known = new Map<string, Kernel>();
const choices = new Map<string, Choice>();

/**
 * The kernel for these sizes, by the rule or as given, and how many workgroups it takes. Tiles of all matrices are numbered through, so that small
 * ones share a workgroup.
 */
export function matmulKernel(
  sizes: { m: number; n: number; k: number; matrices: number },
  options: MatmulOptions,
  sharing: Sharing,
  given?: AnyPlan,
): Choice {
  const { m, n, k, matrices } = sizes;
  const chosen = optionsName(options);
  const asked = given ? Object.values(given).join() : '';
  // Asked at every dispatch: to plan again would cost as much as the rest of it.
  return getOrMake(choices, `${m},${n},${k},${matrices},${sharing},${chosen},${asked}`, () => {
    const plan = given ?? planOf(sizes, options, sharing);
    const key = `${Object.values(plan).join()},${chosen}`;
    return {
      kernel: getOrMake(known, key, () => buildMatmul(plan, options)),
      workgroups: workgroupsOf(plan, sizes),
    };
  });
}

/** How many workgroups a plan takes. */
export function workgroupsOf(
  plan: AnyPlan,
  { m, n, matrices }: { m: number; n: number; matrices: number },
): number {
  if ('rows' in plan)
    return Math.ceil(
      (matrices * Math.ceil(m / plan.rows) * Math.ceil(n / plan.columns)) / plan.workgroupSize,
    );
  if ('shortK' in plan)
    return matrices * Math.ceil(m / plan.tileRows) * Math.ceil(n / (4 * plan.workgroupSize));
  const [own, shared] = plan.own === 'm' ? [m, n] : [n, m];
  return (
    matrices * Math.ceil(own / (plan.ownTile * plan.workgroupSize)) * Math.ceil(shared / plan.sharedTile)
  );
}

/** For tests: the kernel of one plan, whatever the sizes would choose. */
export function buildMatmul(plan: AnyPlan, options: MatmulOptions): Kernel {
  const { transposeA, transposeB, hasBias, activation, hasColumnSum = false, hasAddend, gate } = options;
  const isSharing = 'sharing' in plan;
  return defineKernel<string, string, string>({
    name: [
      'matmul',
      transposeA && 'ta',
      transposeB && 'tb',
      hasBias && 'bias',
      hasColumnSum && 'sum',
      activation !== 'identity' && activation,
      hasAddend && 'add',
      gate && `${gate}Grad`,
    ]
      .filter(Boolean)
      .join('-'),
    inputs: {
      a: plan.vectorA ? 'vec4f' : 'f32',
      b: plan.vectorB ? 'vec4f' : 'f32',
      ...(hasBias ? { bias: 'f32' as const } : {}),
      ...finishInputs(options, plan.vectorY ? 'vec4f' : 'f32'),
    },
    outputs: {
      y: plan.vectorY ? 'vec4f' : 'f32',
      ...(hasColumnSum ? { columnSum: 'f32' as const } : {}),
    },
    uniforms: {
      m: 'u32',
      n: 'u32',
      k: 'u32',
      matrices: 'u32',
      strideA: 'u32',
      strideB: 'u32',
      strideBias: 'u32',
    },
    workgroupSize: plan.workgroupSize,
    usesSubgroups: isSharing,
    code: codeOf(plan, options),
    reference({ a, b, bias, ...others }, { m, n, k, strideA, strideB, strideBias }, { y, columnSum }) {
      for (let batch = 0; batch < y!.length / (m! * n!); batch++) {
        for (let j = 0; j < n! && hasColumnSum; j++) {
          let total = 0;
          for (let p = 0; p < k!; p++)
            total += b![batch * strideB! + (transposeB ? j * k! + p : p * n! + j)]!;
          columnSum![batch * n! + j] = total;
        }
        for (let i = 0; i < m!; i++) {
          for (let j = 0; j < n!; j++) {
            let sum = 0;
            for (let p = 0; p < k!; p++) {
              const left = a![batch * strideA! + (transposeA ? p * m! + i : i * k! + p)]!;
              sum += left * b![batch * strideB! + (transposeB ? j * k! + p : p * n! + j)]!;
            }
            if (hasBias) sum += bias![batch * strideBias! + j]!;
            const place = (batch * m! + i) * n! + j;
            y![place] = finish(sum, place, options, others);
          }
        }
      }
    },
  });
}

function codeOf(plan: AnyPlan, options: MatmulOptions): string {
  if ('shortK' in plan) return shortCode(plan, options);
  return 'sharing' in plan ? sharingCode(plan, options) : plainCode(plan, options);
}

/** WGSL of a kernel whose invocations load all that they need. */
function plainCode(plan: MatmulPlan, options: MatmulOptions): string {
  const { rows, columns, vectorA, vectorB, vectorY, stepK } = plan;
  const { transposeA, transposeB, hasBias, hasColumnSum = false } = options;
  const rowRange = [...Array(rows).keys()];
  const columnRange = [...Array(columns).keys()];
  const kRange = [...Array(stepK).keys()];

  // Offsets are clamped instead of guarded: a lane beyond the edge reads what its neighbour reads and stores nothing.
  const rowAt = (i: number) => `min(row + ${i}u, uniforms.m - 1u)`;
  const columnAt = (j: number) => `min(column + ${j}u, uniforms.n - 1u)`;
  const loadsA = transposeA
    ? // (k, m): along m
      kRange.flatMap((q) =>
        vectorA
          ? strided(rows, 4).map(
              (i) =>
                `let a${q}v${i} = a[(offsetA + (p + ${q}u) * uniforms.m + min(row + ${i}u, uniforms.m - 4u)) / 4u];`,
            )
          : rowRange.map((i) => `let a${q}s${i} = a[offsetA + (p + ${q}u) * uniforms.m + r${i}];`),
      )
    : vectorA
      ? rowRange.map((i) => `let a${i}v = a[(offsetA + r${i} * uniforms.k + p) / 4u];`)
      : rowRange.map((i) => `let a0s${i} = a[offsetA + r${i} * uniforms.k + p];`);
  const valueA = (q: number, i: number) => {
    if (!vectorA) return `a${q}s${i}`;
    return transposeA ? `a${q}v${i - (i % 4)}.${'xyzw'[i % 4]}` : `a${i}v.${'xyzw'[q]}`;
  };
  const loadsB = transposeB
    ? vectorB
      ? columnRange.map((j) => `let b${j}v = b[(offsetB + c${j} * uniforms.k + p) / 4u];`)
      : columnRange.map((j) => `let b0s${j} = b[offsetB + c${j} * uniforms.k + p];`)
    : kRange.flatMap((q) =>
        vectorB
          ? strided(columns, 4).map(
              (j) =>
                `let b${q}v${j} = b[(offsetB + (p + ${q}u) * uniforms.n + min(column + ${j}u, uniforms.n - 4u)) / 4u];`,
            )
          : columnRange.map((j) => `let b${q}s${j} = b[offsetB + (p + ${q}u) * uniforms.n + c${j}];`),
      );
  // A row of b as vec4s, or its single numbers.
  const groups = columns % 4 === 0 ? strided(columns, 4) : [];
  const single = (q: number, j: number) => {
    if (!vectorB) return `b${q}s${j}`;
    return transposeB ? `b${j}v.${'xyzw'[q]}` : `b${q}v${j - (j % 4)}.${'xyzw'[j % 4]}`;
  };
  const group = (q: number, j: number) =>
    vectorB && !transposeB ? `b${q}v${j}` : `vec4f(${[0, 1, 2, 3].map((o) => single(q, j + o)).join(', ')})`;
  const products = kRange.flatMap((q) => [
    ...groups.map((j) => `let row${q}b${j} = ${group(q, j)};`),
    ...rowRange.flatMap((i) =>
      groups.length > 0
        ? groups.map((j) => `sum${i}g${j} += ${valueA(q, i)} * row${q}b${j};`)
        : columnRange.map((j) => `sum${i}c${j} += ${valueA(q, i)} * ${single(q, j)};`),
    ),
    ...(hasColumnSum ? columnRange.map((j) => `total${j} += ${single(q, j)};`) : []),
  ]);
  const sums: Sums =
    groups.length > 0
      ? { names: rowRange.flatMap((i) => groups.map((j) => `sum${i}g${j}`)), type: 'vec4f' }
      : { names: rowRange.flatMap((i) => columnRange.map((j) => `sum${i}c${j}`)), type: 'f32' };
  const totals: Sums = { names: hasColumnSum ? columnRange.map((j) => `total${j}`) : [], type: 'f32' };
  const accumulators = { sums, totals };
  const result = (i: number, j: number) =>
    activated(
      `${groups.length > 0 ? `sum${i}g${j - (j % 4)}.${'xyzw'[j % 4]}` : `sum${i}c${j}`}${hasBias ? ` + bias${j}` : ''}`,
    );
  const stores = rowRange.flatMap((i) =>
    vectorY
      ? groups.map(
          (j) => `if (row + ${i}u < uniforms.m && column + ${j}u < uniforms.n) {
    ${storeSource(
      [0, 1, 2, 3].map((o) => result(i, j + o)),
      `(offsetY + (row + ${i}u) * uniforms.n + column + ${j}u) / 4u`,
      options,
    )}
  }`,
        )
      : columnRange.map(
          (j) => `if (row + ${i}u < uniforms.m && column + ${j}u < uniforms.n) {
    ${storeSource([result(i, j)], `offsetY + (row + ${i}u) * uniforms.n + column + ${j}u`, options)}
  }`,
        ),
  );
  const storeTotals = columnRange.map(
    (j) =>
      `if (row == 0u && column + ${j}u < uniforms.n) { columnSum[matrix * uniforms.n + column + ${j}u] = total${j}; }`,
  );

  return wgsl`
${finishFunctions(options)}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  let across = (uniforms.n + ${columns - 1}u) / ${columns}u;
  let tiles = across * ((uniforms.m + ${rows - 1}u) / ${rows}u);
  let matrix = number / tiles;
  if (matrix < uniforms.matrices) {
  let tile = number - matrix * tiles;
  let row = tile / across * ${rows}u;
  let column = tile % across * ${columns}u;
  let offsetA = matrix * uniforms.strideA;
  let offsetB = matrix * uniforms.strideB;
  let offsetY = matrix * uniforms.m * uniforms.n;
  ${rowRange.map((i) => `let r${i} = ${rowAt(i)};`).join('\n  ')}
  ${columnRange.map((j) => `let c${j} = ${columnAt(j)};`).join('\n  ')}
  ${loopOverK(plan, accumulators, [...loadsA, ...loadsB, ...products])}
  ${hasBias ? columnRange.map((j) => `let bias${j} = bias[matrix * uniforms.strideBias + c${j}];`).join('\n  ') : ''}
  ${stores.join('\n  ')}
  ${hasColumnSum ? storeTotals.join('\n  ') : ''}
  }
}
`;
}

function strided(count: number, by: number): number[] {
  return [...Array(Math.ceil(count / by)).keys()].map((i) => i * by);
}
