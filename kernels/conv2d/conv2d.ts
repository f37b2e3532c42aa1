/**
 * The correlation behind convolutions and transposed convolutions, NCHW:
 *
 *   y[i, o, r, c] = activation(Σ x[i, ci, r strideY + ty dilationY + top, c strideX + tx dilationX + left] w[o, ci, ty, tx] + bias[o])
 *
 * An invocation keeps a row segment of several output channels in registers, and uses each number of x that it loads for
 * all of them. The weights' addresses are the same over a workgroup; lanes that share load one each and hand them round,
 * where a subgroup is at least as large as `sharing`. Every output adds its products in the order of
 * (ci, ty, tx) and in blocks, whatever the tile; a number outside of x is a 0.
 */
import { closeBlocks, inBlocks, openBlocks, type Sums, zeros } from '../math/block-sums.ts';
import { getOrMake } from '../get-or-make.ts';
import type { CorrelationPlan } from './conv2d-plan.ts';
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { type FusedActivation, fusedActivations } from '../matmul/matmul-options.ts';
import { wgsl } from '../wgsl.ts';

export interface CorrelationOptions {
  hasBias: boolean;
  activation: FusedActivation;
}

const known = new Map<string, Kernel>();

/** All are u32; those that may be negative wrap around. How x is read: by the weight gradient too. */
export const READ_UNIFORMS = {
  // x: channels of all groups and of one, rows, columns; where the first output reads.
  channelsX: 'u32',
  channels: 'u32',
  heightX: 'u32',
  widthX: 'u32',
  top: 'u32',
  left: 'u32',
  strideY: 'u32',
  dilationY: 'u32',
  dilationX: 'u32',
} as const;

const UNIFORMS = {
  ...READ_UNIFORMS,
  // y: channels of all groups and of one, rows, columns.
  channelsY: 'u32',
  outputs: 'u32',
  heightY: 'u32',
  widthY: 'u32',
  // Which of y are written: rows × columns of them, in steps. `places` counts the segments of all images.
  rows: 'u32',
  columns: 'u32',
  stepRow: 'u32',
  stepColumn: 'u32',
  firstRow: 'u32',
  firstColumn: 'u32',
  places: 'u32',
  // Tiles of output channels, of all groups and of one.
  tiles: 'u32',
  groupTiles: 'u32',
  // Which taps of a kernel are used: tapsY × tapsX of them, in steps.
  kernelSize: 'u32',
  tapsY: 'u32',
  tapsX: 'u32',
  stepTapY: 'u32',
  stepTapX: 'u32',
  firstTap: 'u32',
  // Turns of the loop that is cut into blocks.
  block: 'u32',
  // From one model to the next.
  modelX: 'u32',
  modelY: 'u32',
  modelTiles: 'u32',
  modelBias: 'u32',
} as const;

export type CorrelationUniforms = Record<keyof typeof UNIFORMS, number>;

/** The kernel of a plan. It writes into a `y` that exists; workgroups are (tiles × places, models). */
export function correlation(plan: CorrelationPlan, options: CorrelationOptions): Kernel {
  return getOrMake(known, [...Object.values(plan), ...Object.values(options)].join(), () =>
    buildCorrelation(plan, options),
  );
}

