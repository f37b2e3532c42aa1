/** Numbers at equal distances. */
import type { Backend, DType } from '../backend.ts';
import { checkNumbers, checkOptions } from '../borders.ts';
import { ShapeError } from '../shape.ts';
import { checkMaking } from '../tensor-options.ts';
import { type Tensor, tensor } from '../tensor.ts';

export interface ArangeOptions {
  /** From one number to the next; not 0. 1 if left out. */
  step?: number | undefined;
  /** 'f32' if left out. */
  dtype?: DType | undefined;
}

/**
 * `begin`, begin + step, … up to before `end`: ⌈(end - begin) / step⌉ numbers, none if that is less than 0, as in NumPy. They are
 * computed in float64 and uploaded: make them once, outside of captured steps.
 *
 * @throws ShapeError on a step of 0 and on bounds that are not finite; Error where u32 cannot hold a number.
 */
export function arange(begin: number, end: number, backend: Backend, options: ArangeOptions = {}): Tensor {
  checkOptions('arange', options, 'step dtype');
  const { step = 1, dtype = 'f32' } = options;
  if (![begin, end, step].every(Number.isFinite) || step === 0)
    throw new ShapeError(
      `arange: ${begin} to ${end} by ${step}; wants finite numbers, and a step other than 0`,
    );
  const length = Math.max(0, Math.ceil((end - begin) / step));
  checkMaking('arange', [length], backend, { dtype });
  const values = Float64Array.from({ length }, (_, i) => begin + i * step);
  checkNumbers('arange', values, dtype);
  return tensor(values, [length], backend, { dtype, label: 'arange' });
}
