/**
 * Little data: a student that sees a tenth of the teacher's rows, by imitation alone and with teacher-student matching on
 * synthetic points: `npx tsx examples/matching.ts`. Errors are to the clean function on fresh rows, in standard deviations.
 */
import * as limbeck from '../index.ts';

const seeds = [1, 2, 3];
const [rows, inputs, testRows, steps] = [1000, 8, 1000, 2000];
const share = 0.1;

const variants: Record<string, limbeck.MatchOptions> = {
  imitation: {},
  'imitation+pm': { perturbed: 1 },
  'imitation+abm': { adversarial: 1 },
  'imitation+gm': { gradients: 1 },
  'imitation+pm+abm': { perturbed: 1, adversarial: 1 },
  'imitation+pm+abm+gm': { perturbed: 1, adversarial: 1, gradients: 1 },
  '… gm along a direction': { perturbed: 1, adversarial: 1, gradients: 1, slopes: {} },
};

const gpu = await limbeck.openGpu();
const print = console.log;

/** Standard normal inputs of one seed. */
async function inputsOf(count: number, seed: number, call: number): Promise<Float32Array> {
  const x = limbeck.normal([count, inputs], gpu, { seed, call, step: 0 });
  return Float32Array.from(await x.data());
}

/** Of unit variance, about: interactions, a bend, a wave, and three inputs that do not matter. */
function clean(x: Float32Array): Float32Array {
  return Float32Array.from({ length: x.length / inputs }, (_, i) => {
    const [a, b, c, d, e] = x.subarray(i * inputs, (i + 1) * inputs);
    return 0.6 * a! * b! + 0.7 * Math.sin(2 * c!) + 0.5 * Math.tanh(d!) + 0.25 * (e! * e! - 1);
  });
}

const concatenated = (tables: Float32Array[]) => Float32Array.from(tables.flatMap((table) => [...table]));
const tables = await Promise.all(seeds.map((seed) => inputsOf(rows, seed, 0)));
const tests = await Promise.all(seeds.map((seed) => inputsOf(testRows, seed, 1)));
const noise = await Promise.all(seeds.map((seed) => inputsOf(rows, seed, 2)));
const labels = tables.map((x, s) => clean(x).map((y, i) => y + 0.1 * noise[s]![i]!));
const testX = limbeck.tensor(concatenated(tests), [seeds.length, testRows, inputs], gpu);
const truth = tests.map(clean);

/** Minimises a loss of (seeds) on batches of each seed's first `count` rows; milliseconds a step. */
async function fit(
  model: limbeck.Model,
  count: number,
  loss: (batch: Record<'x' | 'label', limbeck.Tensor>) => limbeck.Tensor,
): Promise<number> {
  gpu.step.reset();
  const learningRate = limbeck.cosine(1e-3, { updates: steps });
  const optimizer = limbeck.rmsProp(model.parameters, { learningRate, seeds: seeds.length });
  const first = (lists: Float32Array[], width: number) => ({
    values: concatenated(lists.map((list) => list.subarray(0, count * width))),
    width,
  });
  const columns = { x: first(tables, inputs), label: first(labels, 1) };
  const batches = new limbeck.Batches(columns, gpu, { batchSize: 50, seed: seeds });
  const begin = performance.now();
  await limbeck.train({ backend: gpu, batches, loss, optimizer, steps, readEvery: steps / 4 });
  const each = (performance.now() - begin) / steps;
  batches.dispose();
  optimizer.dispose();
  return each;
}

/** Root mean squared error of each seed. */
async function errors(model: limbeck.Model): Promise<number[]> {
  const predicted = await limbeck.noGrad(() => model.forward(testX)).data();
  return truth.map((y, s) => {
    const sum = y.reduce((total, value, i) => total + (predicted[s * testRows + i]! - value) ** 2, 0);
    return Math.sqrt(sum / testRows);
  });
}

const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const options = { backend: gpu, inputs };
const alone = { leadingAxes: 1 };
const teacher = limbeck.mlp({ ...options, widths: [100, 100], seed: seeds.map((seed) => seed + 1000) });
await fit(teacher, rows, ({ x, label }) => limbeck.mse({ pred: teacher.forward(x), label }, {}, alone));
print(`${gpu.name}; ${seeds.length} seeds, a student sees ${share * rows} of the teacher's ${rows} rows`);
print(`teacher                  RMSE ${average(await errors(teacher)).toFixed(4)}`);

let baseline: number[] | undefined;
for (const [name, variant] of Object.entries(variants)) {
  const student = limbeck.mlp({ ...options, widths: [50], seed: seeds });
  const networks = {
    teacher: teacher.forward,
    student: (x: limbeck.Tensor) => ({ pred: student.forward(x) }),
  };
  const each = await fit(student, share * rows, ({ x }) => {
    const match = limbeck.matchNetworks(x, networks, { sigma: 1, ...variant, seed: seeds, leadingAxes: 1 });
    const imitation = limbeck.mse({ pred: match.heads.pred, label: match.teacher }, {}, alone);
    return match.loss ? limbeck.add(imitation, match.loss) : imitation;
  });
  const own = await errors(student);
  baseline ??= own;
  const change = (100 * (average(own) / average(baseline) - 1)).toFixed(1);
  const better = own.filter((error, s) => error < baseline![s]!).length;
  print(
    `${name.padEnd(24)} RMSE ${average(own).toFixed(4)}  ${change.padStart(6)} %  ` +
      `better for ${better} of ${seeds.length} seeds  ${each.toFixed(2)} ms a step`,
  );
}
gpu.close();
