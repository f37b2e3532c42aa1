/** Which register tiles the convolutions use: rules of their sizes that can be read. No choice changes the order of additions. */
import { type Blocks, LONG_BLOCK, planBlocks, SHORT_BLOCK } from '../math/block-sums.ts';
import { cheapest, costOf, type Sharing } from '../matmul/sharing.ts';

/** Beyond this many columns a kernel's taps are looped over instead of written out. */
const WIDEST_UNROLLED = 7;
/** Columns of one invocation's outputs at most. */
const WIDEST_TILE = 8;
/** Where lanes share what they load: output channels and columns of one invocation, sums that it keeps at most. */
const SHARING_CHANNELS = [4, 8, 12, 16, 20];
const WIDEST_SHARING = 16;
const SHARING_SUMS = 160;
/** Products that are written out at most: more take longer to compile, and to run. */
const SHARING_PRODUCTS = 800;
/** Lanes of a workgroup of the weight gradient that share, and kernel rows of each at most. */
const SHARING_LANES = 8;
const SHARING_KERNEL_ROWS = 3;
/** Output channels of each. */
const WEIGHT_CHANNELS = [4, 8, 12, 16];
/** Sums that one invocation of the weight gradient keeps. */
const WEIGHT_SUMS = 56;
/** The weight gradient is summed in pieces, as many as keep the partial sums below this many numbers. */
const MOST_PARTIAL_SUMS = 2 ** 20;
const MOST_PIECES = 256;
/** Of a piece at least, but for the last one: it takes longer to store and add the pieces of fewer than to make them. */
const LEAST_TERMS = 64;

/** What plans and sizes have in common. */
interface Steps {
  /** Of the columns; those of the rows are uniforms. In a plan 1 where nothing depends on it. */
  stride: number;
  dilation: number;
  /** Whether some tap reads outside of x, and so must be checked. */
  isGuarded: boolean;
  /** Of the weights, or for their gradient of the cotangent. */
  sharing: Sharing;
  /** Which loop is cut into blocks: `block-sums.ts`. Not there where none is: names of plans are stored. */
  blocked?: ConvLoop;
}

/** Loops over terms: three of a correlation, two of its weight gradient. */
export type ConvLoop = 'channels' | 'tapsY' | 'tapsX' | 'rows' | 'columns';

export interface CorrelationPlan extends Steps {
  /** Output channels and neighbouring columns of one invocation; 1 channel or a multiple of 4. */
  channels: number;
  columns: number;
  /** Taps of a kernel's row that are written out: all of them, or 1 where they are too many. */
  taps: number;
}

export interface CorrelationSizes extends Steps {
  /** Output channels of a group, output columns, and columns of the kernel. */
  outputs: number;
  columns: number;
  taps: number;
}

interface Tile {
  channels: number;
  columns: number;
}

/** Wide tiles use each number that they load more often; narrow ones compute less beyond the edge. */
export function planCorrelation(sizes: CorrelationSizes): CorrelationPlan {
  const { outputs, columns, sharing } = sizes;
  const taps = unrolledTaps(sizes);
  return correlationWith(
    sharing > 0 ? sharingTile(outputs, columns, { taps, sharing }) : plainTile(outputs, columns, taps),
    sizes,
  );
}

/** All plans that will do for these sizes, the rule's first; each adds in the same order. */
export function correlationPlans(sizes: CorrelationSizes): CorrelationPlan[] {
  const { outputs, columns, sharing } = sizes;
  const taps = unrolledTaps(sizes);
  const rule = planCorrelation(sizes);
  const channels = outputs === 1 ? [1] : [4, 8].filter((count) => count < 2 * outputs);
  const plain = channels.flatMap((count) =>
    [WIDEST_TILE / 2, WIDEST_TILE].map((most) => ({ channels: count, columns: evenly(columns, most) })),
  );
  const all = [
    rule,
    ...(sharing > 0 ? sharingTiles(outputs, columns, taps).map((tile) => correlationWith(tile, sizes)) : []),
    ...plain.map((tile) => correlationWith(tile, { ...sizes, sharing: 0 })),
  ];
  const names = all.map((plan) => Object.values(plan).join());
  return all.filter((_, i) => names.indexOf(names[i]!) === i);
}

