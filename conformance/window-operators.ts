/** WebNN's convolutions and pools: layouts, and sizes that are asked for instead of following from the rest. */
import * as lib from '../index.ts';
import type { Tensor } from '../index.ts';
import type { Arguments } from './arguments.ts';
import { inChannelsFirst, relaid } from './layouts.ts';

type Pair = [number, number];
/** [top, bottom, left, right], in WebNN as in the engine. */
type Padding = [number, number, number, number];

const windowOptions = (args: Arguments) => ({
  padding: args.get<Padding>('padding', [0, 0, 0, 0]),
  stride: args.get<Pair>('strides', [1, 1]),
  dilation: args.get<Pair>('dilations', [1, 1]),
});

export function conv2d(args: Arguments): Tensor {
  const weight = relaid(args.tensor('filter'), args.get('filterLayout', 'oihw'), 'oihw');
  const options = { ...windowOptions(args), groups: args.get('groups', 1) };
  return inChannelsFirst(args, 'inputLayout', (x) => lib.conv2d(x, weight, args.optional('bias'), options));
}

export function convTranspose2d(args: Arguments): Tensor {
  const weight = relaid(args.tensor('filter'), args.get('filterLayout', 'iohw'), 'iohw');
  const outputPadding = args.get<Pair>('outputPadding', [0, 0]);
  const outputSize = args.get<Pair | undefined>('outputSizes', undefined);
  const options = { ...windowOptions(args), groups: args.get('groups', 1) };
  return inChannelsFirst(args, 'inputLayout', (x) =>
    lib.convTranspose2d(x, weight, args.optional('bias'), {
      ...options,
      ...(outputSize ? { outputSize } : { outputPadding }),
    }),
  );
}

interface PoolOptions extends ReturnType<typeof windowOptions> {
  size: Pair;
  ceilMode: boolean;
}

/** A pool by the engine's function; without window dimensions the window is the whole image. */
export function pool(f: (x: Tensor, options: PoolOptions) => Tensor) {
  return (args: Arguments): Tensor =>
    inChannelsFirst(args, 'layout', (x) => {
      const image: Pair = [x.shape[2]!, x.shape[3]!];
      const options = { ...windowOptions(args), size: args.get('windowDimensions', image) };
      const rounding = args.get<string>('roundingType', 'floor');
      const wanted = args.get<Pair | undefined>('outputSizes', undefined);
      // Sizes that are asked for are those of one rounding or the other, and count for more than its name.
      const ceilMode = wanted ? !isFloor(wanted, image, options) : rounding === 'ceil';
      return f(x, { ...options, ceilMode });
    });
}

function isFloor(
  wanted: Pair,
  image: Pair,
  { size, stride, padding, dilation }: Omit<PoolOptions, 'ceilMode'>,
): boolean {
  return wanted.every((length, i) => {
    const room = image[i]! + padding[2 * i]! + padding[2 * i + 1]! - dilation[i]! * (size[i]! - 1) - 1;
    return length === Math.floor(room / stride[i]!) + 1;
  });
}
