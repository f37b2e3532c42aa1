/** The convolutions that are measured, by themselves and beside the peers. */
import type { ConvPass, ConvWork } from './work.ts';

export type ConvShape = Omit<ConvWork, 'kind' | 'pass'>;

/** Both layers of a LeNet for eyes of 36 × 60, and a layer as residual networks have them. */
export const CONVOLUTIONS: Readonly<Record<'full' | 'quick', readonly ConvShape[]>> = {
  full: [
    { batch: 32, channels: 1, height: 36, width: 60, outputs: 20, kernel: 5 },
    { batch: 32, channels: 20, height: 14, width: 26, outputs: 50, kernel: 5 },
    { batch: 16, channels: 64, height: 32, width: 32, outputs: 64, kernel: 3 },
  ],
  quick: [{ batch: 2, channels: 3, height: 7, width: 9, outputs: 4, kernel: 3 }],
};

export const PASSES: Readonly<Record<ConvPass, string>> = {
  forward: 'conv2d',
  inputGradient: 'conv2d, gradient by input',
  weightGradient: 'conv2d, gradient by weight',
};

/** Every pass multiplies and adds once for each output, input channel and place of the kernel. */
export function convFlops({ batch, channels, height, width, outputs, kernel }: ConvShape): number {
  const places = batch * outputs * (height - kernel + 1) * (width - kernel + 1);
  return 2 * places * channels * kernel ** 2;
}

export function convText({ batch, channels, height, width, outputs, kernel }: ConvShape): string {
  return `${batch}×${channels}×${height}×${width} → ${outputs}, ${kernel}×${kernel}`;
}
