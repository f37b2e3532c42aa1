/** `gemm`: the matrix product of BLAS, scaled and added to. */
import { broadcastShapes, sameShape, ShapeError, show } from '../../shape.ts';
import { checkOptions } from '../../borders.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { add, mul } from '../pointwise/elementwise.ts';
import { matmul, type MatmulOptions } from './matmul.ts';

export interface GemmOptions extends MatmulOptions {
  /** Added to the product; any shape that stretches to (m, n). */
  c?: Tensor | undefined;
  /** Factor of the product. */
  alpha?: number | undefined;
  /** Factor of c. */
  beta?: number | undefined;
}

/**
 * alpha · a b + beta · c of matrices: (m, k) @ (k, n) to (m, n). `transposeA` takes a as (k, m), `transposeB` b as
 * (n, k).
 *
 * @throws ShapeError if a or b is no matrix, inner sizes differ, or c does not stretch to (m, n).
 */
export function gemm(a: Tensor, b: Tensor, options: GemmOptions = {}): Tensor {
  checkFloats('gemm', { a, b });
  checkOptions('gemm', options, 'c alpha beta transposeA transposeB');
  const { c, alpha = 1, beta = 1, ...transposes } = options;
  checkFloats('gemm', {}, { c });
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new ShapeError(`gemm: wants two matrices, got ${show(a.shape)} and ${show(b.shape)}`);
  const product = scaled(matmul(a, b, transposes), alpha);
  if (!c) return product;
  if (!sameShape(broadcastShapes('gemm', c.shape, product.shape), product.shape))
    throw new ShapeError(`gemm: c ${show(c.shape)} does not stretch to ${show(product.shape)}`);
  return add(product, scaled(c, beta));
}

function scaled(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : mul(x, factor);
}
