/** A teacher and a student with two heads, trained as `train` does, with every batch and every loss written down. */
import {
  adam,
  Batches,
  type Column,
  capture,
  concat,
  cosine,
  type DualHeadModel,
  grad,
  type GpuBackend,
  type Model,
  mse,
  type Network,
  outlierMask,
  reshape,
  type Samples,
  type Tensor,
  tensor,
  tidy,
  torDual,
} from '../index.ts';
import { bitsOf, type Run } from './measurement.ts';

export interface Distillation {
  teacher: Model;
  student: DualHeadModel;
  table: Samples;
  batchSize: number;
  learningRate: number;
}

/** Read-backs that are waited for together: Deno looks for finished ones only every 10 ms. */
const READ_EVERY = 20;

const SHUFFLING = { teacher: 1, student: 2 };

/** TOR on the label head, imitation on the teacher head; labels far from the trained teacher are rejected. */
export async function distil(
  { teacher, student, table, batchSize, learningRate }: Distillation,
  steps: number,
  { backend, onStep }: { backend: GpuBackend; onStep(): void },
): Promise<Run> {
  const run: Run = { batches: {}, losses: {}, weights: {} };
  const train = async <N extends string>(
    who: keyof typeof SHUFFLING,
    network: Network,
    columns: Record<N, Column>,
    loss: (batch: Record<N, Tensor>) => Tensor,
  ) => {
    const rate = cosine(learningRate, { updates: steps });
    const options = { steps, batchSize, seed: SHUFFLING[who], learningRate: rate, backend, onStep };
    const { batches, losses } = await trainRecorded(network, columns, loss, options);
    for (const [name, values] of Object.entries<Float32Array>(batches))
      run.batches[`${who} ${name}`] = bitsOf(values);
    run.losses[who] = bitsOf(losses);
    for (const [name, x] of Object.entries({ ...network.parameters, ...network.buffers }))
      run.weights[`${who} ${name}`] = bitsOf(await x.data());
  };

  const columns = { x: { values: table.x, width: table.inputs }, label: { values: table.y, width: 1 } };
  await train('teacher', teacher, columns, ({ x, label }) =>
    mse({ pred: teacher.forward(x, { training: true }), label }),
  );
  const all = tensor(table.x, [table.rows, table.inputs], backend);
  const predictions = Float32Array.from(await tidy(() => teacher.forward(all)).data());
  const { outlier } = outlierMask(table.y, predictions);
  await train(
    'student',
    student,
    {
      ...columns,
      teacher: { values: predictions, width: 1 },
      outlier: { values: Float32Array.from(outlier), width: 1 },
    },
    ({ x, ...batch }) => torDual({ ...student.forward(x, { training: true }), ...batch }),
  );
  return run;
}

interface RecordedOptions {
  backend: GpuBackend;
  steps: number;
  batchSize: number;
  seed: number;
  learningRate: ReturnType<typeof cosine>;
  onStep(): void;
}

/** Adam on a captured step; what the step saw and found comes out in one tensor. */
async function trainRecorded<N extends string>(
  network: Network,
  columns: Record<N, Column>,
  loss: (batch: Record<N, Tensor>) => Tensor,
  { backend, steps, batchSize, seed, learningRate, onStep }: RecordedOptions,
): Promise<{ batches: Record<N, Float32Array>; losses: Float32Array }> {
  backend.step.reset();
  const optimizer = adam(network.parameters, { learningRate });
  const batches = new Batches(columns, backend, { batchSize, seed });
  const parameters = Object.values(network.parameters);
  const step = capture(() => {
    const batch = batches.batch();
    const value = loss(batch);
    optimizer.step(grad(value, parameters));
    return concat(
      [...Object.values<Tensor>(batch), value].map((x) => reshape(x, [x.size])),
      0,
    );
  }, backend);

  const names = Object.keys(columns) as N[];
  const sizes = names.map((name) => batches.batchSize * columns[name].width);
  const seen = sizes.map((size) => new Float32Array(size * steps));
  const losses = new Float32Array(steps);
  const store = (i: number, numbers: ArrayLike<number>) => {
    let start = 0;
    for (const [c, size] of sizes.entries()) {
      for (let k = 0; k < size; k++) seen[c]![i * size + k] = numbers[start + k]!;
      start += size;
    }
    losses[i] = numbers[start]!;
    onStep();
  };
  let waiting: Promise<void>[] = [];
  for (let i = 0; i < steps; i++) {
    batches.prepare(i);
    const numbers = step().data();
    waiting.push(numbers.then((values) => store(i, values)));
    if (waiting.length < READ_EVERY && i < steps - 1) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  step.dispose();
  batches.dispose();
  optimizer.dispose();
  return { batches: Object.fromEntries(names.map((name, c) => [name, seen[c]!])) as never, losses };
}
