/** The options of a whole run, and those that steer the command alone. */
import { choice, flag, integer, most, number, type Option, text } from '../base/option.ts';
import { smallKernelOptions } from '../train/small-kernel.ts';

/** Undefined where each seed has data of its own. */
export const dataSeed: Option<number | undefined> = integer({
  name: 'data-seed',
  group: 'data',
  min: 0,
  max: 2 ** 32 - 1,
  help: 'one seed for the data of all seeds of the study: samples, split, contaminated labels',
});

/** Whose data a seed has. */
export function dataSeedOf(config: { dataSeed?: number | undefined }, seed: number): number {
  return config.dataSeed ?? seed;
}

/** Kernels of another mathematics give other last bits. */
export const math = choice({
  name: 'math',
  group: 'run',
  choices: ['portable', 'native'],
  default: 'portable',
  help: "exp, sin, … by our own WGSL or the driver's",
  when: { words: 'a GPU', holds: ({ device }) => device !== 'cpu' },
});

export const runOptions = {
  seeds: integer({
    name: 'seeds',
    group: 'run',
    min: 1,
    max: 1_000_000,
    default: 5,
    help: 'number of seeds',
    form: { section: 'Training', hint: 'from 2 on there are intervals' },
  }),
  /** The first one. */
  seed: integer({
    name: 'seed',
    group: 'run',
    min: 0,
    max: 2 ** 32 - 1,
    default: 0,
    help: 'the first seed',
    form: { label: 'First seed' },
  }),
  dataSeed,
  /** Seeds that are trained side by side, as one model; the results are the same. */
  batchSeeds: integer({
    name: 'batch-seeds',
    group: 'run',
    min: 1,
    max: 65_535,
    default: 32,
    help: 'seeds trained side by side, with the same results; 1 trains one by one',
    form: { label: 'Seeds side by side' },
  }),
  /** 'auto', 'cpu', or part of an adapter's name. */
  device: text({
    name: 'device',
    elsewhere: ['adapter', 'backend'],
    group: 'run',
    default: 'auto',
    help: "auto, cpu, or part of an adapter's name",
  }),
  /** Transcendental functions on the GPU: our own, or the driver's. */
  math,
  ...smallKernelOptions,
};

/** Undefined to choose a name. */
const out: Option<string | undefined> = text({
  name: 'out',
  elsewhere: ['output', 'out-dir', 'resume', 'resume-from'],
  group: 'run',
  help: 'run folder (default: runs/ and a name with the time)',
});

export const saveEvery = number({
  name: 'save-every',
  elsewhere: ['checkpoint-every', 'save-interval'],
  group: 'run',
  min: 0,
  max: most,
  default: 30,
  help: 'seconds between states of a training, from which the same command with --out goes on after a stop or a kill; 0: every reading',
});

/** No part of a configuration. */
export const commandOptions = {
  out,
  overwrite: flag({
    name: 'overwrite',
    elsewhere: ['force'],
    group: 'run',
    help: 'replace the earlier run in the folder',
    when: { words: `the folder of --${out.name}`, holds: (_, given) => given.has(out.name) },
  }),
  saveEvery,
  json: flag({
    name: 'json',
    group: 'run',
    help: 'the last line of stdout is the summary; the rest goes to stderr',
  }),
  quiet: flag({ name: 'quiet', group: 'run', help: 'no progress' }),
  dryRun: flag({ name: 'dry-run', elsewhere: ['plan'], group: 'run', help: 'print the plan and stop' }),
  version: flag({ name: 'version', group: 'run', help: 'print the version' }),
  help: flag({ name: 'help', group: 'run', help: 'print this' }),
};
