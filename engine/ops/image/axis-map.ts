/** A sparse matrix applied along one axis of a tensor: one linear op behind resampling, window averages and padding. */
import { axisMap as kernel } from '../../../kernels/image/axis-map.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Backend } from '../../backend.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { outsideTidy, type Tensor, tensor } from '../../tensor.ts';

/** One entry of a row: the column it reads, and its weight. */
export type Term = readonly [column: number, weight: number];

/** From `columns` places to `rows.length`. */
export interface AxisMatrix {
  readonly columns: number;
  readonly rows: readonly (readonly Term[])[];
  readonly tables: WeakMap<Backend, Record<'begins' | 'sources' | 'weights', Tensor>>;
  transposed?: AxisMatrix;
}

const matrices = new Map<string, AxisMatrix>();

/**
 * The matrix called `key`, made from its rows the first time. Matrices and their tables on a backend are kept: a
 * training step then uploads nothing, and there are as many as there are shapes.
 */
export function axisMatrix(
  key: string,
  columns: number,
  rows: number,
  termsOf: (row: number) => readonly Term[],
): AxisMatrix {
  return getOrMake(matrices, `${key} ${columns} ${rows}`, () =>
    matrixOf(
      columns,
      Array.from({ length: rows }, (_, row) => termsOf(row)),
    ),
  );
}

function matrixOf(columns: number, rows: readonly (readonly Term[])[]): AxisMatrix {
  return { columns, rows, tables: new WeakMap() };
}

function transpose(matrix: AxisMatrix): AxisMatrix {
  if (matrix.transposed) return matrix.transposed;
  const rows: Term[][] = Array.from({ length: matrix.columns }, () => []);
  for (const [row, terms] of matrix.rows.entries())
    for (const [column, weight] of terms) rows[column]!.push([row, weight]);
  matrix.transposed = matrixOf(matrix.rows.length, rows);
  matrix.transposed.transposed = matrix;
  return matrix.transposed;
}

/** y[…, r, …] = Σ_c matrix[r, c] · x[…, c, …] along `axis`, recorded as `op`. The adjoint is the transposed matrix. */
export function applyAlong(op: string, x: Tensor, axis: number, matrix: AxisMatrix): Tensor {
  const rows = matrix.rows.length;
  const shape = x.shape.with(axis, rows);
  const size = sizeOf(shape);
  const { y } = dispatch(kernel, {
    inputs: { x, ...tablesOf(matrix, x.backend) },
    uniforms: { size, rows, columns: matrix.columns, inner: sizeOf(shape.slice(axis + 1)) },
    outputs: { y: shape },
    workgroups: workgroupsFor(kernel, size),
  });
  return record(op, y, [x], (g) => [applyAlong(op, g, axis, transpose(matrix))]);
}

/** The matrix by compressed rows, on a backend. */
function tablesOf(matrix: AxisMatrix, backend: Backend) {
  let tables = matrix.tables.get(backend);
  if (tables) return tables;
  const begins = [0];
  for (const terms of matrix.rows) begins.push(begins.at(-1)! + terms.length);
  const terms = matrix.rows.flat();
  const upload = (values: number[], dtype: 'u32' | 'f32') =>
    tensor(values, [values.length], backend, { dtype, label: 'axis-map' });
  tables = outsideTidy(() => ({
    begins: upload(begins, 'u32'),
    sources: upload(
      terms.map(([column]) => column),
      'u32',
    ),
    weights: upload(
      terms.map(([, weight]) => weight),
      'f32',
    ),
  }));
  matrix.tables.set(backend, tables);
  return tables;
}
