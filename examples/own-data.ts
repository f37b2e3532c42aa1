/** A kind of data of one's own: npm run distill -- --data examples/own-data.ts --pendulum-swing 2 */
import {
  type DataKindOf,
  noise,
  number,
  outlierSize,
  overrule,
  testRows,
  trainRows,
  type ValuesOf,
} from '../cli/from-code.ts';

const options = {
  pendulumSwing: number({
    name: 'pendulum-swing',
    group: 'data',
    min: 0,
    max: 3,
    default: 1,
    help: 'largest angle that the pendulum is let go at, radians',
  }),
  noise,
  outlierSize,
  trainRows,
  testRows,
};

/** Its period over that of small swings, by the arithmetic-geometric mean of 1 and cos(angle / 2). */
function period(angle: number): number {
  let [a, b] = [1, Math.cos(angle / 2)];
  for (let i = 0; i < 6; i++) [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
  return 1 / a;
}

/** Two inputs, length and angle, and the period in seconds, of which some were timed badly. */
export const pendulum: DataKindOf<'pendulum', ValuesOf<typeof options>> = {
  name: 'pendulum',
  words: 'examples/own-data.ts',
  isOfImages: false,
  tasks: ['regression'],
  options,
  defaults: [overrule(outlierSize, 1)],
  columns: { inputs: ['length', 'angle'], targets: ['period'] },
  dataset(given, { random }) {
    const part = (rows: number, call: number, share: number) => {
      const x = random
        .uniform(2 * rows, call)
        .map((u, i) => (i % 2 === 0 ? 0.1 + u : u * given.pendulumSwing));
      const [chance, size] = [random.uniform(rows, call + 1), random.uniform(rows, call + 2)];
      const y = Float32Array.from({ length: rows }, (_, i) => {
        const truth = 2 * Math.PI * Math.sqrt(x[2 * i]! / 9.81) * period(x[2 * i + 1]!);
        return chance[i]! < share ? truth + given.outlierSize * (2 * size[i]! - 1) : truth;
      });
      const outlier = Uint8Array.from(chance, (u) => Number(u < share));
      return { samples: { rows, inputs: 2, outputs: 1, x, y }, outlier };
    };
    const [train, test] = [part(given.trainRows, 0, given.noise), part(given.testRows, 3, 0)];
    return { name: 'pendulum', train: train.samples, test: test.samples, outlier: train.outlier };
  },
};
