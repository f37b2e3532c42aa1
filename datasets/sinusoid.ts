/** A noisy sinusoid with outliers among its labels: the toy problem of teacher outlier rejection. */
import { checkNumber, checkOptions } from '../base/borders.ts';
import { checkRandom, type Dataset, type RandomSource, type Samples } from './dataset.ts';

export interface SinusoidOptions {
  /** f(x) = sin(2π·frequency·x) on [-1, 1]. */
  frequency?: number;
  trainRows?: number;
  testRows?: number;
  /** Standard deviation of the Gaussian noise on every training label. */
  gaussianNoise?: number;
  /** Probability that a training label is contaminated. */
  outlierShare?: number;
  /** A contaminated label is off by U[-outlierSize, outlierSize]. */
  outlierSize?: number;
}

const OPTIONS = 'frequency trainRows testRows gaussianNoise outlierShare outlierSize';

/**
 * x ~ U[-1, 1], y = f(x) + N(0, gaussianNoise), and with probability `outlierShare` plus U[-outlierSize, outlierSize].
 * Test labels are clean. Whether and how far a label is off depends on no other option, so noise levels can be compared
 * on the same points.
 *
 * @throws on an option out of range.
 */
export async function sinusoid(
  random: RandomSource,
  options: SinusoidOptions = {},
): Promise<Dataset & { outlier: Uint8Array }> {
  checkRandom('sinusoid', random, 'uniform', 'normal');
  checkOptions('sinusoid', options, OPTIONS);
  const {
    frequency = 1,
    trainRows = 1000,
    testRows = 1000,
    gaussianNoise = 0.1,
    outlierShare = 0.2,
    outlierSize = 3,
  } = options;
  checkNumber('sinusoid', 'frequency', frequency);
  checkNumber('sinusoid', 'trainRows', trainRows, { from: 0, isWhole: true });
  checkNumber('sinusoid', 'testRows', testRows, { from: 0, isWhole: true });
  checkNumber('sinusoid', 'gaussianNoise', gaussianNoise, { from: 0 });
  checkNumber('sinusoid', 'outlierShare', outlierShare, { from: 0, to: 1 });
  checkNumber('sinusoid', 'outlierSize', outlierSize, { from: 0 });
  const clean = (x: number) => Math.sin(2 * Math.PI * frequency * x);
  const x = random.uniform(trainRows, 0).map((u) => 2 * u - 1);
  const [chance, size] = [random.uniform(trainRows, 1), random.uniform(trainRows, 2)];
  const gaussian = await random.normal(trainRows, 3);
  const outlier = Uint8Array.from(chance, (u) => (u < outlierShare ? 1 : 0));
  const y = x.map((value, i) => {
    const contamination = outlier[i] ? outlierSize * (2 * size[i]! - 1) : 0;
    return clean(value) + gaussianNoise * gaussian[i]! + contamination;
  });
  const testX = random.uniform(testRows, 4).map((u) => 2 * u - 1);
  const samples = (xs: Float32Array, ys: Float32Array): Samples => ({
    rows: xs.length,
    inputs: 1,
    outputs: 1,
    x: xs,
    y: ys,
  });
  return { name: 'sinusoid', train: samples(x, y), test: samples(testX, testX.map(clean)), outlier };
}
