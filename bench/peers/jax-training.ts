/** Training steps in jax-js: the whole step, Adam included, is one function compiled by its `jit`. */
import { initialNumbers, LEARNING_RATE, trainingColumns } from '../works/networks.ts';
import type { Operand } from '../works/operands.ts';
import type { Job, TrainingWork } from '../works/work.ts';
import type { Jax, JaxArray } from './jax-core.ts';

type Arrays = Readonly<Record<string, JaxArray>>;

/** What a step hands on to the next; `powers` are β₁ and β₂ to the number of steps. */
type State = { parameters: Arrays; first: Arrays; second: Arrays; powers: readonly [JaxArray, JaxArray] };

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPS = 1e-8;

export function trainingJob(jax: Jax, work: TrainingWork): Job {
  const { numpy, tree } = jax;
  const upload = ({ values, shape }: Operand) => numpy.array(values).reshape(shape);
  const columns = mapped(trainingColumns(work), upload);
  const initial = initialNumbers(work);
  const nothing = () => mapped(initial, ({ shape }) => numpy.zeros(shape));
  const powers = [numpy.array(1), numpy.array(1)] as const;
  let state: State = {
    parameters: mapped(initial, upload),
    first: nothing(),
    second: nothing(),
    powers,
  };
  const step = jax.jit((before: State, batch: Arrays) => stepOf(jax, work, before, batch));
  let last: JaxArray | undefined;
  const runOnce = () => {
    last?.dispose();
    [last, state] = step(state, tree.ref(columns));
    // Arrays are lazy: a step that nobody asks for would wait for the last one.
    last.ref.gpuBufferSync();
  };
  return {
    run: work.readsEach
      ? async () => {
          runOnce();
          await last!.ref.data();
        }
      : runOnce,
    // The loss is ready before the parameters are.
    wait: async () => {
      for (const array of Object.values(state.parameters)) await array.blockUntilReady();
      await last!.blockUntilReady();
    },
    result: () => last!.ref.data(),
    close() {
      tree.dispose(state);
      tree.dispose(columns);
      last?.dispose();
    },
  };
}

function stepOf(jax: Jax, work: TrainingWork, before: State, batch: Arrays): [JaxArray, State] {
  const { numpy, tree, valueAndGrad } = jax;
  const forward = work.network === 'mlp' ? perceptron : lenet;
  const lossOf = (parameters: Arrays, { label, ...inputs }: Arrays) => {
    const difference = forward(jax, { ...inputs, ...parameters }, work).sub(label!);
    return numpy.mean(difference.ref.mul(difference));
  };
  const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(before.parameters), batch);
  const first = mapped(before.first, (m, name) => m.mul(BETA1).add(gradients[name]!.ref.mul(1 - BETA1)));
  const second = mapped(before.second, (v, name) => {
    const g = gradients[name]!;
    return v.mul(BETA2).add(g.ref.mul(g).mul(1 - BETA2));
  });
  const power1 = before.powers[0].mul(BETA1);
  const power2 = before.powers[1].mul(BETA2);
  const correction1 = numpy.subtract(1, power1.ref);
  const correction2 = numpy.subtract(1, power2.ref);
  const parameters = mapped(before.parameters, (p, name) => {
    const root = numpy.sqrt(second[name]!.ref.div(correction2.ref)).add(EPS);
    return p.sub(first[name]!.ref.div(correction1.ref).mul(LEARNING_RATE).div(root));
  });
  correction1.dispose();
  correction2.dispose();
  return [loss, { parameters, first, second, powers: [power1, power2] }];
}

function perceptron({ numpy, nn }: Jax, arrays: Arrays, { widths }: TrainingWork): JaxArray {
  const layer = (name: string, x: JaxArray) =>
    numpy.matmul(x, arrays[`${name}.weight`]!).add(arrays[`${name}.bias`]!);
  let y = arrays.x!;
  for (const i of widths.keys()) y = nn.relu(layer(`trunk.${i}`, y));
  return layer('label.0', y);
}

function lenet({ numpy, nn, lax }: Jax, arrays: Arrays, { batch }: TrainingWork): JaxArray {
  const layer = (name: string, x: JaxArray) =>
    numpy.matmul(x, arrays[`${name}.weight`]!).add(arrays[`${name}.bias`]!);
  let y = arrays.x!;
  let [height, width] = [36, 60];
  for (const name of ['trunk.conv1', 'trunk.conv2']) {
    const convolved = lax.convGeneralDilated(y, arrays[`${name}.weight`]!, [1, 1], 'VALID');
    [height, width] = [(height! - 4) / 2, (width! - 4) / 2];
    const sum = convolved.add(arrays[`${name}.bias`]!.reshape([-1, 1, 1]));
    // Its own pooling is a maximum over axes as well.
    y = numpy.max(sum.reshape([batch, -1, height, 2, width, 2]), [3, 5]);
  }
  const features = nn.relu(layer('trunk.linear', y.reshape([batch, -1])));
  return layer('label.0', numpy.concatenate([features, arrays.pose!], 1));
}

function mapped<T>(
  record: Readonly<Record<string, T>>,
  f: (value: T, name: string) => JaxArray,
): Record<string, JaxArray> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));
}
