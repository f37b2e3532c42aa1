/** WebNN's layouts, and the engine's: NCHW. */
import { type Tensor, transpose } from '../index.ts';
import type { Arguments } from './arguments.ts';

/** Axes named by letters, in another order: 'nhwc' to 'nchw'. */
export function relaid(x: Tensor, from: string, to: string): Tensor {
  if (from === to) return x;
  return transpose(
    x,
    to.split('').map((letter) => from.indexOf(letter)),
  );
}

/** `f` of the argument `input` in the engine's layout; its result in the operator's. */
export function inChannelsFirst(args: Arguments, layoutName: string, f: (x: Tensor) => Tensor): Tensor {
  const layout = args.get(layoutName, 'nchw');
  return relaid(f(relaid(args.tensor('input'), layout, 'nchw')), 'nchw', layout);
}
