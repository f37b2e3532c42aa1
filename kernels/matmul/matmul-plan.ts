/** Which register tile a matmul uses: a rule of its sizes that can be read. */
import { LONG_BLOCK } from '../math/block-sums.ts';
import { planShort, type ShortPlan } from './matmul-short.ts';
import { cheapest, costOf, type Sharing } from './sharing.ts';

/** Where lanes share: lanes of a workgroup; outputs of a lane along its own axis, and along the other; multiples of 4. */
const SHARING_LANES = 8;
const OWN_TILE = 4;
const SHARED_TILES = [8, 12, 16, 20];
/** These load less still, and take half as long again to compile: from so many products on. */
const LARGE_TILES = [24, 28, 32];
const LARGE_LEAST = 2 ** 24;
/** Products of a matmul at least: below, a dispatch takes about as long with nothing in it. */
const SHARING_LEAST = 2 ** 15;

export interface MatmulPlan {
  /** Outputs of one invocation. */
  rows: number;
  columns: number;
  workgroupSize: number;
  /** Whether a, b and y are bound as vec4f. */
  vectorA: boolean;
  vectorB: boolean;
  vectorY: boolean;
  /** Products of one turn of the loop over k. */
  stepK: number;
  /** Whether k has more than one block. Not there if not: names of plans are stored. */
  isLong?: boolean;
}

interface Sizes {
  m: number;
  n: number;
  k: number;
  /** How many products of these sizes, 1 unless given. */
  matrices?: number;
}

/** vec4 loads need the contiguous axis to be a multiple of 4; one axis along k makes the loop step by 4. */
export function planMatmul(
  { m, n, k, matrices = 1 }: Sizes,
  options: { transposeA: boolean; transposeB: boolean },
): MatmulPlan {
  const { transposeA, transposeB } = options;
  const isWhole = (length: number) => length % 4 === 0 && length > 0;
  const stepK = isWhole(k) ? 4 : 1;
  // Tiles of 8×8 load half as much for a product as those of 4×4, where there are enough of them to go round.
  const isLarge = (m >= 64 && n >= 64) || (m >= 16 && n >= 16 && matrices > 1 && matrices * m * n >= 2 ** 15);
  const columns = n < 4 ? n : isWhole(n) && isLarge ? 8 : 4;
  const vectorRows = transposeA && isWhole(m);
  // A narrow b is read anew by every invocation: few of them with many rows, where that leaves enough.
  const narrowRows = m * matrices >= 2 ** 11 ? 8 : 2;
  const rows = m < 4 ? Math.max(m, 1) : n < 4 && !vectorRows ? Math.min(m, narrowRows) : isLarge ? 8 : 4;
  return {
    rows,
    columns: Math.max(columns, 1),
    workgroupSize: 64,
    vectorA: transposeA ? vectorRows : stepK === 4,
    vectorB: transposeB ? stepK === 4 : isWhole(n),
    vectorY: isWhole(n),
    stepK,
    ...blocksOf(k),
  };
}

/** Tiles of a lane that are tried where a choice is to be measured. */
const TILES = [
  [4, 4],
  [8, 4],
  [4, 8],
  [8, 8],
] as const;

export type AnyPlan = MatmulPlan | SharingPlan | ShortPlan;

/** The rule: the first of `matmulPlans`. */
export function planOf(...asked: Parameters<typeof matmulPlans>): AnyPlan {
  return matmulPlans(...asked)[0]!;
}

