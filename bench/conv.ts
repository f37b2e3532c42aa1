/**
 * `bench conv`: convolutions and both their gradients. Numbers are compared as NCHW and OIHW, our layouts; a peer
 * computes in the layout that it is fastest in, and is not charged for the change.
 */
import { contest, type Entry } from './contest.ts';
import type { Suite } from './suite.ts';
import type { ConvPass, ConvWork } from './work.ts';

type ConvShape = Omit<ConvWork, 'kind' | 'pass'>;

/** Both layers of a LeNet for eyes of 36 × 60, and a layer as residual networks have them. */
const SHAPES: readonly ConvShape[] = [
  { batch: 32, channels: 1, height: 36, width: 60, outputs: 20, kernel: 5 },
  { batch: 32, channels: 20, height: 14, width: 26, outputs: 50, kernel: 5 },
  { batch: 16, channels: 64, height: 32, width: 32, outputs: 64, kernel: 3 },
];

const QUICK_SHAPES: readonly ConvShape[] = [
  { batch: 2, channels: 3, height: 7, width: 9, outputs: 4, kernel: 3 },
];

const PASSES: Readonly<Record<ConvPass, string>> = {
  forward: 'conv2d',
  inputGradient: 'conv2d, gradient by input',
  weightGradient: 'conv2d, gradient by weight',
};

export const conv: Suite = ({ quick, ...options }) => {
  const entries = (quick ? QUICK_SHAPES : SHAPES).flatMap(entriesOf);
  return contest(entries, quick ? { ...options, sampleMs: 1, rounds: 3, shaderCache: true } : options);
};

function entriesOf(shape: ConvShape): Entry[] {
  const { batch, channels, height, width, outputs, kernel } = shape;
  // Every pass multiplies and adds once for each output, input channel and place of the kernel.
  const places = batch * outputs * (height - kernel + 1) * (width - kernel + 1);
  const flops = 2 * places * channels * kernel ** 2;
  return (Object.keys(PASSES) as ConvPass[]).map((pass) => ({
    name: PASSES[pass],
    shape: `${batch}×${channels}×${height}×${width} → ${outputs}, ${kernel}×${kernel}`,
    work: { kind: 'conv', pass, ...shape },
    flops,
  }));
}
