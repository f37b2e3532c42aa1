/** Every kernel, in every shape that its template has, by family: `shaders.test.ts` compiles them all. */
import { type Extent, flatKernel, stridedKernel } from '../kernels/pointwise/elementwise.ts';
import { addAlong, addAlongSorted, takeAlong } from '../kernels/movement/along-axis.ts';
import { argExtreme } from '../kernels/order/arg-extreme.ts';
import { axisMap } from '../kernels/image/axis-map.ts';
import { toFloats, toIntegers } from '../kernels/pointwise/cast.ts';
import { correlation, packWeights } from '../kernels/conv2d/conv2d.ts';
import { planCorrelation, planWeightGradient } from '../kernels/conv2d/conv2d-plan.ts';
import { correlationWeightGradient } from '../kernels/conv2d/conv2d-weight.ts';
import { pieceSums, sumsBefore, sumsWithin } from '../kernels/order/cumsum.ts';
import { pointFunctions } from '../kernels/pointwise/functions.ts';
import { fusedLoss, sumBlocks } from '../kernels/training/fused-loss.ts';
import { labelWeights } from '../kernels/row-loss/label-weights.ts';
import { meanOfRows } from '../kernels/row-loss/mean-of-rows.ts';
import { rowLoss } from '../kernels/row-loss/row-loss.ts';
import { sharingOf } from '../kernels/row-loss/row-sums.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { matmulKernel } from '../kernels/matmul/matmul.ts';
import { fusedActivations } from '../kernels/matmul/matmul-options.ts';
import {
  concatInto,
  fill,
  fillIntegers,
  gather,
  scatter,
  stridedCopy,
} from '../kernels/movement/movement.ts';
import { oneHotRows } from '../kernels/movement/one-hot.ts';
import { gradientSums, joinMoments, joinSums, moments } from '../kernels/reduce/normalize-sums.ts';
import { normalizeGradKernel, normalizeKernel } from '../kernels/reduce/normalize.ts';
import { maxPoolKernel, putApart, putPositions, takePositions } from '../kernels/image/pool.ts';
import { adam, adamW, rmsProp, sgd } from '../kernels/training/optimizer.ts';
import {
  dropoutMask,
  randomNormal,
  randomNormalSeeds,
  randomUniform,
  randomUniformSeeds,
} from '../kernels/random/random.ts';
import { reduceKernel, type RuleName, rules } from '../kernels/reduce/reduce.ts';
import { MAX_FRESH, runningStatistics } from '../kernels/reduce/running-statistics.ts';
import { softmaxKernel } from '../kernels/reduce/softmax.ts';
import { firstPlaces, mergeRuns, sortRuns } from '../kernels/order/sort.ts';
import { squaredNorm, squaredNormFew } from '../kernels/training/squared-norm.ts';
import { jointGuard, MOST_NORMS } from '../kernels/training/joint-guard.ts';
import { weightAverage } from '../kernels/training/weight-average.ts';
import { gatherBatch, readStep, storeMetric } from '../kernels/training/batch.ts';
import { triangle } from '../kernels/movement/triangle.ts';
import type { SmallActivation } from '../kernels/small-network/activations.ts';
import { lanesCheck } from '../kernels/small-network/lanes-check.ts';
import { shuffleRows } from '../kernels/small-network/shuffle.ts';
import { smallNetworkKernel } from '../kernels/small-network/small-network.ts';
import { torDualSmooth } from '../losses/tor-dual.ts';
import { lossCases } from './cases/losses.ts';
import { rowLossCases } from './cases/row-losses.ts';

function elementwiseKernels(): Kernel[] {
  return Object.values(pointFunctions).flatMap((f) => [
    ...extentsOf(f.parameters.length).map((extents) => flatKernel(f, extents)),
    ...[1, 2, 3, 4, 5].map((rank) => stridedKernel(f, rank)),
  ]);
}

/** Every combination of flags. */
function eachOf<K extends string>(...names: K[]): Record<K, boolean>[] {
  return names.reduce<Record<string, boolean>[]>(
    (all, name) => all.flatMap((flags) => [false, true].map((value) => ({ ...flags, [name]: value }))),
    [{}],
  ) as Record<K, boolean>[];
}

/** Every combination of full tensors and scalars. */
function extentsOf(count: number): Extent[][] {
  if (count === 0) return [[]];
  return extentsOf(count - 1).flatMap((rest) => [
    [...rest, 'full' as const],
    [...rest, 'scalar' as const],
  ]);
}

