/** Training steps in TensorFlow.js, by its own optimiser. */
import { initialNumbers, LEARNING_RATE, LENET_PLACES, trainingColumns } from '../works/networks.ts';
import { type Operand, permuted } from '../works/operands.ts';
import type { Job, TrainingWork } from '../works/work.ts';
import { HWIO, NHWC, type TensorFlow, type TfTensor } from './tfjs-core.ts';

export function trainingJob(tf: TensorFlow, work: TrainingWork): Job {
  const upload = ({ values, shape }: Operand) => tf.tensor(values, shape);
  const columns = Object.fromEntries(
    Object.entries(trainingColumns(work)).map(([name, column]) => [
      name,
      upload(column.shape.length === 4 ? permuted(column, NHWC) : column),
    ]),
  );
  const parameters = Object.fromEntries(
    Object.entries(initialNumbers(work)).map(([name, operand]) => {
      const initial = upload(inLayout(name, operand));
      const parameter = tf.variable(initial);
      initial.dispose();
      return [name, parameter];
    }),
  );
  const variables = Object.values(parameters);
  const forward = work.network === 'mlp' ? perceptron : lenet;
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  const loss = () =>
    tf.mean(tf.square(tf.sub(forward(tf, { ...columns, ...parameters }, work), columns.label!)));
  let last: TfTensor | undefined;
  const runOnce = () => {
    last?.dispose();
    last = optimizer.minimize(loss, true, variables);
  };
  return {
    run: work.readsEach
      ? async () => {
          runOnce();
          await last!.data();
        }
      : runOnce,
    wait: async () => void (await last!.data()),
    result: () => last!.data(),
    close() {
      optimizer.dispose();
      for (const held of [last, ...Object.values(columns), ...variables]) held?.dispose();
    },
  };
}

/** Filters as HWIO, and the rows of the first linear layer in the order in which NHWC images are flattened. */
function inLayout(name: string, { values, shape }: Operand): Operand {
  if (shape.length === 4) return permuted({ values, shape }, HWIO);
  if (name !== 'trunk.linear.weight') return { values, shape };
  const [height, width] = LENET_PLACES;
  const image = { values, shape: [shape[0]! / (height * width), height, width, shape[1]!] };
  return { values: permuted(image, [1, 2, 0, 3]).values, shape };
}

type Tensors = Readonly<Record<string, TfTensor>>;

function perceptron(tf: TensorFlow, tensors: Tensors, { widths }: TrainingWork): TfTensor {
  let y = tensors.x!;
  for (const i of widths.keys()) y = tf.relu(layer(tf, tensors, `trunk.${i}`, y));
  return layer(tf, tensors, 'label.0', y);
}

function lenet(tf: TensorFlow, tensors: Tensors, { batch }: TrainingWork): TfTensor {
  let y = tensors.x!;
  for (const name of ['trunk.conv1', 'trunk.conv2']) {
    const convolved = tf.conv2d(y, tensors[`${name}.weight`]!, 1, 'valid');
    y = tf.maxPool(tf.add(convolved, tensors[`${name}.bias`]!), 2, 2, 'valid');
  }
  const features = tf.relu(layer(tf, tensors, 'trunk.linear', tf.reshape(y, [batch, -1])));
  return layer(tf, tensors, 'label.0', tf.concat([features, tensors.pose!], 1));
}

function layer(tf: TensorFlow, tensors: Tensors, name: string, x: TfTensor): TfTensor {
  return tf.add(tf.matMul(x, tensors[`${name}.weight`]!), tensors[`${name}.bias`]!);
}
