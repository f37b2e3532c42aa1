/** A teacher, its outlier mask and a student with two heads, in twenty lines: `npx tsx examples/sinusoid.ts`. */
import { adam, dualHead, grad, mlp, mse, openGpu, outlierMask, tensor, tidy, torDual, uniformValues } from '../index.ts';

const gpu = await openGpu();
const [x, y] = [uniformValues(256).map((u) => 2 * u - 1), uniformValues(256, { call: 1 })];
const labels = x.map((v, i) => Math.sin(Math.PI * v) + (i % 5 === 0 ? 6 * y[i]! - 3 : 0)); // every fifth is off
const [inputs, label] = [tensor(x, [256, 1], gpu), tensor(labels, [256, 1], gpu)];

const teacher = mlp({ backend: gpu, widths: [64, 64], seed: 1 });
const teacherAdam = adam(teacher.parameters, { learningRate: 3e-3 });
for (let step = 0; step < 300; step++) {
  tidy(() => {
    const loss = mse({ pred: teacher.forward(inputs), label });
    teacherAdam.step(grad(loss, Object.values(teacher.parameters)));
  });
}
const predictions = await tidy(() => teacher.forward(inputs)).data();
const { outlier } = outlierMask(labels, predictions);
const batch = { label, teacher: tensor(predictions, [256, 1], gpu), outlier: tensor(outlier, [256, 1], gpu) };
console.log(`${gpu.name}: ${outlier.reduce((sum, bit) => sum + bit)} of 256 labels rejected`);

const student = dualHead({ backend: gpu, widths: [8, 8], seed: 2 });
const studentAdam = adam(student.parameters, { learningRate: 1e-2 });
for (let step = 1; step <= 300; step++) {
  const loss = tidy(() => {
    const value = torDual({ ...student.forward(inputs), ...batch });
    studentAdam.step(grad(value, Object.values(student.parameters)));
    return value;
  });
  if (step % 50 === 0) console.log(`step ${step}  loss ${(await loss.item()).toFixed(4)}`);
  loss.dispose();
}
gpu.close();
