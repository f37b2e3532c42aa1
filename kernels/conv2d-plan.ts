/** Which register tiles the convolutions use: rules of their sizes that can be read. No choice changes the order of additions. */

/** Beyond this many columns a kernel's taps are looped over instead of written out. */
const WIDEST_UNROLLED = 7;
/** Columns of one invocation's outputs at most. */
const WIDEST_TILE = 8;
/** Sums that one invocation of the weight gradient keeps. */
const WEIGHT_SUMS = 56;
/** The weight gradient is summed in pieces, as many as keep the partial sums below this many numbers. */
const MOST_PARTIAL_SUMS = 2 ** 20;
const MOST_PIECES = 256;

export interface CorrelationPlan {
  /** Output channels and neighbouring columns of one invocation; 1 channel, 4 or 8. */
  channels: number;
  columns: number;
  /** Taps of a kernel's row that are written out: all of them, or 1 where they are too many. */
  taps: number;
  /** Of the columns; those of the rows are uniforms. 1 where nothing depends on it. */
  stride: number;
  dilation: number;
  /** Whether some tap reads outside of x, and so must be checked. */
  isGuarded: boolean;
}

export interface CorrelationSizes {
  /** Output channels of a group, output columns, and columns of the kernel. */
  outputs: number;
  columns: number;
  taps: number;
  stride: number;
  dilation: number;
  isGuarded: boolean;
}

/** Wide tiles use each number that they load more often; narrow ones compute less beyond the edge. */
export function planCorrelation({ outputs, columns, taps, ...rest }: CorrelationSizes): CorrelationPlan {
  const unrolled = taps <= WIDEST_UNROLLED ? Math.max(taps, 1) : 1;
  const isWide = unrolled < 5 && (outputs % 8 === 0 || outputs > 32);
  return {
    ...rest,
    channels: outputs === 1 ? 1 : isWide ? 8 : 4,
    columns: evenly(columns),
    taps: unrolled,
    dilation: unrolled > 1 ? rest.dilation : 1,
  };
}

export interface WeightGradientPlan {
  /** Output channels of one invocation, 1 or 4; and rows of kernels, each with the taps below. */
  channels: number;
  kernelRows: number;
  /** Columns of the cotangent in one turn of the loop. */
  columns: number;
  taps: number;
  stride: number;
  dilation: number;
  isGuarded: boolean;
}

export interface WeightGradientSizes extends CorrelationSizes {
  /** Rows of all kernels that make one output channel: input channels of a group times rows of a kernel. */
  kernelRows: number;
}

export function planWeightGradient(sizes: WeightGradientSizes): WeightGradientPlan {
  const { outputs, columns, kernelRows, stride } = sizes;
  const taps = sizes.taps <= WIDEST_UNROLLED ? sizes.taps : 1;
  const channels = outputs === 1 ? 1 : 4;
  const most = Math.min(8, Math.floor(WEIGHT_SUMS / (channels * taps)));
  const width = Math.min(columns, 2);
  return {
    channels,
    kernelRows: Math.max(1, Math.min(kernelRows * (sizes.taps / taps), most)),
    columns: width,
    taps,
    stride,
    dilation: taps > 1 ? sizes.dilation : 1,
    isGuarded: sizes.isGuarded || columns % width > 0,
  };
}

/** In how many pieces of the rows of a batch a weight gradient of `weights` numbers is summed, and how long each is. */
export function planPieces(rows: number, weights: number): { pieces: number; pieceRows: number } {
  const wanted = Math.min(MOST_PIECES, Math.max(1, Math.floor(MOST_PARTIAL_SUMS / weights)));
  const pieceRows = Math.max(1, Math.ceil(rows / wanted));
  return { pieces: Math.max(1, Math.ceil(rows / pieceRows)), pieceRows };
}

/** The width of the fewest equal tiles that cover `columns`. */
function evenly(columns: number): number {
  return Math.max(1, Math.ceil(columns / Math.ceil(columns / WIDEST_TILE)));
}
