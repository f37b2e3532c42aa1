/** What can be set of `afd` and `afd-maps`. */
import { choice, number } from '../../base/option.ts';
import { probeSteps } from './examine.ts';
import { peerOptions } from './peers.ts';

export const afdOptions = {
  ...peerOptions,
  afdRate: number({
    name: 'afd-rate',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 2e-4,
    help: "learning rate of afd's adversarial updates, of networks and discriminators",
  }),
  afdDecay: number({
    name: 'afd-decay',
    group: 'training',
    min: 0,
    default: 0,
    help: "L2 weight decay of afd's adversarial updates",
  }),
  afdOutput: choice({
    name: 'afd-output',
    group: 'training',
    choices: ['sigmoid', 'linear'],
    default: 'sigmoid',
    help: "what the outputs of afd's discriminators go through",
  }),
  afdOrder: choice({
    name: 'afd-order',
    group: 'training',
    choices: ['same', 'fresh'],
    default: 'same',
    help: "where afd's adversarial gradients are taken: at the pass of the others, or at a fresh one after their update",
  }),
  probeSteps,
};
