/** A training step of this library, captured as `train` does it, or eager as a loop of one's own. */
import { Batches } from '../../engine/data/batches.ts';
import { capture } from '../../engine/capture.ts';
import { grad } from '../../engine/grad.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { adam } from '../../engine/optim/optim.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import type { Loss } from '../../losses/loss.ts';
import { mse } from '../../losses/regression.ts';
import { torDual } from '../../losses/tor-dual.ts';
import { lenet } from '../../models/lenet.ts';
import { dualHead, mlp } from '../../models/mlp.ts';
import type { Network } from '../../models/model.ts';
import { resnet } from '../../models/resnet.ts';
import { counted } from './counted.ts';
import { EYE, initialNumbers, LEARNING_RATE, trainingColumns } from './networks.ts';
import type { Counts, Job, TrainingWork } from './work.ts';

/** Steps whose JavaScript is timed. */
const COUNTED = 15;

type Batch = Readonly<Record<string, Tensor>>;

interface Trained {
  readonly network: Network;
  loss(batch: Batch): Tensor;
}

export function trainingJob(gpu: GpuBackend, work: TrainingWork, variant: string): Job {
  const { network, loss } = trainedOf(gpu, work, { isComposed: variant.includes('composed') });
  if (work.network === 'mlp' || work.network === 'lenet') setNumbers(network, work);
  const optimizer = adam(network.parameters, { learningRate: LEARNING_RATE });
  const parameters = Object.values(network.parameters);
  const columns = trainingColumns(work);
  const batches = work.gathers
    ? new Batches(
        Object.fromEntries(
          Object.entries(columns).map(([name, { values, shape }]) => [
            name,
            { values, width: values.length / shape[0]! },
          ]),
        ),
        gpu,
        { batchSize: work.batch, seed: 0 },
      )
    : undefined;
  const resident = batches ? {} : tensorsOf(columns, gpu);

  const batchNumbers = Object.values(columns).reduce(
    (sum, { values, shape }) => sum + (work.batch * values.length) / shape[0]!,
    0,
  );

  const step = () => {
    const value = loss(batches ? batches.batch() : resident);
    optimizer.step(grad(value, parameters));
    return value;
  };
  const captured = variant.startsWith('captured') ? capture(step, gpu) : undefined;
  let last: Tensor | undefined;
  let done = 0;

  const runOnce = () => {
    batches?.prepare(done++);
    if (captured) {
      last = captured();
      return;
    }
    last?.dispose();
    if (batches) gpu.step.begin();
    last = tidy(step);
  };
  const wait = async () => void (await last!.item());

  return {
    run: work.readsEach
      ? async () => {
          runOnce();
          await last!.item();
        }
      : runOnce,
    wait: async () => (last ? wait() : undefined),
    result: async () => Float32Array.from(await last!.data()),
    async counts(): Promise<Counts> {
      return {
        ...(await counted(gpu, { run: runOnce, wait, times: COUNTED })),
        // Forward, and backward to inputs and to weights: each multiplies and adds as often.
        flops: 3 * 2 * network.macs * work.batch,
        // Of each parameter: the gradient is written; the update reads it, and reads and writes the parameter and both moments.
        bytes: 4 * (8 * network.parameterCount + batchNumbers),
      };
    },
    close() {
      captured?.dispose();
      optimizer.dispose();
      batches?.dispose();
      for (const held of [...parameters, ...Object.values(network.buffers), ...Object.values(resident)])
        held.dispose();
    },
  };
}

function trainedOf(
  backend: GpuBackend,
  { network, widths, batch }: TrainingWork,
  { isComposed }: { isComposed: boolean },
): Trained {
  const using = <I extends string>(loss: Loss<I, string>) => (isComposed ? loss.composed : loss);
  if (network === 'mlp') {
    const model = mlp({ backend, widths, activation: 'relu' });
    return {
      network: model,
      loss: ({ x, label }) => using(mse)({ pred: model.forward(x!), label: label! }),
    };
  }
  if (network === 'dual') {
    const model = dualHead({ backend, widths });
    return {
      network: model,
      loss: ({ x, label, teacher, outlier }) =>
        using(torDual)({ ...model.forward(x!), label: label!, teacher: teacher!, outlier: outlier! }),
    };
  }
  const options = { backend, inputShape: EYE, width: widths[0], outputs: 2, extras: 2 };
  const model = network === 'lenet' ? lenet(options) : resnet({ ...options, depth: 8 });
  return {
    network: model,
    loss({ x, pose, label }) {
      const images = reshape(x!, [batch, ...EYE]);
      const pred = model.forward(images, { extras: pose, training: true });
      return using(mse)({ pred, label: label! });
    },
  };
}

/** The numbers that the peers begin with, too. */
function setNumbers({ parameters }: Network, work: TrainingWork): void {
  for (const [name, { values }] of Object.entries(initialNumbers(work))) {
    const { binding, backend } = parameters[name]!;
    backend.upload(binding, values, 'f32');
  }
}

function tensorsOf(columns: ReturnType<typeof trainingColumns>, gpu: GpuBackend): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { values, shape }]) => [name, tensor(values, shape, gpu)]),
  );
}
