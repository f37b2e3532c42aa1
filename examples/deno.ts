/** A teacher, its outlier mask, and a student with two heads, in Deno: `npx deno run -A examples/deno.ts`. */
import * as limbeck from '../index.ts';

const print = console.log;
const gpu = await limbeck.openGpu();
const column = (values: ArrayLike<number>) => limbeck.tensor(values, [256, 1], gpu);
const x = limbeck.uniformValues(256).map((u) => 2 * u - 1);
const off = limbeck.uniformValues(256, { call: 1 }).map((u, i) => (i % 5 === 0 ? 6 * u - 3 : 0));
const y = x.map((v, i) => Math.sin(Math.PI * v) + off[i]!); // every fifth label is off
const [inputs, label] = [column(x), column(y)];

const teacher = limbeck.mlp({ backend: gpu, widths: [64, 64], seed: 1 });
minimise(teacher.parameters, () => limbeck.mse({ pred: teacher.forward(inputs), label }));
const predictions = await teacher.forward(inputs).data();
const { outlier } = limbeck.outlierMask(y, predictions);
print(`${gpu.name}: ${outlier.filter(Boolean).length} of 256 labels rejected`);

const student = limbeck.dualHead({ backend: gpu, widths: [8, 8], seed: 2 });
const batch = { label, teacher: column(predictions), outlier: column(outlier) };
const loss = minimise(student.parameters, () => limbeck.torDual({ ...student.forward(inputs), ...batch }));
print(`loss of the student after 300 steps: ${(await loss.item()).toPrecision(9)}`);
gpu.close();

function minimise(parameters: limbeck.Parameters, lossOf: () => limbeck.Tensor): limbeck.Tensor {
  const optimizer = limbeck.adam(parameters, { learningRate: 5e-3 });
  const step = limbeck.capture(() => {
    const loss = lossOf();
    optimizer.step(limbeck.grad(loss, Object.values(parameters)));
    return loss;
  }, gpu); // from its third call on the step is replayed, in one submit
  for (let i = 1; i < 300; i++) step();
  return step();
}
