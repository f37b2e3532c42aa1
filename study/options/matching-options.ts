/** The options of `distill` about synthetic points, at which add-ons and methods without data match teacher and student. */

import { most, type Option } from './option.ts';

const weight = { kind: 'ramp', min: 0, group: 'training' } as const;
const count = { kind: 'integer', min: 1, max: most, group: 'training' } as const;
const size = { kind: 'number', min: 0, isAbove: true, group: 'training' } as const;

export const matchingOptions: readonly Option[] = [
  {
    name: 'perturbation',
    key: 'perturbation',
    kind: 'choice',
    choices: ['gaussian', 'mixup'],
    group: 'training',
    help: 'how +pm makes its points: noise on inputs, or mixes of two rows',
  },
  {
    name: 'sigma',
    key: 'sigma',
    kind: 'ramp',
    min: 0,
    group: 'training',
    help: 'deviation of that noise, in deviations of the inputs; 1:0.1 goes evenly from 1 to 0.1, as weights may',
  },
  {
    name: 'slopes',
    key: 'slopes',
    kind: 'choice',
    choices: ['exact', 'directions'],
    group: 'training',
    help: 'how +gm compares gradients: exactly, or along random directions',
  },
  {
    name: 'abm',
    key: 'abm',
    kind: 'choice',
    choices: ['ascent', 'generator'],
    group: 'training',
    help: 'how +abm finds its points: steps uphill from the batch, or a network trained beside the student',
  },
  { name: 'ascent-steps', key: 'ascentSteps', ...count, help: 'steps uphill of +abm' },
  { name: 'ascent-size', key: 'ascentSize', ...size, help: 'their length, in deviations of the inputs' },
  { name: 'pm-weight', key: 'pmWeight', ...weight, help: 'weight of +pm, predictions at perturbed points' },
  {
    name: 'abm-weight',
    key: 'abmWeight',
    ...weight,
    help: 'weight of +abm, predictions where networks differ',
  },
  { name: 'gm-weight', key: 'gmWeight', ...weight, help: 'weight of +gm, input gradients' },
  {
    name: 'sought',
    key: 'sought',
    ...weight,
    max: 1,
    help: 'weight of the points of direct, generator, impressions; the rest of 1 is that of normal points',
  },
  { name: 'direct-steps', key: 'directSteps', ...count, help: 'steps uphill of direct' },
  { name: 'direct-size', key: 'directSize', ...size, help: 'their length, in deviations of the inputs' },
  {
    name: 'generator-every',
    key: 'generatorEvery',
    ...count,
    help: "a student's steps for each of a generator's, of the method or of +abm",
  },
  {
    name: 'impression-steps',
    key: 'impressionSteps',
    ...count,
    help: "steps of impressions' network, before the student",
  },
];
