/** A step of many students that differ in their seed: side by side as one model, or one after another. */
import { Batches } from '../../engine/data/batches.ts';
import { capture } from '../../engine/capture.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { adam } from '../../engine/optim/optim.ts';
import { type Tensor, tidy } from '../../engine/tensor.ts';
import { torDual } from '../../losses/tor-dual.ts';
import { dualHead } from '../../models/mlp.ts';
import { counted } from './counted.ts';
import { LEARNING_RATE, trainingColumns } from './networks.ts';
import type { Counts, Job, SeedsWork } from './work.ts';

/** Steps whose JavaScript is timed. */
const COUNTED = 5;

/**
 * One execution is a step of every student. One after another it is the same student's step that many times: what it costs
 * is the same, and the step buffer has no room for the schedules of them all. The result is the first seed's first loss.
 */
export function seedsJob(gpu: GpuBackend, work: SeedsWork, variant: string): Job {
  const isAsOne = variant === 'as one model';
  const count = isAsOne ? work.seeds : 1;
  const turns = isAsOne ? 1 : work.seeds;
  const seed = [...Array(count).keys()];
  const { widths, batch } = work;
  const network = dualHead({ backend: gpu, widths, seed });
  const optimizer = adam(network.parameters, { learningRate: LEARNING_RATE, seeds: count });
  const columns = trainingColumns({
    ...work,
    kind: 'training',
    network: 'dual',
    readsEach: false,
    gathers: true,
  });
  const repeated = Object.entries(columns).map(([name, { values, shape }]) => {
    const all = Array.from({ length: count }, () => [...values]).flat();
    return [name, { values: all, width: values.length / shape[0]! }] as const;
  });
  const batches = new Batches(Object.fromEntries(repeated), gpu, { batchSize: batch, seed });

  const step = () => {
    const { x, label, teacher, outlier } = batches.batch();
    const given = { label: label!, teacher: teacher!, outlier: outlier! };
    const loss = torDual({ ...network.forward(x!), ...given }, {}, { leadingAxes: 1 });
    optimizer.minimise(loss);
    return loss;
  };
  const captured = variant.endsWith('eager') ? undefined : capture(step, gpu);
  let last: Tensor | undefined;
  let first: Promise<number> | undefined;
  let done = 0;
  const one = () => {
    batches.prepare(done++);
    if (captured) {
      last = captured();
    } else {
      last?.dispose();
      gpu.step.begin();
      last = tidy(step);
    }
    first ??= last.data().then((losses) => losses[0]!);
  };
  const run = () => {
    for (let turn = 0; turn < turns; turn++) one();
  };
  const wait = async () => void (await last!.data());

  return {
    run,
    wait,
    result: async () => Float32Array.of(await first!),
    async counts(): Promise<Counts> {
      return {
        ...(await counted(gpu, { run, wait, times: COUNTED })),
        flops: 3 * 2 * network.macs * batch * work.seeds,
        bytes: 4 * 8 * network.parameterCount * work.seeds,
      };
    },
    close() {
      captured?.dispose();
      optimizer.dispose();
      batches.dispose();
      for (const held of Object.values(network.parameters)) held.dispose();
    },
  };
}
