/** Limbeck's public API: re-exports only, all in one place however many they are. The layers behind it are in docs/design.md. */

// Backends
export type { Backend, BackendStats, Binding, Call, DType, Memory, Values } from './engine/backend.ts';
export { openCpu } from './engine/cpu.ts';
export {
  type DeviceInfo,
  listAdapters,
  type OpenDevice,
  type OpenDeviceOptions,
  openDevice,
} from './engine/device/device.ts';
export { AdapterError, DeviceLostError } from './engine/device/device-errors.ts';
export { capture, type CapturedStep, type CaptureOptions } from './engine/capture.ts';
export { dispatchCount } from './engine/gpu/command-stream.ts';
export { type GpuBackend, openGpu, type OpenGpuOptions } from './engine/gpu/gpu.ts';

// Tensors
export { type Shape, ShapeError } from './engine/shape.ts';
export { Tensor, tensor, tidy, zeros } from './engine/tensor.ts';
export { type Storage } from './engine/storage.ts';
export { assign } from './engine/ops/movement/assign.ts';
export type { TensorOptions } from './engine/tensor-options.ts';
export { full, type FullOptions, ones } from './engine/ops/fill.ts';
export {
  dropout,
  normal,
  permutation,
  type RandomOptions,
  type SeededOptions,
  type Stream,
  uniform,
  uniformValues,
} from './engine/random.ts';
export { augment, type AugmentOptions } from './engine/data/augment.ts';

// Ops
export {
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  normalDensity,
  normalDistribution,
  prelu,
  relu,
  sigmoid,
  silu,
  softplus,
  softsign,
  tanh,
} from './engine/ops/pointwise/activations.ts';
export {
  abs,
  add,
  atan,
  ceil,
  clamp,
  cos,
  detach,
  div,
  equal,
  erf,
  exp,
  expm1,
  floor,
  greater,
  greaterEqual,
  isFinite,
  isNaN,
  less,
  lessEqual,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  type Operand,
  pow,
  reciprocal,
  round,
  sign,
  sin,
  sqrt,
  square,
  sub,
  tan,
  where,
} from './engine/ops/pointwise/elementwise.ts';
export { addAlongAxis, takeAlongAxis } from './engine/ops/movement/along-axis.ts';
export { arange, type ArangeOptions } from './engine/ops/arange.ts';
export { argmax, argmin } from './engine/ops/order/arg-extreme.ts';
export { cast } from './engine/ops/pointwise/cast.ts';
export { conv1d, type Conv1dOptions } from './engine/ops/conv2d/conv1d.ts';
export { cumsum, type CumsumOptions } from './engine/ops/order/cumsum.ts';
export { gather, gatherRows, scatter, scatterRows } from './engine/ops/movement/gather.ts';
export {
  conv2d,
  type Conv2dOptions,
  conv2dWeightGrad,
  convTranspose2d,
  type ConvTranspose2dOptions,
} from './engine/ops/conv2d/conv2d.ts';
export { gemm, type GemmOptions } from './engine/ops/matmul/gemm.ts';
export { linear, matmul, type MatmulOptions } from './engine/ops/matmul/matmul.ts';
export { flip, reshape, transpose } from './engine/ops/movement/movement.ts';
export { broadcastTo } from './engine/ops/reduce/sum.ts';
export { concat, split } from './engine/ops/movement/concat.ts';
export { slice, type SliceOptions } from './engine/ops/movement/slice.ts';
export { copyInto, type CopyPlaces } from './engine/ops/movement/copy-into.ts';
export { oneHot } from './engine/ops/movement/one-hot.ts';
export { pad, type PadMode, type PadOptions } from './engine/ops/movement/pad.ts';
export {
  averagePool2d,
  type AveragePoolOptions,
  globalAveragePool2d,
  globalL2Pool2d,
  globalMaxPool2d,
  l2Pool2d,
  maxPool2d,
  type PoolOptions,
} from './engine/ops/image/pool.ts';
export {
  type AxisOptions,
  type BatchNormOptions,
  batchNorm,
  batchNormTraining,
  batchStatistics,
  groupNorm,
  instanceNorm,
  l2Normalize,
  type L2NormalizeOptions,
  layerNorm,
  type LayerNormOptions,
  type Moments,
  type NormalizeOptions,
} from './engine/ops/reduce/normalize.ts';
export {
  l1Norm,
  l2Norm,
  logSum,
  logSumExp,
  max,
  mean,
  min,
  prod,
  type ReduceOptions,
  sumSquare,
} from './engine/ops/reduce/reduce.ts';
export { sum, sumTo } from './engine/ops/reduce/sum.ts';
export { logSoftmax, softmax } from './engine/ops/reduce/softmax.ts';
export { resize2d, type ResizeOptions } from './engine/ops/image/resize.ts';
export {
  argsort,
  sort,
  type Sorted,
  type SortOptions,
  topK,
  type TopKOptions,
} from './engine/ops/order/sort.ts';
export { stack } from './engine/ops/movement/stack.ts';
export { tril, triu } from './engine/ops/movement/triangle.ts';
export { upsample2d, type UpsampleOptions } from './engine/ops/image/upsample.ts';
export { std, variance, type VarianceOptions } from './engine/ops/reduce/variance.ts';

