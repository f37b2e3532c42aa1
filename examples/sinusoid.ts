/** A teacher, its outlier mask, and a student with two heads: `npx tsx examples/sinusoid.ts`. */
import {
  adam,
  dualHead,
  grad,
  mlp,
  mse,
  openGpu,
  outlierMask,
  tensor,
  tidy,
  torDual,
  uniformValues,
} from '../index.ts';
import type { Parameters, Tensor } from '../index.ts';

const gpu = await openGpu();
const column = (values: ArrayLike<number>) => tensor(values, [256, 1], gpu);
const x = uniformValues(256).map((u) => 2 * u - 1);
const off = uniformValues(256, { call: 1 }).map((u, i) => (i % 5 === 0 ? 6 * u - 3 : 0)); // every fifth label is off
const y = x.map((v, i) => Math.sin(Math.PI * v) + off[i]!);
const [inputs, label] = [column(x), column(y)];

const teacher = mlp({ backend: gpu, widths: [64, 64], seed: 1 });
train(teacher.parameters, () => mse({ pred: teacher.forward(inputs), label }));
const predictions = await teacher.forward(inputs).data();
const { outlier } = outlierMask(y, predictions);

const student = dualHead({ backend: gpu, widths: [8, 8], seed: 2 });
const batch = { label, teacher: column(predictions), outlier: column(outlier) };
const loss = train(student.parameters, () => torDual({ ...student.forward(inputs), ...batch }));
console.log(
  `${gpu.name}: ${outlier.filter(Boolean).length} of 256 labels rejected, loss ${(await loss.item()).toFixed(4)}`,
);
gpu.close();

function train(parameters: Parameters, meanLoss: () => Tensor): Tensor {
  const optimizer = adam(parameters, { learningRate: 5e-3 });
  const step = () => {
    const loss = meanLoss();
    optimizer.step(grad(loss, Object.values(parameters)));
    return loss;
  };
  for (let i = 1; i < 300; i++) tidy(() => void step());
  return tidy(step);
}
