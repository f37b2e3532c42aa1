/** Where the time of two training steps goes: `npx tsx examples/profile.ts [FOLDER]`, which also takes the traces. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as limbeck from '../index.ts';

const gpu = await limbeck.openGpu();
const [folder] = process.argv.slice(2);

/** A student of 1-100-100 with a head for the label and one for the teacher, 256 samples. */
function dualHead() {
  const model = limbeck.dualHead({ backend: gpu, widths: [100, 100], seed: 1 });
  const [x, label, teacher] = [0, 1, 2].map((seed) => limbeck.normal([256, 1], gpu, { seed }));
  const outlier = limbeck.zeros([256, 1], gpu);
  return training(model.parameters, () =>
    limbeck.torDual({ ...model.forward(x!), label: label!, teacher: teacher!, outlier }),
  );
}

/** LeNet with two outputs and the head pose, 32 images of 36×60. */
function lenet() {
  const model = limbeck.lenet({ backend: gpu, outputs: 2, extras: 2, seed: 1 });
  const images = limbeck.normal([32, 1, 36, 60], gpu);
  const [extras, label] = [1, 2].map((seed) => limbeck.normal([32, 2], gpu, { seed }));
  return training(model.parameters, () =>
    limbeck.mse({ pred: model.forward(images, { extras: extras! }), label: label! }),
  );
}

function training(parameters: limbeck.Parameters, loss: () => limbeck.Tensor): () => void {
  const optimizer = limbeck.adam(parameters);
  return () => optimizer.step(limbeck.grad(loss(), Object.values(parameters)));
}

for (const [name, step] of Object.entries({ 'dual-head': dualHead(), lenet: lenet() })) {
  const profile = await limbeck.profile(step, gpu);
  console.log(`${name} on ${limbeck.profileTable(profile)}\n`);
  if (folder) writeFileSync(join(folder, `${name}.json`), limbeck.chromeTrace(profile));
}
gpu.close();