// Gradients, and checks of an op or a loss
export {
  checkBackends,
  type CheckBackendsOptions,
  checkGrads,
  type CheckGradsOptions,
  type Differentiable,
} from './engine/check/check.ts';
export type { Input } from './engine/check/samples.ts';
export * as samples from './engine/check/samples.ts';
export { type AnyLoss, checkLoss, type CheckLossOptions } from './losses/check-loss.ts';
export { grad, type GradOptions } from './engine/grad.ts';
export { isRecording, noGrad, record, type Vjp } from './engine/tape.ts';

// Writing kernels and ops
export { definePointwise, type PointwiseDefinition } from './engine/ops/pointwise/pointwise.ts';
export { dispatch, type DispatchOptions, workgroupsFor } from './engine/dispatch.ts';
export {
  defineKernel,
  type Element,
  type Kernel,
  type KernelDefinition,
  type Reference,
  type StepValues,
} from './kernels/kernel.ts';
export { elementLoop } from './kernels/element-loop.ts';
export type { MathMode } from './kernels/math/math.ts';
export { wgsl, workgroupSum } from './kernels/wgsl.ts';

// Profiles
export type { Direction } from './engine/profile/attribution.ts';
export { layer } from './engine/listener.ts';
export { autotune, type AutotuneOptions } from './engine/profile/autotune.ts';
export type { Tuning } from './engine/tuning.ts';
export { chromeTrace, profileTable } from './engine/profile/profile-report.ts';
export {
  type Profile,
  profile,
  type ProfileEvent,
  type ProfileOptions,
  type ProfileRow,
} from './engine/profile/profile.ts';

// Training
export { Batches, type BatchOptions, type Column } from './engine/data/batches.ts';
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
} from './engine/optim/optim.ts';
export { Arena } from './engine/optim/arena.ts';
export type { CommonOptions } from './engine/optim/options.ts';
export { player, type Player, type PlayerOptions } from './engine/optim/player.ts';
export { together } from './engine/optim/together.ts';
export type { AverageOptions } from './engine/optim/weight-average.ts';
export { constantRate, cosine, type Schedule, stepDecay } from './engine/optim/schedules.ts';
export { Step, type StepSlot } from './engine/step.ts';
export { stepValue } from './engine/ops/step-value.ts';
export { type FreshStatistic, runningStatistics } from './engine/data/running-statistics.ts';

export { MetricRing } from './engine/data/metric-ring.ts';
export { NonFiniteError, type Reading, type StepHooks } from './train/run-steps.ts';
export { train, type TrainOptions } from './train/loop.ts';

// Files
export {
  CheckpointError,
  loadCheckpoint,
  loadTensors,
  saveCheckpoint,
  saveTensors,
  type TrainingState,
} from './engine/files/checkpoint.ts';
export { decodeSafetensors, encodeSafetensors, SafetensorsError } from './engine/files/safetensors.ts';