/** All plans that will do for these sizes, the rule's first; each adds in the same order. */
export function matmulPlans(
  sizes: Sizes,
  options: { transposeA: boolean; transposeB: boolean; hasColumnSum?: boolean },
  sharing: Sharing,
): AnyPlan[] {
  const short = sharing > 0 ? planShort(sizes, options) : undefined;
  const plain = planMatmul(sizes, options);
  const rule = planSharing(sizes, options, sharing);
  const { m, n } = sizes;
  const tiles = m < 4 || n < 4 ? [] : TILES.filter(([rows, columns]) => rows <= m && columns <= n);
  return [
    ...(short ? [short] : []),
    ...(rule ? [rule] : []),
    plain,
    ...tiles
      .map(([rows, columns]) => ({ ...plain, rows, columns }))
      .filter(({ rows, columns }) => rows !== plain.rows || columns !== plain.columns),
    ...(rule ? sharingPlans(sizes, options, sharing).filter((plan) => !isSameTile(plan, rule)) : []),
  ];
}

function isSameTile(a: SharingPlan, b: SharingPlan): boolean {
  return a.own === b.own && a.sharedTile === b.sharedTile;
}

/** A plan where lanes of a subgroup hand round what they load. */
export interface SharingPlan {
  /** The axis of y along which lanes stand; the other operand is shared. */
  own: 'm' | 'n';
  /** Outputs of one invocation along the other axis, and along that one. */
  sharedTile: number;
  ownTile: number;
  sharing: Sharing;
  workgroupSize: number;
  /** Whether a, b and y are bound as vec4f. */
  vectorA: boolean;
  vectorB: boolean;
  vectorY: boolean;
  /** Products of one turn of the loop over k. */
  stepK: number;
  /** Whether k has more than one block. Not there if not: names of plans are stored. */
  isLong?: boolean;
}

/**
 * The cheapest plan in which lanes share, or none where that of `planMatmul` is, or where there are few products.
 */
export function planSharing(
  sizes: Sizes,
  options: { transposeA: boolean; transposeB: boolean; hasColumnSum?: boolean },
  sharing: Sharing,
): SharingPlan | undefined {
  const { m, n, k, matrices = 1 } = sizes;
  if (sharing === 0 || k < 8 || matrices * m * n * k < SHARING_LEAST) return undefined;
  const plans = sharingPlans(sizes, options, sharing);
  const cost = ({ own, sharedTile }: SharingPlan) => {
    const [length, other] = own === 'm' ? [m, n] : [n, m];
    const loads = OWN_TILE + sharedTile / sharing;
    const each = costOf({ products: OWN_TILE * sharedTile, loads, shared: sharedTile });
    return (
      each * SHARING_LANES * Math.ceil(length / (OWN_TILE * SHARING_LANES)) * Math.ceil(other / sharedTile)
    );
  };
  const best = cheapest(plans, cost);
  const { rows, columns } = planMatmul(sizes, options);
  const plain = costOf({ products: rows * columns, loads: rows + columns });
  return cost(best) < plain * Math.ceil(m / rows) * Math.ceil(n / columns) ? best : undefined;
}

function sharingPlans(
  { m, n, k, matrices = 1 }: Sizes,
  {
    transposeA,
    transposeB,
    hasColumnSum,
  }: { transposeA: boolean; transposeB: boolean; hasColumnSum?: boolean },
  sharing: Sharing,
): SharingPlan[] {
  const isWhole = k % 4 === 0;
  // The sum of a column is its own lane's.
  const axes = hasColumnSum ? (['n'] as const) : (['m', 'n'] as const);
  const tiles = matrices * m * n * k < LARGE_LEAST ? SHARED_TILES : [...SHARED_TILES, ...LARGE_TILES];
  return axes.flatMap((own) =>
    tiles.map((sharedTile) => ({
      own,
      sharedTile,
      sharing,
      ownTile: OWN_TILE,
      workgroupSize: SHARING_LANES,
      vectorA: transposeA ? m % 4 === 0 : isWhole,
      vectorB: transposeB ? isWhole : n % 4 === 0,
      vectorY: n % 4 === 0,
      stepK: isWhole ? 4 : 1,
      ...blocksOf(k),
    })),
  );
}

function blocksOf(k: number): { isLong?: boolean } {
  return k > LONG_BLOCK ? { isLong: true } : {};
}