function unrolledTaps({ taps }: CorrelationSizes): number {
  return taps <= WIDEST_UNROLLED ? Math.max(taps, 1) : 1;
}

function correlationWith(tile: Tile, sizes: CorrelationSizes): CorrelationPlan {
  const { stride, dilation, isGuarded, sharing } = sizes;
  const taps = unrolledTaps(sizes);
  const { channels, columns } = tile;
  const steps = { stride, dilation: taps > 1 ? dilation : 1, isGuarded, sharing };
  return { channels, columns, taps, ...steps, ...blockedOf(sizes) };
}

function plainTile(outputs: number, columns: number, taps: number): Tile {
  const isWide = taps < 5 && (outputs % 8 === 0 || outputs > 32);
  return { channels: outputs === 1 ? 1 : isWide ? 8 : 4, columns: evenly(columns, WIDEST_TILE) };
}

/** The tiles that the registers, and a compiler's patience, allow. */
function sharingTiles(outputs: number, columns: number, taps: number): Tile[] {
  const sums = Math.min(SHARING_SUMS, SHARING_PRODUCTS / taps);
  return (outputs === 1 ? [1] : SHARING_CHANNELS).map((channels) => {
    const widest = Math.max(1, Math.min(WIDEST_SHARING, Math.floor(sums / channels)));
    return { channels, columns: evenly(columns, widest) };
  });
}

/** The cheapest of them. */
function sharingTile(
  outputs: number,
  columns: number,
  { taps, sharing }: { taps: number; sharing: Sharing },
): Tile {
  return cheapest(sharingTiles(outputs, columns, taps), (tile) => {
    const weights = tile.channels * taps;
    const loads = tile.columns + taps - 1 + Math.ceil(weights / sharing);
    const each = costOf({ products: weights * tile.columns, loads, shared: weights });
    return each * Math.ceil(outputs / tile.channels) * Math.ceil(columns / tile.columns);
  });
}

/** Lanes of a workgroup that shares have one piece and output tile, and kernel rows of their own. */
export interface WeightGradientPlan extends Steps {
  /** Output channels of one invocation, 1 or a multiple of 4; and rows of kernels, each with the taps below. */
  channels: number;
  kernelRows: number;
  /** Columns of the cotangent in one turn of the loop. */
  columns: number;
  taps: number;
  /** Of a workgroup. */
  lanes: number;
}

export interface WeightGradientSizes extends CorrelationSizes {
  /** Rows of all kernels that make one output channel: input channels of a group times rows of a kernel. */
  kernelRows: number;
}

/** All plans that will do for these sizes, the rule's first; each adds in the same order. */
export function weightGradientPlans(sizes: WeightGradientSizes): WeightGradientPlan[] {
  const rule = planWeightGradient(sizes);
  return rule.sharing > 0 ? [rule, planWeightGradient({ ...sizes, sharing: 0 })] : [rule];
}

export function planWeightGradient(sizes: WeightGradientSizes): WeightGradientPlan {
  const { outputs, columns, stride } = sizes;
  const taps = sizes.taps <= WIDEST_UNROLLED ? sizes.taps : 1;
  const kernelRows = sizes.kernelRows * (sizes.taps / taps);
  // With few kernel rows most lanes of a workgroup would be idle.
  const sharing = outputs > 1 && kernelRows >= 2 * SHARING_LANES ? sizes.sharing : 0;
  const lengths = { outputs, columns, kernelRows };
  const tile =
    sharing > 0 ? sharingWeightTile(lengths, { taps, stride, sharing }) : plainWeightTile(lengths, taps);
  return {
    ...tile,
    taps,
    stride,
    dilation: taps > 1 ? sizes.dilation : 1,
    isGuarded: sizes.isGuarded || columns % tile.columns > 0,
    sharing,
    lanes: sharing > 0 ? SHARING_LANES : 64,
    ...blockedOf(sizes),
  };
}

