/** Which pictures of a study are shown to people, and what every network says of them. */
import { angularErrors } from '../tasks/gaze.ts';
import { predict } from './data/evaluate.ts';
import type { StudyNetworks } from '../models/network.ts';
import type { PreparedData, SeedData } from './data/prepared-data.ts';
import type { ImageFindings, ShownImage } from './results.ts';

const [MOST_REJECTED, MOST_ACCEPTED, MOST_TESTED] = [24, 12, 24];

/** Of one seed, once its teacher has said which labels are rejected; without one none are. */
export class ShownImages {
  readonly #data: SeedData;
  readonly #outputs: number;
  /** Training rows: rejected ones, those farthest from the teacher first, then accepted ones. */
  readonly trainRows: Uint32Array;
  readonly #testRows: readonly number[];
  /** Nothing without a teacher. */
  readonly #residuals: Float64Array | undefined;
  readonly #isRejected: readonly boolean[];
  /** By method, angles of all that are shown. */
  readonly #predicted = new Map<string, number[][]>();

  /** @param teacher Standardised predictions for the training rows, and `mask` 1 where a label is rejected; empty without. */
  constructor(data: SeedData, teacher: Float32Array, mask: Float32Array) {
    const { train, test } = data.dataset;
    this.#data = data;
    this.#outputs = train.outputs;
    const residuals =
      teacher.length > 0 ? angularErrors(train.y, data.coding.decode(teacher), train.outputs) : undefined;
    this.#residuals = residuals;
    this.#isRejected = Array.from({ length: train.rows }, (_, row) =>
      this.#rowOf(mask, row).some((bit) => bit === 1),
    );
    const rows = [...this.#isRejected.keys()];
    const rejected = rows
      .filter((row) => this.#isRejected[row])
      .sort((a, b) => residuals![b]! - residuals![a]!);
    const accepted = rows.filter((row) => !this.#isRejected[row]);
    this.trainRows = Uint32Array.from([
      ...rejected.slice(0, MOST_REJECTED),
      ...spread(accepted, MOST_ACCEPTED),
    ]);
    this.#testRows = spread([...Array(test.rows).keys()], MOST_TESTED);
  }

  /** What a network says: angles of the training rows that are shown, and of all test rows. */
  add(method: string, trainAngles: ArrayLike<number>, testAngles: ArrayLike<number>): void {
    this.#predicted.set(method, [
      ...Array.from(this.trainRows, (_, i) => this.#rowOf(trainAngles, i)),
      ...this.#testRows.map((row) => this.#rowOf(testAngles, row)),
    ]);
  }

  findings(): ImageFindings {
    const { dataset } = this.#data;
    const { height, width, people, trainPerson, testPerson, trainTruth } = dataset.pictures!;
    const shown = (part: ShownImage['part'], row: number, i: number): ShownImage => {
      const samples = dataset[part];
      const isTrain = part === 'train';
      const label = this.#rowOf(samples.y, row);
      const predicted = Object.fromEntries([...this.#predicted].map(([method, rows]) => [method, rows[i]!]));
      return {
        part,
        person: people[(isTrain ? trainPerson : testPerson)[row]!]!,
        pixels: (samples.x as Uint8Array).slice(row * samples.inputs, (row + 1) * samples.inputs),
        truth: isTrain ? (trainTruth ? this.#rowOf(trainTruth, row) : null) : label,
        label,
        isRejected: isTrain && this.#isRejected[row]!,
        residual: isTrain
          ? (this.#residuals?.[row] ?? null)
          : predicted.teacher
            ? angularErrors(label, predicted.teacher, this.#outputs)[0]!
            : null,
        predicted,
      };
    };
    const train = Array.from(this.trainRows, (row, i) => shown('train', row, i));
    const tested = this.#testRows.map((row, i) => shown('test', row, this.trainRows.length + i));
    return {
      height,
      width,
      people,
      test: { person: [...testPerson], truth: [...dataset.test.y] },
      shown: [...train, ...tested],
    };
  }

  #rowOf(values: ArrayLike<number>, row: number): number[] {
    return Array.from({ length: this.#outputs }, (_, k) => values[row * this.#outputs + k]!);
  }
}

/** At most so many, evenly from the first to the last. */
function spread(rows: readonly number[], most: number): number[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);
}

/** What the networks of one seed of images say of those that are shown; `tests` of the test rows. */
export async function addPredictions(
  shown: ShownImages,
  { method, forward }: Pick<StudyNetworks, 'forward'> & { method: string },
  data: PreparedData,
  tests: ArrayLike<number>,
): Promise<void> {
  const inputs = data.rowInputs([shown.trainRows]);
  const [train] = await predict(forward, inputs, data.codings);
  inputs.dispose();
  shown.add(method, train!, tests);
}
