/** Linear regression with a penalty on the weights, in closed form. */

export interface Table {
  rows: number;
  columns: number;
  /** Row by row. */
  values: Float32Array | Float64Array;
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

/** Weights by penalty, (columns, outputs): (XᵀX + rows·λ·I)⁻¹ XᵀY. A constant column has to be among `x`. */
export function ridge(x: Table, y: Table, penalties: readonly number[]): Float64Array[] {
  const { rows, columns } = x;
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns * y.columns);
  // Four rows at a time: the matrix is far larger than a cache.
  const four = new Float64Array(4 * columns);
  for (let row = 0; row < rows; row += 4) {
    four.fill(0);
    four.set(x.values.subarray(row * columns, Math.min(rows, row + 4) * columns));
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => four.subarray(k * columns, (k + 1) * columns)) as Four;
    for (let i = 0; i < columns; i++) {
      const [ai, bi, ci, di] = [a[i]!, b[i]!, c[i]!, d[i]!];
      const start = i * columns;
      for (let j = 0; j <= i; j++) gram[start + j]! += ai * a[j]! + bi * b[j]! + ci * c[j]! + di * d[j]!;
    }
  }
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < columns; i++)
      for (let k = 0; k < y.columns; k++)
        right[i * y.columns + k]! += x.values[row * columns + i]! * y.values[row * y.columns + k]!;
  return penalties.map((penalty) => {
    const factor = gram.slice();
    for (let i = 0; i < columns; i++) factor[i * columns + i]! += rows * penalty;
    cholesky(factor, columns);
    return solve(factor, columns, right, y.columns);
  });
}

/** Predictions, row by row. */
export function predictLinear(x: Table, weights: Float64Array): Float64Array {
  const outputs = weights.length / x.columns;
  const y = new Float64Array(x.rows * outputs);
  for (let row = 0; row < x.rows; row++)
    for (let i = 0; i < x.columns; i++)
      for (let k = 0; k < outputs; k++)
        y[row * outputs + k]! += x.values[row * x.columns + i]! * weights[i * outputs + k]!;
  return y;
}

/** The lower factor in place of a symmetric matrix of which the lower half is read. */
function cholesky(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i > j) a[i * n + j] = sum / a[j * n + j]!;
      else if (sum > 0) a[i * n + i] = Math.sqrt(sum);
      else throw new Error(`ridge: column ${i} depends on others; wants a penalty above 0`);
    }
  }
}

function solve(factor: Float64Array, n: number, right: Float64Array, outputs: number): Float64Array {
  const x = right.slice();
  for (let k = 0; k < outputs; k++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) x[i * outputs + k]! -= factor[i * n + j]! * x[j * outputs + k]!;
      x[i * outputs + k]! /= factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i * outputs + k]! -= factor[j * n + i]! * x[j * outputs + k]!;
      x[i * outputs + k]! /= factor[i * n + i]!;
    }
  }
  return x;
}