function blockedOf({ blocked }: Steps): { blocked?: ConvLoop } {
  return blocked ? { blocked } : {};
}

type WeightTile = Pick<WeightGradientPlan, 'channels' | 'kernelRows' | 'columns'>;
type WeightLengths = Pick<WeightGradientSizes, 'outputs' | 'columns' | 'kernelRows'>;

/**
 * Neighbouring columns of the cotangent whose products are added first. The bits depend on it, so it depends on nothing else. Turns
 * that end with the row need no check.
 */
function turnOf(columns: number): number {
  return [8, 7, 6, 5, 4].find((turn) => columns % turn === 0) ?? evenly(columns, WIDEST_TILE);
}

function plainWeightTile({ outputs, columns, kernelRows }: WeightLengths, taps: number): WeightTile {
  const channels = outputs === 1 ? 1 : 4;
  const most = Math.min(8, Math.floor(WEIGHT_SUMS / (channels * taps)));
  return {
    channels,
    kernelRows: Math.max(1, Math.min(kernelRows, most)),
    columns: turnOf(columns),
  };
}

/** The cheapest of the tiles that the registers, and a compiler's patience, allow. */
function sharingWeightTile(
  { outputs, columns, kernelRows }: WeightLengths,
  { taps, stride, sharing }: { taps: number; stride: number; sharing: Sharing },
): WeightTile {
  const each = turnOf(columns);
  const tiles = WEIGHT_CHANNELS.flatMap((channels) => {
    const sums = Math.min(SHARING_SUMS, SHARING_PRODUCTS / each);
    const most = Math.min(SHARING_KERNEL_ROWS, Math.floor(sums / (channels * taps)));
    const rows = [...Array(Math.max(channels > WEIGHT_CHANNELS[0]! ? 0 : 1, most)).keys()];
    return rows.map((more) => ({ channels, kernelRows: more + 1, columns: each }));
  });
  return cheapest(tiles, (tile) => {
    const shared = tile.channels * tile.columns;
    const own = tile.kernelRows * (tile.columns * stride + taps - 1);
    const each = costOf({
      products: shared * taps * tile.kernelRows,
      loads: own + Math.ceil(shared / sharing),
      shared,
    });
    const turns = Math.ceil(outputs / tile.channels) * Math.ceil(columns / tile.columns);
    return each * turns * Math.ceil(kernelRows / (tile.kernelRows * SHARING_LANES));
  });
}

/** How the products of a correlation's output are added: `block-sums.ts`. */
export function correlationBlocks(
  channels: number,
  [tapsY, tapsX]: readonly [number, number],
): Blocks<ConvLoop> | undefined {
  const loops = [
    ['channels', channels],
    ['tapsY', tapsY],
    ['tapsX', tapsX],
  ] as const;
  return planBlocks(loops, LONG_BLOCK);
}

/** The same of a piece of the weight gradient, by sums of a turn: few, since it is a sum over a batch. */
export function pieceBlocks(pieceRows: number, columns: number): Blocks<ConvLoop> | undefined {
  const loops = [
    ['rows', pieceRows],
    ['columns', Math.ceil(columns / turnOf(columns))],
  ] as const;
  const blocks = planBlocks(loops, SHORT_BLOCK);
  return blocks?.loop === 'columns' ? { ...blocks, length: blocks.length * turnOf(columns) } : blocks;
}

/** In how many pieces of the rows of a batch a weight gradient of `weights` numbers is summed, and how long each is. */
export function planPieces(
  { rows, columns }: { rows: number; columns: number },
  weights: number,
): { pieces: number; pieceRows: number } {
  const wanted = Math.min(MOST_PIECES, Math.max(1, Math.floor(MOST_PARTIAL_SUMS / weights)));
  const pieceRows = Math.max(1, Math.ceil(rows / wanted), Math.ceil(LEAST_TERMS / columns));
  return { pieces: Math.max(1, Math.ceil(rows / pieceRows)), pieceRows };
}

/** The length of the fewest equal tiles, none longer than `most`, that cover `length`. */
function evenly(length: number, most: number): number {
  return Math.max(1, Math.ceil(length / Math.ceil(length / most)));
}
