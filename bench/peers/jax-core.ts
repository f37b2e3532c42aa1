/** What is used of @jax-js/jax. A function consumes the arrays that it is given; `ref` is the same array once more. */

export interface JaxArray {
  readonly ref: JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  blockUntilReady(): Promise<JaxArray>;
  gpuBufferSync(): GPUBuffer;
  data(): Promise<Float32Array>;
  dispose(): void;
}

export type Pullback = (g: JaxArray) => [JaxArray];

/** Arrays in arrays and objects. */
export type Tree = JaxArray | readonly Tree[] | { readonly [name: string]: Tree };

export interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): string;
  jit<A extends readonly Tree[], R>(f: (...given: A) => R): (...given: A) => R;
  vjp(f: (a: JaxArray) => JaxArray, at: [JaxArray]): [JaxArray, Pullback];
  valueAndGrad<P extends Tree, A extends readonly Tree[]>(
    f: (parameters: P, ...rest: A) => JaxArray,
  ): (parameters: P, ...rest: A) => [JaxArray, P];
  readonly numpy: {
    array(values: Float32Array | number): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    max(x: JaxArray, axes: readonly number[]): JaxArray;
    mean(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    subtract(a: number, b: JaxArray): JaxArray;
    concatenate(arrays: readonly JaxArray[], axis: number): JaxArray;
  };
  readonly nn: { relu(x: JaxArray): JaxArray };
  readonly tree: { ref<T extends Tree>(tree: T): T; dispose(tree: Tree): void };
  readonly lax: {
    convGeneralDilated(x: JaxArray, weight: JaxArray, strides: number[], padding: string): JaxArray;
  };
}
