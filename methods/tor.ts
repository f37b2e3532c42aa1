import { tor as torSqrt } from '../losses/tor.ts';
import { torDrop, torSmooth, torSquare } from '../losses/tor-variants.ts';
import type { Method } from './method.ts';

const losses = { sqrt: torSqrt, smooth: torSmooth, square: torSquare, drop: torDrop };

/** Teacher outlier rejection on a plain student. */
export const tor: Method = {
  name: 'tor',
  summary: 'teacher outlier rejection, one head',
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher, outlier }, { outlierBranch, eps, leadingAxes }) =>
    losses[outlierBranch]({ pred, label, teacher, outlier }, { eps }, { leadingAxes }),
};