// Models
export { type Block, block } from './models/blocks.ts';
export {
  batchNormLayer,
  convLayer,
  type ConvOptions as ConvLayerOptions,
  flattenLayer,
  globalAverageLayer,
  type ImageLayer,
  type ImageShape,
  maxPoolLayer,
  relu6Layer,
  reluLayer,
} from './models/image-layers.ts';
export { type ImageOptions, imageTrunk } from './models/image-trunk.ts';
export {
  type Activation,
  activations,
  chain,
  type Fresh,
  type Layer,
  type LinearInitial,
  linearLayer,
  type LinearOptions,
} from './models/layers.ts';
export { lenet, lenetTrunk } from './models/lenet.ts';
export { dualHead, type DualHeadOptions, mlp, type MlpOptions, mlpTrunk } from './models/mlp.ts';
export {
  mobilenet,
  type MobileNetOptions,
  type MobileNetStage,
  mobilenetTrunk,
} from './models/mobilenet.ts';
export { mobilenetV2, mobilenetV2Trunk } from './models/mobilenetv2.ts';
export {
  type DualHeadModel,
  type ForwardOptions,
  type HeadOptions,
  type Model,
  type Network,
  type Trunk,
  type TwoHeads,
  withDualHead,
  withHead,
} from './models/model.ts';
export {
  fanInUniform,
  type Initial,
  type InitialOf,
  kaimingNormal,
  type Named,
  ParameterBuilder,
  parametersOf,
  type Seeds,
  xavierUniform,
  zero as zeroInitial,
} from './models/parameters.ts';
export { resnet, type ResNetOptions, resnetTrunk } from './models/resnet.ts';
export { resnetCifar, type ResNetCifarOptions, resnetCifarTrunk } from './models/resnet-cifar.ts';
export { wideResnet, type WideResNetOptions, wideResnetTrunk } from './models/wide-resnet.ts';

// Losses
export { ail, attentiveHint } from './losses/ail.ts';
export {
  ensembleMoments,
  type EnsembleMoments,
  type EnsembleMomentsOptions,
} from './losses/ensemble-moments.ts';
export { gaussianKl, gaussianNll, varianceOf } from './losses/gaussian.ts';
export {
  imitationAttention,
  type ImitationAttention,
  type ImitationAttentionOptions,
} from './losses/imitation-attention.ts';
export {
  attentionTransfer,
  type AttentionOptions,
  type FeatureMaps,
} from './losses/features/attention-transfer.ts';
export { similarityPreserving, type SimilarityInputs } from './losses/features/similarity.ts';
export {
  crossEntropy,
  jsd,
  kdLoss,
  klDivergence,
  reverseKlDivergence,
} from './losses/classification.ts';
export {
  defineLoss,
  type Loss,
  type LossDefinition,
  type LossFunction,
  type LossOptions,
} from './losses/loss.ts';
export { ascend, type AscendOptions, type Pair, type Penalties } from './losses/matching/ascend.ts';
export { generatorLoss, latent, type LatentOptions } from './losses/matching/generator.ts';
export {
  type ImpressionLossOptions,
  impressionLoss,
  impressionPoints,
  type InputDistribution,
} from './losses/matching/impressions.ts';
export {
  type Match,
  matchNetworks,
  type MatchOptions,
  type StudentHeads,
  type Weight as MatchWeight,
} from './losses/matching/match-networks.ts';
export {
  mixUp,
  type MixUpOptions,
  perturb,
  type PerturbOptions,
  type SyntheticOptions,
} from './losses/matching/perturb.ts';
export {
  matchInputGradients,
  matchSlopes,
  type Predictions,
  type ProbeOptions,
  probesOf,
} from './losses/matching/slopes.ts';
export {
  outlierMask,
  type OutlierMask,
  type OutlierMaskOptions,
  type OutlierRule,
} from './losses/outlier-mask.ts';
export { huber, kdMix, mae, mse } from './losses/regression.ts';
export {
  defineRowLoss,
  type RowLoss,
  type RowLossDefinition,
  type RowLossFunction,
  type RowLossOptions,
} from './losses/row-loss.ts';
export { type AngleOptions, type RelationInputs, rkdAngle, rkdDistance } from './losses/rkd.ts';
export { tbr, tbrImitation } from './losses/tbr.ts';
export { tor } from './losses/tor.ts';
export { torDual, torDualDrop, torDualSmooth, torDualSquare } from './losses/tor-dual.ts';
export { torDrop, torSmooth, torSquare } from './losses/tor-variants.ts';

