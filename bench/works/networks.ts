/** The networks whose training is measured: their data, their shapes and first numbers, the same for all competitors. */
import { operand, type Operand } from './operands.ts';
import type { TrainingWork } from './work.ts';

export const EYE = [1, 36, 60] as const;

/** Batches of a data set, where batches are drawn from one. */
const BATCHES = 8;

export const LEARNING_RATE = 1e-3;

/** Columns by name, a row a sample; 'x' is the input and 'label' what is wanted. */
export function trainingColumns(work: TrainingWork): Record<string, Operand> {
  const { network, batch, gathers } = work;
  const rows = gathers ? BATCHES * batch : batch;
  const isImage = network === 'lenet' || network === 'resnet';
  const x = operand([rows, ...(isImage ? EYE : [1])], 0);
  if (isImage) {
    // What is wanted follows from the head pose and noise, so that there is something to learn.
    const pose = operand([rows, 2], 1);
    const label = mapped(operand([rows, 2], 2), (value, i) => 0.1 * value + pose.values[i]!);
    return { x, pose, label };
  }
  const wave = mapped(x, (value) => Math.sin(6 * value));
  if (network === 'mlp') return { x, label: wave };
  const outlier = mapped(operand([rows, 1], 1), (value) => Number(value > 0.3));
  const label = mapped(wave, (value, i) => value + 3 * outlier.values[i]!);
  return { x, label, teacher: wave, outlier };
}

/** Shapes of the parameters by their names in this library, in their order: weights are (inputs, outputs) or OIHW. */
export function parameterShapes({ network, widths }: TrainingWork): Record<string, readonly number[]> {
  const layers =
    network === 'lenet'
      ? lenetLayers(widths[0]!)
      : [1, ...widths].map((inputs, i): Layer => {
          const isLast = i === widths.length;
          return [isLast ? 'label.0' : `trunk.${i}`, [inputs, isLast ? 1 : widths[i]!]];
        });
  return Object.fromEntries(
    layers.flatMap(([name, shape]) => [
      [`${name}.weight`, shape],
      [`${name}.bias`, [shape.length === 4 ? shape[0]! : shape.at(-1)!]],
    ]),
  );
}

type Layer = [name: string, shape: readonly number[]];

/** Without padding: 36×60, 32×56, 16×28, 12×24, 6×12. */
export const LENET_PLACES = [6, 12] as const;

function lenetLayers(width: number): Layer[] {
  const [first, second, features] = [20, 50, 500].map((count) => Math.max(1, Math.round(count * width)));
  return [
    ['trunk.conv1', [first!, 1, 5, 5]],
    ['trunk.conv2', [second!, first!, 5, 5]],
    ['trunk.linear', [second! * LENET_PLACES[0] * LENET_PLACES[1], features!]],
    ['label.0', [features! + 2, 2]],
  ];
}

/** Uniform, as large as the inputs of a number suggest; biases are 0. */
export function initialNumbers(work: TrainingWork): Record<string, Operand> {
  const entries = Object.entries(parameterShapes(work)).map(([name, shape], seed) => {
    const fan = shape.length === 4 ? shape[1]! * shape[2]! * shape[3]! : shape[0]!;
    const scale = shape.length === 1 ? 0 : 2 / Math.sqrt(fan);
    return [name, mapped(operand(shape, 10 + seed), (value) => scale * value)];
  });
  return Object.fromEntries(entries) as Record<string, Operand>;
}

function mapped({ values, shape }: Operand, f: (value: number, i: number) => number): Operand {
  return { values: values.map(f), shape };
}
