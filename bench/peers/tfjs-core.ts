/** What is used of @tensorflow/tfjs-core, and its layouts. */

export interface TfTensor {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface TfOptimizer {
  minimize(loss: () => TfTensor, returnCost: true, variables: readonly TfTensor[]): TfTensor;
  dispose(): void;
}

export interface TensorFlow {
  readonly version_core: string;
  readonly train: { adam(rate: number, beta1: number, beta2: number, eps: number): TfOptimizer };
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  variable(initial: TfTensor): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, strides: number, pad: string): TfTensor;
  maxPool(x: TfTensor, size: number, strides: number, pad: string): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  square(x: TfTensor): TfTensor;
  mean(x: TfTensor): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  concat(tensors: readonly TfTensor[], axis: number): TfTensor;
  engine(): {
    runKernel(name: string, inputs: Record<string, TfTensor>, attributes: Record<string, unknown>): TfTensor;
  };
}

export const NHWC = [0, 2, 3, 1];
export const NCHW = [0, 3, 1, 2];
/** Filters: (outputs, c, k, k) to (k, k, c, outputs) and back. */
export const HWIO = [2, 3, 1, 0];
export const OIHW = [3, 2, 0, 1];
