/** The public surface: a new name, or one that is gone, is a deliberate line in a diff. */
import { expect, test } from 'vitest';
import * as limbeck from '../index.ts';

test('index.ts exports exactly these names', () => {
  expect(Object.keys(limbeck).sort().join(' ')).toMatchInlineSnapshot(
    `"AdapterError Batches CheckpointError DeviceLostError MetricRing NonFiniteError SafetensorsError ShapeError Step Tensor abs activations adam adamW add broadcastTo checkBackends checkGrads checkLoss concat constantRate cos cosine decodeSafetensors defineKernel defineLoss detach dispatch dispatchCount div dropout dualHead encodeSafetensors equal erf exp full gatherRows gelu grad greater huber isRecording kdMix less linear listAdapters loadCheckpoint loadTensors log mae mathIn matmul max maximum mean minimum mlp mse mul neg noGrad normal normalDensity normalDistribution ones openCpu openDevice openGpu outlierMask permutation reciprocal record relu reshape rmsProp samples saveCheckpoint saveTensors scaleOf scatterRows sgd sigmoid sign sin sinusoid slice softplus sqrt square standardise stepDecay sub sum sumTo tanh tensor tidy tor torDrop torDual torDualDrop torDualSmooth torDualSquare torSmooth torSquare train transpose uniform uniformValues unstandardise wgsl where workgroupSum workgroupsFor zeros"`,
  );
});
