/** Tensors of one value. */
import { fill, fillIntegers } from '../../kernels/movement/movement.ts';
import type { Backend, DType } from '../backend.ts';
import { checkNumbers } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { numberKey } from '../number-key.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { outsideTidy, type Tensor, tensor } from '../tensor.ts';
import { type Storage } from '../storage.ts';
import { checkMaking } from '../tensor-options.ts';

export interface FullOptions {
  /** 'f32' unless given. */
  dtype?: DType | undefined;
}

/** A tensor whose elements are all `value`: a number, or an integer from 0 to 2^32 - 1 for u32. */
export function full(shape: Shape, value: number, backend: Backend, options: FullOptions = {}): Tensor {
  return filled('full', shape, value, backend, options);
}

/** The gradient that does not flow to `x`. */
export function noGradient({ shape, backend }: Tensor): Tensor {
  const zero = full(shape, 0, backend);
  zero.isZero = true;
  return zero;
}

export function ones(shape: Shape, backend: Backend, options: FullOptions = {}): Tensor {
  return filled('ones', shape, 1, backend, options);
}

function filled(where: string, shape: Shape, value: number, backend: Backend, options: FullOptions): Tensor {
  checkMaking(where, shape, backend, options);
  const { dtype = 'f32' } = options;
  checkNumbers(where, [value], dtype);
  const kernel = dtype === 'u32' ? fillIntegers : fill;
  const size = sizeOf(shape);
  const workgroups = workgroupsFor(kernel, size);
  return dispatch(kernel, {
    inputs: {},
    uniforms: { size, value },
    outputs: { y: shape },
    workgroups,
    backend,
  }).y;
}

const MAX_CONSTANTS = 256;
const constants = new WeakMap<Backend, Map<string, Tensor>>();
const shared = new WeakSet<Storage>();

/** Whether `x` lies where `constant` has put a number for everybody: it must not be written. */
export function isConstant(x: Tensor): boolean {
  return shared.has(x.storage);
}

/**
 * A tensor of one number, a scalar unless a shape is given, that is uploaded once and shared: the number in `mul(x, 0.5)`. A gradient can be such a one (that of
 * `add` is 1), and whoever is given a gradient may dispose it: then the next call makes another.
 */
export function constant(value: number, backend: Backend, shape: Shape = []): Tensor {
  let known = constants.get(backend);
  if (!known) constants.set(backend, (known = new Map()));
  const key = [numberKey(value), ...shape].join();
  let scalar = known.get(key);
  if (!scalar || scalar.isDisposed) {
    if (!scalar && known.size >= MAX_CONSTANTS) return full(shape, value, backend);
    scalar = outsideTidy(() =>
      tensor(Array(sizeOf(shape)).fill(value), shape, backend, { label: `constant ${key}` }),
    );
    scalar.isOne = value === 1;
    shared.add(scalar.storage);
    known.set(key, scalar);
  }
  return scalar;
}
