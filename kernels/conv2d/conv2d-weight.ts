/**
 * Gradient of a correlation by its weight, in pieces, NCHW:
 *
 *   partial[piece, o, ci, ky, kx] = Σ g[i, o, r, c] x[i, ci, r strideY + ky dilationY + top, c strideX + kx dilationX + left]
 *
 * over the rows (i, r) of the piece, in the order of (i, r, c); a number outside of x is a 0. Neighbours in a row are added up to
 * eight at a time, those sums to each other, and both in blocks, as the shape says and whatever the tile: so the error stays
 * below that of 32 additions.
 * Lanes that share have the same numbers of g in common: they load one each and hand them round.
 * The sum of the pieces, in their order, is the gradient. The pieces depend on shapes alone, so no atomics are needed
 * and a sum of thousands of terms errs like one of hundreds.
 */
import { closeBlocks, inBlocks, openBlocks, type Sums, zeros } from '../math/block-sums.ts';
import { eachIndex, READ_UNIFORMS } from './conv2d.ts';
import type { WeightGradientPlan } from './conv2d-plan.ts';
import { getOrMake } from '../get-or-make.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

const known = new Map<string, Kernel>();

const UNIFORMS = {
  ...READ_UNIFORMS,
  // g: images, channels of all groups and of one, rows, columns.
  images: 'u32',
  channelsG: 'u32',
  outputs: 'u32',
  rows: 'u32',
  columns: 'u32',
  // Rows and columns of a kernel.
  tapsY: 'u32',
  tapsX: 'u32',
  // Tiles of all groups; those of output channels and of kernel rows in one; pieces and their rows.
  tiles: 'u32',
  outputTiles: 'u32',
  kernelTiles: 'u32',
  pieces: 'u32',
  pieceRows: 'u32',
  // Turns of the loop that is cut into blocks.
  block: 'u32',
  // From one model to the next.
  modelX: 'u32',
  modelG: 'u32',
} as const;

/** The kernel of a plan, an invocation a tile of one piece; workgroups are (tiles × pieces, models). */
export function correlationWeightGradient(plan: WeightGradientPlan): Kernel {
  return getOrMake(known, Object.values(plan).join(), () => build(plan));
}

