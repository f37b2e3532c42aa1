/** Column-major arrays, of MATLAB and Fortran, become row-major ones. */

export interface NumberArray<T> {
  readonly length: number;
  [index: number]: T;
  slice(): NumberArray<T>;
}

/** A copy in which the last index runs fastest. */
export function rowMajor<A extends NumberArray<number> | NumberArray<bigint>>(
  values: A,
  shape: readonly number[],
): A {
  const result = values.slice() as A;
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    result[to] = values[from]!;
    // The next place: the last index that can grows, those behind it begin again.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
