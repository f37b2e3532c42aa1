/** What a tensor that is made by its shape may be given, and what is refused. */
import type { Backend, DType } from './backend.ts';
import { checkBackend, checkOptions, inWords } from './borders.ts';
import { checkShape, type Shape } from './shape.ts';

export interface TensorOptions {
  /** A leaf that `grad` may be asked for; only of f32. */
  requiresGrad?: boolean | undefined;
  /** 'f32' unless given. */
  dtype?: DType | undefined;
  /** For messages. */
  label?: string | undefined;
}

export function checkMaking(
  where: string,
  shape: Shape,
  backend: Backend,
  options: TensorOptions | undefined,
): void {
  checkShape(where, shape);
  checkBackend(where, backend);
  checkOptions(where, options, 'requiresGrad dtype label');
  const { dtype = 'f32', requiresGrad = false } = options ?? {};
  if (dtype !== 'f32' && dtype !== 'u32')
    throw new Error(`${where}: dtype is ${inWords(dtype)}; wants 'f32' or 'u32'`);
  if (requiresGrad && dtype === 'u32')
    throw new Error(`${where}: requiresGrad with u32; integers have no gradient, make it f32`);
}
