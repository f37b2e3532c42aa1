/** Which register tile a matmul uses: a rule of its sizes that can be read. */

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
  const rows = m < 4 ? Math.max(m, 1) : n < 4 && !vectorRows ? Math.min(m, 2) : isLarge ? 8 : 4;
  return {
    rows,
    columns: Math.max(columns, 1),
    workgroupSize: 64,
    vectorA: transposeA ? vectorRows : stepK === 4,
    vectorB: transposeB ? stepK === 4 : isWhole(n),
    vectorY: isWhole(n),
    stepK,
  };
}
