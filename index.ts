/** Limbeck's public API: re-exports only. The layers behind it are in docs/design.md. */

// Backends
export type { Backend, BackendStats, Binding, Call, DType, Memory, Values } from './engine/backend.ts';
export { openCpu } from './engine/cpu.ts';
export {
  type DeviceInfo,
  listAdapters,
  type OpenDevice,
  type OpenDeviceOptions,
  openDevice,
} from './engine/device.ts';
export { AdapterError, DeviceLostError } from './engine/device-errors.ts';
export { dispatchCount, type EncodedDispatch, type GpuBackend, openGpu } from './engine/gpu.ts';

// Tensors
export { type Shape, ShapeError } from './engine/shape.ts';
export { type Storage, Tensor, tensor, tidy, zeros } from './engine/tensor.ts';
export { full, ones } from './engine/ops/fill.ts';
export {
  dropout,
  normal,
  permutation,
  type RandomOptions,
  type Stream,
  uniform,
  uniformValues,
} from './engine/random.ts';

// Ops
export {
  abs,
  add,
  cos,
  detach,
  div,
  equal,
  erf,
  exp,
  gelu,
  greater,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  normalDensity,
  normalDistribution,
  type Operand,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from './engine/ops/elementwise.ts';
export { linear, matmul, type MatmulOptions } from './engine/ops/matmul.ts';
export {
  broadcastTo,
  concat,
  gatherRows,
  reshape,
  scatterRows,
  slice,
  transpose,
} from './engine/ops/movement.ts';
export { max, mean, type ReduceOptions, sum, sumTo } from './engine/ops/reduce.ts';

// Gradients, and checks of an op or a loss
export {
  checkBackends,
  type CheckBackendsOptions,
  checkGrads,
  type CheckGradsOptions,
  type Differentiable,
} from './engine/check.ts';
export type { Input } from './engine/samples.ts';
export * as samples from './engine/samples.ts';
export { checkLoss, type CheckLossOptions } from './losses/check-loss.ts';
export { grad, type GradOptions } from './engine/grad.ts';
export { isRecording, noGrad, record, type Vjp } from './engine/tape.ts';

// Writing kernels and ops
export { dispatch, type DispatchOptions, workgroupsFor } from './engine/dispatch.ts';
export {
  defineKernel,
  type Kernel,
  type KernelDefinition,
  type Reference,
  type StepValues,
} from './kernels/kernel.ts';
export { mathIn } from './kernels/math.ts';
export { wgsl, workgroupSum } from './kernels/wgsl.ts';

// Training
export { Batches, type BatchOptions, type Column } from './engine/batches.ts';
export {
  adam,
  type AdamOptions,
  adamW,
  type Optimizer,
  type Parameters,
  rmsProp,
  type RmsPropOptions,
  sgd,
  type SgdOptions,
} from './engine/optim.ts';
export { constantRate, cosine, type Schedule, stepDecay } from './engine/schedules.ts';
export { Step, type StepSlot } from './engine/step.ts';

export { MetricRing } from './engine/metric-ring.ts';
export { NonFiniteError, type Reading, train, type TrainOptions } from './train/loop.ts';

// Files
export {
  CheckpointError,
  loadCheckpoint,
  loadTensors,
  saveCheckpoint,
  saveTensors,
} from './engine/checkpoint.ts';
export { decodeSafetensors, encodeSafetensors, SafetensorsError } from './engine/safetensors.ts';

// Models
export { dualHead, type DualHeadModel, type DualHeadOptions } from './models/dual-head.ts';
export { type Activation, activations } from './models/layers.ts';
export { mlp, type MlpOptions, type Model } from './models/mlp.ts';

// Losses
export { defineLoss, type Loss, type LossDefinition } from './losses/loss.ts';
export {
  outlierMask,
  type OutlierMask,
  type OutlierMaskOptions,
  type OutlierRule,
} from './losses/outlier-mask.ts';
export { huber, kdMix, mae, mse } from './losses/regression.ts';
export { tor } from './losses/tor.ts';
export { torDual, torDualDrop, torDualSmooth, torDualSquare } from './losses/tor-dual.ts';
export { torDrop, torSmooth, torSquare } from './losses/tor-variants.ts';

// Data
export {
  type Dataset,
  type RandomSource,
  type Scale,
  scaleOf,
  standardise,
  type Table,
  unstandardise,
} from './datasets/dataset.ts';
export { sinusoid, type SinusoidOptions } from './datasets/sinusoid.ts';