function buildCorrelation(plan: CorrelationPlan, { hasBias, activation }: CorrelationOptions): Kernel {
  const { channels, columns, taps, stride, dilation, isGuarded, sharing, blocked } = plan;
  const across = [...Array(columns).keys()];
  const tapRange = [...Array(taps).keys()];
  // Weights come in vec4s of output channels, or one by one.
  const isVector = channels > 1;
  const parts = [...Array(isVector ? channels / 4 : 1).keys()];
  const type = isVector ? 'vec4f' : 'f32';
  // Where lanes share: as many loads as bring all numbers of a row of taps, one to a lane.
  const isSharing = sharing > 0;
  const loads = isSharing ? [...Array(Math.ceil((taps * channels) / sharing)).keys()] : [];
  const laneSetup = (l: number) => `
  let number${l} = subgroupLane % ${sharing}u + ${l * sharing}u;
  let lane${l} = number${l} / ${channels}u * uniforms.stepTapX * ${channels}u + number${l} % ${channels}u;`;
  const shared = (n: number) => `subgroupBroadcast(loaded${Math.floor(n / sharing)}, ${n % sharing}u)`;
  const weightOf = (tx: number, j: number) => {
    if (!isSharing)
      return `weight[(tap + ${tx}u * uniforms.stepTapX) * ${parts.length}u${j > 0 ? ` + ${j}u` : ''}]`;
    const first = tx * channels + 4 * j;
    return isVector ? `vec4f(${[0, 1, 2, 3].map((i) => shared(first + i)).join(', ')})` : shared(first);
  };
  const offset = (column: number, tap: number) => column * stride + tap * dilation;
  const offsets = [...new Set(across.flatMap((column) => tapRange.map((tap) => offset(column, tap))))];
  const values = across.flatMap((p) =>
    parts.flatMap((j) =>
      isVector ? ['x', 'y', 'z', 'w'].map((part) => `sum${p}v${j}.${part}`) : [`sum${p}v${j}`],
    ),
  );
  // `&`, not `&&`: that would be a branch for each number.
  const load = (i: number) =>
    isGuarded
      ? `let x${i} = select(0.0, x[at + ${i}u], isRow & (begin + ${i}u < uniforms.widthX));`
      : `let x${i} = x[at + ${i}u];`;
  // All of one sum together, for few sums fit into a processor's registers.
  const products = parts.flatMap((j) => [
    ...tapRange.map((tx) => `let w${tx}v${j} = ${weightOf(tx, j)};`),
    ...across.flatMap((p) => tapRange.map((tx) => `sum${p}v${j} += x${offset(p, tx)} * w${tx}v${j};`)),
  ]);
  const accumulators: Sums = { names: across.flatMap((p) => parts.map((j) => `sum${p}v${j}`)), type };
  /** A loop over one of the uniforms, in blocks if the plan says so. */
  const loopOver = (index: string, uniform: 'channels' | 'tapsY' | 'tapsX', body: string) => {
    const loop = (end: string) => `for (; ${index} < ${end}; ${index}++) { ${body} }`;
    const end = `uniforms.${uniform}`;
    const blocks = { index, end, length: 'uniforms.block' };
    return `var ${index} = 0u;
      ${blocked === uniform ? inBlocks(accumulators, blocks, loop) : loop(end)}`;
  };
  const taken = `
        let begin = left + tx * uniforms.dilationX;
        let at = plane + y * uniforms.widthX + begin;
        let tap = taps + ty * uniforms.stepTapY + tx * uniforms.stepTapX;
        ${loads.map((l) => `let loaded${l} = weight[tap * ${channels}u + lane${l}];`).join('\n        ')}
        ${[...offsets.map(load), ...products].join('\n        ')}`;
  // Written out, the taps of a row need no loop: their number is the plan's.
  const kernelRow = `
      let y = top + ty * uniforms.dilationY;
      let isRow = y < uniforms.heightX;
      ${taps > 1 ? `{ let tx = 0u; ${taken} }` : loopOver('tx', 'tapsX', taken)}`;
  const activationSource = fusedActivations[activation].wgsl;

  return defineKernel<string, string, string>({
    name: ['conv2d', hasBias && 'bias', activation !== 'identity' && activation].filter(Boolean).join('-'),
    inputs: { x: 'f32', weight: isSharing ? 'f32' : type, ...(hasBias ? { bias: 'f32' as const } : {}) },
    outputs: { y: 'f32' },
    inout: ['y'],
    uniforms: UNIFORMS,
    usesSubgroups: isSharing,
    code: wgsl`
fn activate(v: f32) -> f32 { return ${activationSource}; }
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32${isSharing ? ', @builtin(subgroup_invocation_id) subgroupLane: u32' : ''}) {
  let index = workgroupIndex(vec3u(wid.xy, 0u));
  let tile = index % uniforms.tiles;
  let group = tile / uniforms.groupTiles;
  let channel = tile % uniforms.groupTiles * ${channels}u;
  let ownPlace = index / uniforms.tiles * WORKGROUP_SIZE + lane;
  // A lane beyond the end computes what the last one does, and stores nothing.
  let place = min(ownPlace, uniforms.places - 1u);
  let segments = (uniforms.columns + ${columns - 1}u) / ${columns}u;
  let column = place % segments * ${columns}u;
  let row = place / segments % uniforms.rows;
  let image = place / segments / uniforms.rows;
  let top = row * uniforms.strideY + uniforms.top;
  let left = column * ${stride}u + uniforms.left;
  let sizeX = uniforms.heightX * uniforms.widthX;
  var plane = wid.z * uniforms.modelX + (image * uniforms.channelsX + group * uniforms.channels) * sizeX;
  var taps = (wid.z * uniforms.modelTiles + tile) * uniforms.channels * uniforms.kernelSize + uniforms.firstTap;
${loads.map(laneSetup).join('')}
  ${blocked ? `let zero = uniforms.channels >> 31u; ${openBlocks(accumulators)}` : zeros(accumulators)}
  ${loopOver(
    'ci',
    'channels',
    `${loopOver('ty', 'tapsY', kernelRow)}
    plane += sizeX;
    taps += uniforms.kernelSize;`,
  )}
  ${blocked ? closeBlocks(accumulators) : ''}
  // Stored in a loop: written out, the stores take longer to compile than all the rest.
  let sums = array<f32, ${columns * channels}>(${values.join(', ')});
  let first = group * uniforms.outputs + channel;
  let height = select(0u, min(${channels}u, uniforms.outputs - channel), ownPlace < uniforms.places);
  let width = min(${columns}u, uniforms.columns - column);
  let corner = (row * uniforms.stepRow + uniforms.firstRow) * uniforms.widthY + column * uniforms.stepColumn + uniforms.firstColumn;
  var result = wid.z * uniforms.modelY + (image * uniforms.channelsY + first) * uniforms.heightY * uniforms.widthY + corner;
  for (var o = 0u; o < height; o++) {
    for (var p = 0u; p < width; p++) {
      y[result + p * uniforms.stepColumn] = activate(sums[p * ${channels}u + o]${hasBias ? ' + bias[wid.z * uniforms.modelBias + first + o]' : ''});
    }
    result += uniforms.heightY * uniforms.widthY;
  }
}
`,
    reference({ x, weight, bias }, u, { y }) {
      const { js } = fusedActivations[activation];
      const images = u.places! / u.rows! / Math.ceil(u.columns! / columns);
      const size = u.heightY! * u.widthY!;
      const models = y!.length / u.modelY!;
      eachIndex([models, images, u.channelsY!, u.rows!, u.columns!], (model, image, o, row, column) => {
        const [group, own] = [Math.floor(o / u.outputs!), o % u.outputs!];
        const tile = model * u.modelTiles! + group * u.groupTiles! + Math.floor(own / channels);
        let sum = 0;
        eachIndex([u.channels!, u.tapsY!, u.tapsX!], (ci, ty, tx) => {
          const r = row * u.strideY! + ty * u.dilationY! + u.top!;
          const c = column * stride + tx * u.dilationX! + u.left!;
          if (r < 0 || r >= u.heightX! || c < 0 || c >= u.widthX!) return;
          const plane = image * u.channelsX! + group * u.channels! + ci;
          const tap = u.firstTap! + ty * u.stepTapY! + tx * u.stepTapX!;
          sum +=
            x![model * u.modelX! + (plane * u.heightX! + r) * u.widthX! + c]! *
            weight![((tile * u.channels! + ci) * u.kernelSize! + tap) * channels + (own % channels)]!;
        });
        if (hasBias) sum += bias![model * u.modelBias! + o]!;
        const r = row * u.stepRow! + u.firstRow!;
        const c = column * u.stepColumn! + u.firstColumn!;
        y![model * u.modelY! + (image * u.channelsY! + o) * size + r * u.widthY! + c] = js(sum);
      });
    },
  });
}