function matmulKernels(): Kernel[] {
  const lengths = [1, 2, 3, 4, 5, 8, 64, 65];
  const kernels = new Set<Kernel>();
  for (const m of lengths)
    for (const n of lengths)
      for (const k of [3, 4, 257]) {
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const options = { transposeA, transposeB, hasBias: false, activation: 'identity' } as const;
            kernels.add(matmulKernel({ m, n, k, matrices: 1 }, options, 0).kernel);
            if (transposeA || transposeB) continue;
            for (const activation of Object.keys(fusedActivations) as (keyof typeof fusedActivations)[]) {
              kernels.add(
                matmulKernel({ m, n, k, matrices: 1 }, { ...options, hasBias: true, activation }, 0).kernel,
              );
            }
          }
        const options = {
          transposeA: true,
          transposeB: false,
          hasBias: false,
          activation: 'identity',
        } as const;
        kernels.add(matmulKernel({ m, n, k, matrices: 1 }, { ...options, hasColumnSum: true }, 0).kernel);
      }
  for (const k of [1, 3, 8])
    for (const gate of [undefined, 'tanh'] as const) {
      const options = {
        transposeA: false,
        transposeB: k === 1,
        hasBias: k > 1,
        activation: 'tanh',
        gate,
      } as const;
      kernels.add(matmulKernel({ m: 512, n: 128, k, matrices: 3 }, options, 8).kernel);
    }
  for (const sharing of [4, 8] as const)
    for (const m of [64, 65])
      for (const n of [64, 65])
        for (const k of [127, 260])
          for (const { transposeA, transposeB, hasColumnSum } of eachOf(
            'transposeA',
            'transposeB',
            'hasColumnSum',
          )) {
            const activation = hasColumnSum ? 'identity' : 'tanh';
            const options = {
              transposeA,
              transposeB,
              hasBias: !hasColumnSum,
              activation,
              hasColumnSum,
            } as const;
            kernels.add(matmulKernel({ m, n, k, matrices: 1 }, options, sharing).kernel);
            if (!transposeA && transposeB && !hasColumnSum)
              kernels.add(
                matmulKernel({ m, n, k, matrices: 1 }, { ...options, hasAddend: true, gate: 'tanh' }, sharing)
                  .kernel,
              );
          }
  return [...kernels];
}

function convolutionKernels(): Kernel[] {
  const kernels = new Set<Kernel>([packWeights]);
  const activations = Object.keys(fusedActivations) as (keyof typeof fusedActivations)[];
  for (const sharing of [0, 4, 8] as const)
    for (const outputs of [1, 4, 8, 20])
      for (const columns of [1, 3, 8])
        for (const taps of [1, 3, 5, 7, 9])
          for (const isGuarded of [false, true])
            for (const [stride, dilation] of [
              [1, 1],
              [2, 3],
            ] as const) {
              // Long sums are added in blocks; one way to guard each is enough.
              const blocked = isGuarded && ({ blocked: taps > 7 ? 'tapsX' : 'channels' } as const);
              const inRows = isGuarded && ({ blocked: columns > 3 ? 'columns' : 'rows' } as const);
              const sizes = { outputs, columns, taps, stride, dilation, isGuarded, sharing };
              kernels.add(
                correlation(planCorrelation({ ...sizes, ...blocked }), {
                  hasBias: false,
                  activation: 'identity',
                }),
              );
              kernels.add(
                correlationWeightGradient(planWeightGradient({ ...sizes, ...inRows, kernelRows: 64 })),
              );
            }
  const plan = planCorrelation({
    outputs: 4,
    columns: 3,
    taps: 3,
    stride: 1,
    dilation: 1,
    isGuarded: false,
    sharing: 0,
  });
  for (const activation of activations) kernels.add(correlation(plan, { hasBias: true, activation }));
  return [...kernels];
}

function lossKernels(): Kernel[] {
  const losses = new Set(lossCases.map(({ loss }) => loss));
  return [...losses].flatMap(({ definition, kernel }) => {
    const { name, inputs, wrt = ['pred'], params: defaults = {}, fused: element } = definition;
    const params = Object.keys(defaults);
    const slots = [[], params, params.slice(1)];
    return [
      kernel,
      ...[{}, { hasFewLanes: true }, { hasFewLanes: true, isVector: true }].flatMap((ways) =>
        [false, true].flatMap((isSplit) =>
          slots.map((stepParams) =>
            fusedLoss({ name, inputs, wrt, params, stepParams, element, isSplit, ...ways }),
          ),
        ),
      ),
    ];
  });
}

function rowLossKernels(): Kernel[] {
  const losses = new Set(rowLossCases.map(({ loss }) => loss));
  return [...losses].flatMap(({ definition, kernel }) => {
    const {
      name,
      inputs,
      wrt = ['logits'],
      params: defaults = {},
      fused: element,
      isCentred = false,
    } = definition;
    const params = Object.keys(defaults);
    const logs = Object.entries(definition.logs).map(([key, source]) => {
      const [of, temperature] = typeof source === 'string' ? [source] : source;
      return { name: key, of: of!, temperature };
    });
    const rows = inputs.filter((key) => key !== 'label');
    const options = {
      name,
      inputs: rows,
      wrt,
      logs,
      params,
      element,
      isCentred,
      hasLabel: rows.length < inputs.length,
    };
    return [
      kernel,
      ...[
        ...[1, 64, 4096].map((classes) => sharingOf(classes, false)),
        ...[64, 65, 4096, 4097].map((classes) => sharingOf(classes, true)),
      ].flatMap((sharing) => [[], params].map((stepParams) => rowLoss({ ...options, stepParams, sharing }))),
    ];
  });
}