// Data
export {
  type Cifar100Options,
  type CifarOptions,
  type CifarRecords,
  readCifar,
  readCifar10,
  readCifar100,
} from './datasets/classes/cifar.ts';
export type { ClassifiedImages, ClassifiedParts } from './datasets/classes/classified-images.ts';
export { type IdxArray, type IdxOptions, readIdx } from './datasets/classes/idx.ts';
export { readIdxFolder } from './datasets/classes/idx-folder.ts';
export { type ImageFolderOptions, readImageFolder } from './datasets/classes/image-folder.ts';
export {
  renderedGlyphs,
  type RenderedGlyphs,
  type RenderedGlyphsOptions,
} from './datasets/classes/rendered-glyphs.ts';
export type { ColourImage } from './datasets/images/colour-image.ts';
export type { ColumnReference } from './datasets/columns.ts';
export { type CsvOptions, type CsvTable, readCsv } from './datasets/csv/csv.ts';
export { type CsvComplaint, CsvError } from './datasets/csv/csv-error.ts';
export type { Delimiter } from './datasets/csv/csv-records.ts';
export {
  type Dataset,
  type Filling,
  type RandomSource,
  type Samples,
  type Scale,
  scaleOf,
  standardise,
  type Table,
  unstandardise,
} from './datasets/dataset.ts';
export { DatasetError } from './datasets/dataset-error.ts';
export { collectEyes, type Eyes, type EyeSamples, type EyeSide } from './datasets/images/eyes.ts';
export {
  renderedHeads,
  type RenderedHeads,
  type RenderedHeadsOptions,
} from './datasets/images/rendered-heads.ts';
export {
  type RenderedEyes,
  renderedEyes,
  type RenderedEyesOptions,
} from './datasets/images/rendered-eyes.ts';
export { FileError, type FileFault, type FilePlace } from './datasets/file-error.ts';
export type { Folder, ReadOptions, ReadProgress } from './datasets/folder.ts';
export {
  angularError,
  angularErrors,
  type Angles,
  gazeAngles,
  gazeVector,
  headAngles,
  headRotation,
  type Vector3,
} from './datasets/images/gaze.ts';
export { crop, type CropBox, type GreyImage, type ImageSize, resize } from './datasets/images/grey-image.ts';
export { type IndexText, readSplit } from './datasets/index-file.ts';
export { type MatFile, type MatOptions, readMat } from './datasets/mat/mat.ts';
export { type MatWriteOptions, writeMat } from './datasets/mat/mat-writer.ts';
export { MatError } from './datasets/mat/mat-error.ts';
export type {
  MatCell,
  MatClass,
  MatNumeric,
  MatStruct,
  MatText,
  MatValue,
} from './datasets/mat/mat-value.ts';
export { completeRows, impute, type ImputeOptions, missingCounts } from './datasets/missing.ts';
export { mpiigaze, type MpiigazeDay, type MpiigazeOptions } from './datasets/images/mpiigaze.ts';
export {
  multipie,
  type MultipieImage,
  type MultipieOptions,
  multipieYaw,
} from './datasets/images/multipie.ts';
export { decodeNpy, encodeNpy, type NpyArray, type NpyInput, type NpyOptions } from './datasets/npy/npy.ts';
export type { Numbers } from './datasets/numbers.ts';
export { NpyError } from './datasets/npy/npy-error.ts';
export { decodeNpz, type NpzOptions } from './datasets/npy/npz.ts';
export {
  groupSplit,
  randomSplit,
  stratifiedSplit,
  type RowSplit,
  type SplitOptions,
  trainSubset,
} from './datasets/row-splits.ts';
export { sinusoid, type SinusoidOptions } from './datasets/sinusoid.ts';
export { leaveOneOut, type Split, subjectFolds } from './datasets/splits.ts';
export { type MissingRule, tableDataset, type TableDatasetOptions } from './datasets/table-dataset.ts';
export { readUciFolder, type UciFolder, type UciOptions } from './datasets/uci-folder.ts';