/**
 * Weights in the order in which a correlation reads them: (models, tiles of output channels, input channels, taps,
 * channels of a tile), with zeros where a group's last tile has more channels than the group.
 */
export const packWeights: Kernel<
  'weight',
  'y',
  | 'size'
  | 'width'
  | 'taps'
  | 'channels'
  | 'outputs'
  | 'groupTiles'
  | 'tiles'
  | 'modelStride'
  | 'groupStride'
  | 'outputStride'
  | 'channelStride'
> = defineKernel({
  name: 'conv2d-pack',
  inputs: ['weight'],
  outputs: ['y'],
  uniforms: {
    size: 'u32',
    width: 'u32',
    taps: 'u32',
    channels: 'u32',
    outputs: 'u32',
    groupTiles: 'u32',
    tiles: 'u32',
    modelStride: 'u32',
    groupStride: 'u32',
    outputStride: 'u32',
    channelStride: 'u32',
  },
  code: elementLoop({
    size: 'uniforms.size',
    digits: {
      own: 'uniforms.width',
      tap: 'uniforms.taps',
      ci: 'uniforms.channels',
      groupTile: 'uniforms.groupTiles',
      group: 'uniforms.tiles / uniforms.groupTiles',
    },
    rest: 'model',
    body: wgsl`let o = groupTile * uniforms.width + own;
    let place = model * uniforms.modelStride + group * uniforms.groupStride
      + min(o, uniforms.outputs - 1u) * uniforms.outputStride + ci * uniforms.channelStride + tap;
    y[i] = select(0.0, weight[place], o < uniforms.outputs);`,
  }),
  reference({ weight }, u, { y }) {
    eachIndex([y.length / u.width / u.taps / u.channels, u.channels, u.taps], (tile, ci, tap) => {
      const group = Math.floor((tile % u.tiles) / u.groupTiles);
      for (let lane = 0; lane < u.width; lane++) {
        const o = (tile % u.groupTiles) * u.width + lane;
        const place = Math.floor(tile / u.tiles) * u.modelStride + group * u.groupStride;
        const value = weight[place + o * u.outputStride + ci * u.channelStride + tap]!;
        y[((tile * u.channels + ci) * u.taps + tap) * u.width + lane] = o < u.outputs ? value : 0;
      }
    });
  },
});

/** Calls `f` for every index below `sizes`, the last axis fastest. */
export function eachIndex(sizes: readonly number[], f: (...index: number[]) => void): void {
  const visit = (axis: number, index: readonly number[]) => {
    if (axis === sizes.length) return f(...index);
    for (let i = 0; i < sizes[axis]!; i++) visit(axis + 1, [...index, i]);
  };
  visit(0, []);
}