export const families: Readonly<Record<string, readonly Kernel[]>> = {
  elementwise: elementwiseKernels(),
  reductions: (Object.keys(rules) as RuleName[]).flatMap((name) =>
    eachOf('isShared', 'isFirst', 'isLast').map((shape) => reduceKernel(name, shape)),
  ),
  softmax: eachOf('isLog', 'isShared').map(softmaxKernel),
  normalisation: [
    ...eachOf('isShared', 'isPiece').map(moments),
    ...[false, true].map((isShared) => gradientSums(isShared)),
    joinMoments,
    joinSums,
    ...eachOf('hasScale', 'hasBias', 'isVector').map(normalizeKernel),
    ...eachOf('hasScale', 'isVector').map(normalizeGradKernel),
  ],
  movement: [
    ...[1, 2, 3, 4, 5, 6].map(stridedCopy),
    // More than these only where the adapter allows more buffers than WebGPU promises.
    ...Array.from({ length: 7 }, (_, i) => concatInto(i + 1)),
    gather,
    scatter,
    fill,
    fillIntegers,
    fillIntegers,
  ],
  order: [
    ...(['f32', 'u32'] as const).flatMap((numbers) => [
      ...eachOf('isLargest', 'isFirst').map((shape) => argExtreme({ numbers, ...shape })),
      sortRuns(numbers, false),
      sortRuns(numbers, true),
    ]),
    mergeRuns,
    firstPlaces,
  ],
  'along axes': [
    takeAlong,
    addAlong,
    addAlongSorted,
    pieceSums(false),
    pieceSums(true),
    sumsBefore,
    ...eachOf('isReverse', 'isExclusive', 'isWhole').map(sumsWithin),
  ],
  types: [toFloats, toIntegers, oneHotRows, triangle(true), triangle(false)],
  convolution: convolutionKernels(),
  pooling: [
    maxPoolKernel(2, 2, { isInside: false }),
    ...[1, 2, 3].flatMap((sizeY) =>
      [1, 2, 3].map((sizeX) => maxPoolKernel(sizeY, sizeX, { isInside: true })),
    ),
    takePositions,
    putPositions,
    putApart,
    axisMap,
  ],
  matmul: matmulKernels(),
  optimisers: [
    ...[adam, adamW, sgd, rmsProp].flatMap(({ one, many }) => [one, many]),
    squaredNorm,
    squaredNormFew,
    weightAverage,
    ...Array.from({ length: MOST_NORMS }, (_, i) => jointGuard(i + 1)),
  ],
  random: [randomUniform, randomUniformSeeds, randomNormal, randomNormalSeeds, dropoutMask],
  training: [
    ...[1, 2, 3, 4, 5].map((count) => gatherBatch(Array(count).fill('f32'))),
    gatherBatch(['u8', 'f16', 'f32']),
    gatherBatch(['u8', 'u32', 'f32']),
    gatherBatch(['u32']),
    gatherBatch(['f32', 'u8'], [false, true]),
    gatherBatch(['f32', 'u8'], [true, true]),
    storeMetric,
    readStep,
  ],
  'running statistics': Array.from({ length: MAX_FRESH }, (_, i) => runningStatistics(i + 1)),
  losses: [...lossKernels(), sumBlocks],
  'losses of rows': [...rowLossKernels(), labelWeights, meanOfRows],
  'small networks': [shuffleRows, lanesCheck(4), lanesCheck(8), ...smallNetworkKernels()],
};

/** Of one head and of two, with what changes the text: lanes, clipping, a long batch, several outputs. */
function smallNetworkKernels(): Kernel[] {
  const layer = (width: number, i: number, activation: SmallActivation) => ({
    ...{ width, activation },
    ...{ weight: 2 * i, bias: 2 * i + 1 },
  });
  const { fused: element, params = {} } = torDualSmooth.definition;
  const loss = {
    name: 'tor-dual',
    inputs: {
      ...{ pred: { head: 0 }, teacherPred: { head: 1 } },
      ...{ label: { column: 1 }, teacher: { column: 2 }, outlier: { column: 3 } },
    },
    wrt: ['pred', 'teacherPred'],
    params: Object.keys(params),
    stepParams: ['eps'],
    element,
  };
  const heads = [2, 3].map((i) => ({ weight: 2 * i, bias: 2 * i + 1 }));
  const network = { inputs: 2, hidden: [layer(5, 0, 'tanh'), layer(9, 1, 'gelu')], heads, outputs: 2 };
  return ([4, 8] as const).flatMap((lanes) => [
    smallNetworkKernel({ network, loss, update: adam.text, isClipped: true, batch: 300, lanes, turn: 4 }),
    smallNetworkKernel({ network, loss, update: sgd.text, isClipped: false, batch: 30, lanes, turn: 1 }),
  ]);
}
