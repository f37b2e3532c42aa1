/** `npm run data -- check eyes|heads`: how much better LeNet is than a linear model, on persons that neither has seen. */
import { renderedEyes } from '../../datasets/images/rendered-eyes.ts';
import { renderedHeads } from '../../datasets/images/rendered-heads.ts';
import { openGpu } from '../../engine/gpu/gpu.ts';
import { UserError } from '../../base/errors.ts';
import { createProgressLine, type TextStream } from '../../cli/progress-line.ts';
import {
  checkLinear,
  checkMean,
  checkNetwork,
  type LinearResult,
  type Parts,
  type Pictures,
} from './check.ts';
import { randomOf } from './make.ts';
import { integerOf, type MadeOptions, sizeOf, wantOnly } from './made-options.ts';

/** A linear model should be so many times worse, or the pictures are too simple to need a network. */
const WANTED_RATIO = 3;

export interface CheckCommandOptions {
  readonly values: MadeOptions;
  readonly signal: AbortSignal;
  readonly out: TextStream;
  readonly progress: TextStream;
}

interface Setting {
  /** Takes a minute. */
  render(): Parts;
  steps: number;
}

/** Whether LeNet is as much better as it should be. */
export async function check(
  positionals: readonly string[],
  { values, signal, out, progress }: CheckCommandOptions,
): Promise<boolean> {
  const [kind, ...rest] = positionals;
  if ((kind !== 'eyes' && kind !== 'heads') || rest.length > 0)
    throw new UserError(`check wants eyes or heads, got '${positionals.join(' ')}'`);
  const names = [
    'seed',
    'size',
    'persons',
    ...(kind === 'eyes' ? (['patches'] as const) : []),
    'steps',
  ] as const;
  wantOnly(values, names, `check ${kind}`);
  const seed = integerOf(values, 'seed', { missing: 0, least: 0 });
  const { render, steps } = kind === 'eyes' ? eyeSetting(values, seed) : headSetting(values, seed);
  const line = createProgressLine(progress);
  const say = (text: string) => {
    line.close();
    out.write(`${text}\n`);
  };
  const backend = await openGpu();
  try {
    line.update(0, () => `rendering ${kind}`);
    const parts = render();
    const { train, test } = parts;
    say(
      `${kind}: ${train.rows} pictures of ${train.width}×${train.height} to learn, ${test.rows} of other persons; ${backend.name}`,
    );
    say(`always the mean          ${checkMean(parts).toFixed(2)}°`);
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
    const error = await checkNetwork(parts, backend, {
      steps,
      batchSize: 32,
      learningRate: 1.5e-3,
      seed,
      signal,
      onReading: (step, loss) =>
        line.update(step / steps, () => `step ${step} of ${steps}, loss ${loss.toFixed(4)}`),
    });
    signal.throwIfAborted();
    say(`LeNet, ${steps} steps of 32   ${error.toFixed(2)}°, ${seconds()}`);
    line.update(1, () => 'solving for the linear model');
    const linear = checkLinear(withoutExtras(parts));
    const ratio = linear.testError / error;
    const isEnough = ratio >= WANTED_RATIO;
    say(`linear on pixels         ${linearText(linear)}: ${ratio.toFixed(2)} times LeNet's`);
    if (train.extra) {
      const both = checkLinear(parts);
      say(`… and on the head pose   ${linearText(both)}: ${(both.testError / error).toFixed(2)} times`);
    }
    if (!isEnough) say(`a linear model on pixels should be ${WANTED_RATIO} times worse`);
    return isEnough;
  } finally {
    line.close();
    backend.close();
  }
}

function withoutExtras(parts: Parts): Parts {
  const pixels = (pictures: Pictures): Pictures => ({ ...pictures, extra: undefined });
  const { train, validation, test } = parts;
  return { train: pixels(train), validation: pixels(validation), test: pixels(test) };
}

function linearText({ testError, validationError, penalty }: LinearResult): string {
  return `${testError.toFixed(2)}° (penalty ${penalty}, ${validationError.toFixed(2)}° where it was chosen)`;
}

/** Validation and test persons have numbers that training persons never reach. */
const [VALIDATION_FROM, TEST_FROM] = [10_000, 20_000];

function personsOf(values: MadeOptions, missing: number): number {
  const persons = integerOf(values, 'persons', { missing });
  if (persons > VALIDATION_FROM)
    throw new UserError(
      `--persons wants at most ${VALIDATION_FROM}, got ${persons}; the next ones are for validation and test`,
    );
  return persons;
}

function eyeSetting(values: MadeOptions, seed: number): Setting {
  const persons = personsOf(values, 10_000);
  const patches = integerOf(values, 'patches', { missing: 10 });
  const { height, width } = sizeOf(values, '40x24');
  const part = (firstPerson: number, count: number, patchesPerPerson: number): Pictures => {
    const eyes = renderedEyes(randomOf(seed), {
      firstPerson,
      persons: count,
      patchesPerPerson,
      height,
      width,
    });
    return { ...eyes, label: eyes.trueGaze, extra: eyes.head };
  };
  const render = () => ({
    train: part(0, persons, patches),
    validation: part(VALIDATION_FROM, 500, 4),
    test: part(TEST_FROM, 500, 4),
  });
  return { render, steps: integerOf(values, 'steps', { missing: 22_000 }) };
}

function headSetting(values: MadeOptions, seed: number): Setting {
  const persons = personsOf(values, 200);
  const { height, width } = sizeOf(values, '36x27');
  const part = (firstSubject: number, subjects: number): Pictures => {
    const heads = renderedHeads(randomOf(seed), {
      firstSubject,
      subjects,
      shots: [0, 3, 6, 9, 12, 15],
      height,
      width,
    });
    return {
      ...heads,
      label: Float32Array.from({ length: 2 * heads.rows }, (_, i) => (i % 2 ? heads.yaw[(i - 1) / 2]! : 0)),
    };
  };
  const render = () => ({
    train: part(0, persons),
    validation: part(VALIDATION_FROM, 20),
    test: part(TEST_FROM, 20),
  });
  return { render, steps: integerOf(values, 'steps', { missing: 6000 }) };
}