function build(plan: WeightGradientPlan): Kernel {
  const { channels, kernelRows, columns, taps, stride, dilation, isGuarded, sharing, lanes, blocked } = plan;
  const isSharing = sharing > 0;
  const range = (count: number) => [...Array(count).keys()];
  const isVector = channels > 1;
  const parts = range(isVector ? channels / 4 : 1);
  const type = isVector ? 'vec4f' : 'f32';
  const offset = (column: number, tap: number) => column * stride + tap * dilation;
  const offsets = [...new Set(range(columns).flatMap((p) => range(taps).map((tx) => offset(p, tx))))];
  const sums = range(kernelRows).flatMap((q) => range(taps).map((tx) => `sum${q}t${tx}`));
  const values = range(channels).flatMap((o) =>
    sums.map((name) => `${name}v${Math.floor(o / 4)}${isVector ? `.${'xyzw'[o % 4]}` : ''}`),
  );
  // Kernel rows are counted over input channels, rows of a kernel, and its columns where they are not written out.
  const rowSetup = (q: number) => `
  let q${q} = min(kernelTile * ${kernelRows}u + ${q}u, kernelRows - 1u);
  let across${q} = q${q} % across * uniforms.dilationX + uniforms.left;
  let down${q} = q${q} / across % uniforms.tapsY * uniforms.dilationY + uniforms.top;
  let plane${q} = (group * uniforms.channels + q${q} / across / uniforms.tapsY) * sizeX;`;
  const rowStart = (q: number) => `
    let y${q} = r * uniforms.strideY + down${q};
    let isRow${q} = y${q} < uniforms.heightX;
    let at${q} = imageX + plane${q} + y${q} * uniforms.widthX + across${q};`;
  // Where lanes share: as many loads as bring all numbers of g for a turn, one to a lane.
  const loads = isSharing ? range(Math.ceil((channels * columns) / sharing)) : [];
  const laneSetup = (l: number) => `
  let number${l} = subgroupLane % ${sharing}u + ${l * sharing}u;
  let column${l} = number${l} % ${columns}u;
  let lane${l} = min(number${l} / ${columns}u, uniforms.outputs - channel - 1u) * sizeG + column${l};`;
  const guarded = (value: string, column: string) =>
    isGuarded ? `select(0.0, ${value}, ${column} < uniforms.columns)` : value;
  const loadG = (l: number) => `let loaded${l} = ${guarded(`g[rowG + lane${l} + c]`, `c + column${l}`)};`;
  const numberOfG = (o: number, p: number) => {
    if (!isSharing) return guarded(`g[g${o} + c + ${p}u]`, `c + ${p}u`);
    const n = o * columns + p;
    return `subgroupBroadcast(loaded${Math.floor(n / sharing)}, ${n % sharing}u)`;
  };
  const setG = (p: number) =>
    parts.map((j) => {
      const all = range(isVector ? 4 : 1).map((o) => numberOfG(4 * j + o, p));
      return `let value${p}v${j} = ${isVector ? `vec4f(${all.join(', ')})` : all[0]};`;
    });
  const loadX = (q: number, i: number) => {
    const value = `x[at${q} + begin + ${i}u]`;
    // `&`, not `&&`: that would be a branch for each number.
    const isInside = `isRow${q} & (across${q} + begin + ${i}u < uniforms.widthX)`;
    return `let x${q}c${i} = ${isGuarded ? `select(0.0, ${value}, ${isInside})` : value};`;
  };
  const accumulators: Sums = { names: sums.flatMap((name) => parts.map((j) => `${name}v${j}`)), type };
  const keep = isVector ? 'seal4_' : 'seal_';
  const overColumns = (until: string) => `for (; c < ${until}; c += ${columns}u) {
      let begin = c * ${stride}u;
      ${[...loads.map(loadG), ...range(columns).flatMap(setG)].join('\n      ')}
      ${range(kernelRows)
        .flatMap((q) => offsets.map((i) => loadX(q, i)))
        .join('\n      ')}
      ${range(kernelRows)
        .flatMap((q) =>
          range(taps).flatMap((tx) =>
            parts.map((j) => {
              const all = range(columns).map((p) => `x${q}c${offset(p, tx)} * value${p}v${j}`);
              return `sum${q}t${tx}v${j} += ${keep}(${all.join(' + ')}, zero);`;
            }),
          ),
        )
        .join('\n      ')}
    }`;
  const columnBlocks = { index: 'c', end: 'uniforms.columns', length: 'uniforms.block' };
  const overRows = (until: string) => `for (; row < ${until}; row++) {
    let image = row / uniforms.rows;
    let r = row % uniforms.rows;
    let imageX = wid.z * uniforms.modelX + image * uniforms.channelsX * sizeX;
    let rowG = wid.z * uniforms.modelG + (image * uniforms.channelsG + first) * sizeG + r * uniforms.columns;
    ${(isSharing ? [] : range(channels))
      .map((o) => `let g${o} = rowG + plane${o}g;`)
      .join('\n    ')}${range(kernelRows).map(rowStart).join('')}
    var c = 0u;
    ${blocked === 'columns' ? inBlocks(accumulators, columnBlocks, overColumns) : overColumns('uniforms.columns')}
  }`;

  return defineKernel<string, string, string>({
    name: 'conv2d-weight',
    inputs: ['x', 'g'],
    outputs: ['partial'],
    uniforms: UNIFORMS,
    usesSubgroups: isSharing,
    workgroupSize: lanes,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32${isSharing ? ', @builtin(subgroup_invocation_id) subgroupLane: u32' : ''}) {
  let ownIndex = workgroupIndex(vec3u(wid.xy, 0u))${isSharing ? '' : ' * WORKGROUP_SIZE + lane'};
  // A lane beyond the end computes what the last one does, and stores nothing.
  let index = min(ownIndex, uniforms.tiles * uniforms.pieces - 1u);
  let piece = index / uniforms.tiles;
  let tile = index % uniforms.tiles;
  let kernelTile = tile % uniforms.kernelTiles${isSharing ? ' * WORKGROUP_SIZE + lane' : ''};
  let channel = tile / uniforms.kernelTiles % uniforms.outputTiles * ${channels}u;
  let group = tile / uniforms.kernelTiles / uniforms.outputTiles;
  let across = uniforms.tapsX / TAPS;
  let kernelRows = uniforms.channels * uniforms.tapsY * across;
  let sizeX = uniforms.heightX * uniforms.widthX;
  let sizeG = uniforms.rows * uniforms.columns;
  let first = group * uniforms.outputs + channel;
  ${
    isSharing
      ? loads.map(laneSetup).join('')
      : range(channels)
          .map((o) => `let plane${o}g = min(${o}u, uniforms.outputs - channel - 1u) * sizeG;`)
          .join('\n  ')
  }${range(kernelRows).map(rowSetup).join('')}
  let zero = uniforms.images >> 31u;
  ${blocked ? openBlocks(accumulators) : zeros(accumulators)}
  let end = min((piece + 1u) * uniforms.pieceRows, uniforms.images * uniforms.rows);
  var row = piece * uniforms.pieceRows;
  ${blocked === 'rows' ? inBlocks(accumulators, { index: 'row', end: 'end', length: 'uniforms.block' }, overRows) : overRows('end')}
  ${blocked ? closeBlocks(accumulators) : ''}
  // Stored in a loop: written out, the stores take longer to compile than all the rest.
  let sums = array<f32, ${values.length}>(${values.join(', ')});
  let kernelSize = kernelRows * TAPS;
  let begin = kernelTile * ${sums.length}u;
  let height = select(0u, min(${channels}u, uniforms.outputs - channel), (ownIndex < uniforms.tiles * uniforms.pieces) & (begin < kernelSize));
  let width = min(${sums.length}u, kernelSize - begin);
  var place = ((wid.z * uniforms.pieces + piece) * uniforms.channelsG + first) * kernelSize + begin;
  for (var o = 0u; o < height; o++) {
    for (var i = 0u; i < width; i++) { partial[place + i] = sums[o * ${sums.length}u + i]; }
    place += kernelSize;
  }
}
`.replaceAll('TAPS', `${taps}u`),
    reference({ x, g }, u, { partial }) {
      const kernelSize = u.channels! * u.tapsY! * u.tapsX!;
      const size = u.pieces! * u.channelsG! * kernelSize;
      const sizes = [partial!.length / size, u.pieces!, u.channelsG!, u.channels!, u.tapsY!, u.tapsX!];
      let next = 0;
      eachIndex(sizes, (model, piece, o, ci, ky, kx) => {
        const plane = Math.floor(o / u.outputs!) * u.channels! + ci;
        let sum = 0;
        const end = Math.min((piece + 1) * u.pieceRows!, u.images! * u.rows!);
        for (let row = piece * u.pieceRows!; row < end; row++) {
          const [image, r] = [Math.floor(row / u.rows!), row % u.rows!];
          const y = r * u.strideY! + ky * u.dilationY! + u.top!;
          for (let c = 0; c < u.columns!; c++) {
            const left = c * stride + kx * u.dilationX! + u.left!;
            if (y < 0 || y >= u.heightX! || left < 0 || left >= u.widthX!) continue;
            const atX = ((image * u.channelsX! + plane) * u.heightX! + y) * u.widthX! + left;
            const atG = ((image * u.channelsG! + o) * u.rows! + r) * u.columns! + c;
            sum += x![model * u.modelX! + atX]! * g![model * u.modelG! + atG]!;
          }
        }
        partial![next++] = sum;
      });
    },
  });
}
