/**
 * `bench conv`: convolutions and both their gradients. Numbers are compared as NCHW and OIHW, our layouts; a peer
 * computes in the layout that it is fastest in, and is not charged for the change.
 */
import type { Entry } from '../contest.ts';
import { CONVOLUTIONS, type ConvShape, convFlops, convText, PASSES } from './convolutions.ts';
import { gradientShapeOf, inputShapeOf, weightShapeOf } from './operands.ts';
import type { ConvPass } from './work.ts';

export function convEntries({ quick }: { quick: boolean }): Entry[] {
  return CONVOLUTIONS[quick ? 'quick' : 'full'].flatMap(entriesOf);
}

function entriesOf(shape: ConvShape): Entry[] {
  const shapes = [inputShapeOf(shape), weightShapeOf(shape), gradientShapeOf(shape)];
  const numbers = shapes.map((one) => one.reduce((product, length) => product * length, 1));
  return (Object.keys(PASSES) as ConvPass[]).map((pass) => ({
    name: PASSES[pass],
    shape: convText(shape),
    work: { kind: 'conv', pass, ...shape },
    flops: convFlops(shape),
    bytes: 4 * numbers.reduce((sum, count) => sum + count, 0),
    goals: { webgpu: 2 },
  }));
}
