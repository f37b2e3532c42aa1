/** The command `bench`: a suite in, a table of times and ratios out. */
import { fileURLToPath } from 'node:url';
import { installLocked } from '../scripts/setup/packages.mjs';
import { setup } from '../scripts/setup.mjs';
import { exitCodeOf, lineOf, UserError } from '../base/errors.ts';
import type { TextStream } from '../cli/progress-line.ts';
import { readArguments } from '../cli/read-arguments.ts';
import { suggestion } from '../base/suggest.ts';
import { moduleIn, runAgainst } from './against.ts';
import { againstText, isWorse } from './against-report.ts';
import { MIN_PAIRS } from './pairs.ts';
import { save, savePage } from './report/save.ts';
import { reportText, workOf } from './report/report.ts';
import { type PeerModule, runSuites, SUITES, type SuiteName } from './suite.ts';

/** What `all` stands for: `peers` has the convolutions as well. */
const ALL: readonly SuiteName[] = ['kernels', 'training', 'peers'];
const NAMES = [...Object.keys(SUITES), 'all'];

const peer = (name: string, kind: PeerModule['kind']): PeerModule => ({
  module: new URL(`peers/${name}.ts`, import.meta.url),
  variant: kind,
  kind,
});
const PEERS = [peer('tfjs', 'webgpu'), peer('tfjs', 'wasm'), peer('jax-js', 'webgpu')];
const PEERS_FOLDER = fileURLToPath(new URL('peers', import.meta.url));

/** Enough for an interval that a busy machine does not blow up, in a second or two a work. */
const PAIRS = 15;
const LIMIT = 1.05;

const HELP = `bench: how fast the kernels and training steps are, against the adapter's limits and beside other libraries

  npm run bench -- SUITE [options]

Suites
  kernels      kernels by themselves, fused losses against composed ones, portable mathematics against native
  training     steps of four networks: captured, eager, and with a composed loss; the cold start
  conv         convolutions and their gradients beside the peers
  peers        training steps, products and convolutions beside the peers
  all          kernels, training, peers

Options
  --json       JSON as the last line of stdout, the table on stderr
  --html FILE  where the page goes; runs/bench/ if left out
  --save       append the table to bench/RESULTS.md
  --no-peers   this library alone; otherwise its peers are installed in bench/peers when first needed
  --quick      small shapes and short samples: whether it runs, not how fast

Two checkouts
  --against CHECKOUT  the same works with the sources of another checkout, batch by batch in turns with these; the exit
                      code is 1 if a work is slower here, or fails. It must have its npm packages: a node_modules of
                      its own, or a link to this one's
  --pairs N           batches of each of the two, ${MIN_PAIRS} or more; ${PAIRS} if left out
  --limit RATIO       how many times as long is slower; ${LIMIT} if left out
  --only WORDS        works whose name contains these words
`;

/** What the command needs of the outside; tests put in their own. */
export interface Surroundings {
  stdout: TextStream;
  stderr: TextStream;
}

interface Options {
  suite: string;
  json: boolean;
  peers: boolean;
  quick: boolean;
  save: boolean;
  html?: string;
  help: boolean;
  /** Folder of another checkout, and what only that comparison has. */
  against?: string;
  pairs: number;
  limit: number;
  only: string;
}

/**
 * Resolves to 0; to 1 if something cannot be measured or, beside another checkout, is slower; and to 2 for a wrong
 * command line.
 */
export async function main(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<number> {
  const around = { stdout: process.stdout, stderr: process.stderr, ...given };
  try {
    const options = parse(argv);
    return await (options.against === undefined
      ? bench(options, around)
      : compare(options.against, options, around));
  } catch (error) {
    around.stderr.write(`bench: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

async function bench(options: Options, { stdout, stderr }: Surroundings): Promise<number> {
  if (options.help) {
    stdout.write(HELP);
    return 0;
  }
  setup();
  const suites = suitesOf(options);
  const peers = options.peers && suites.some((name) => SUITES[name].hasPeers) ? PEERS : [];
  if (peers.length > 0) installLocked(PEERS_FOLDER);
  const note = (line: string) => void stderr.write(`${line}\n`);
  const report = await runSuites(suites, { quick: options.quick, peers, note });
  // With --json, stdout is for the machine alone.
  const people = options.json ? stderr : stdout;
  people.write(`\n${reportText(report)}\n`);
  if (options.save) people.write(`appended to ${save(options.suite, report)}\n`);
  people.write(`page: ${savePage(options.suite, report, options.html)}\n`);
  if (options.json) stdout.write(`${JSON.stringify(report)}\n`);
  return 0;
}

async function compare(folder: string, options: Options, { stdout, stderr }: Surroundings): Promise<number> {
  // A wrong folder is reported before anything is installed.
  moduleIn(folder);
  const { quick, pairs, limit, only } = options;
  const all = suitesOf(options).flatMap((name) => SUITES[name].entries({ quick }));
  const entries = all.filter((entry) => workOf(entry).includes(only));
  if (entries.length === 0) throw new UserError(`--only ${only}: no work of '${options.suite}' is called so`);
  setup();
  const note = (line: string) => void stderr.write(`${line}\n`);
  const report = await runAgainst(entries, { folder, pairs, limit, sampleMs: quick ? 1 : 50, note });
  (options.json ? stderr : stdout).write(`\n${againstText(report)}\n`);
  if (options.json) stdout.write(`${JSON.stringify(report)}\n`);
  return isWorse(report) ? 1 : 0;
}

function suitesOf({ suite }: Options): readonly SuiteName[] {
  return suite === 'all' ? ALL : [suite as SuiteName];
}

function parse(argv: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { positionals, values } = readArguments(argv, {
    ...{ json: flag, quick: flag, save: flag, help: flag, 'no-peers': flag },
    ...{ html: text, against: text, pairs: text, limit: text, only: text },
  });
  const [suite = '', ...rest] = positionals;
  if (!values.help && !NAMES.includes(suite)) {
    const wrong = suite === '' ? 'no suite named' : `unknown suite '${suite}'`;
    throw new UserError(`${wrong}${suggestion(suite, NAMES) || `; suites: ${NAMES.join(', ')}`}`);
  }
  if (rest.length > 0) throw new UserError(`one suite at a time, got also '${rest.join(' ')}'`);
  if (values.quick && values.save) throw new UserError('--quick measures nothing that is worth --save');
  const alone = ['save', 'html'] as const;
  const paired = ['pairs', 'limit', 'only'] as const;
  const isAgainst = values.against !== undefined;
  const misplaced = (isAgainst ? alone : paired).find((name) => values[name]);
  if (misplaced)
    throw new UserError(`--${misplaced} goes ${isAgainst ? 'not together ' : 'only '}with --against`);
  const pairs = Number(values.pairs ?? PAIRS);
  if (!Number.isInteger(pairs) || pairs < MIN_PAIRS)
    throw new UserError(`--pairs: wants a whole number of ${MIN_PAIRS} or more, got '${values.pairs}'`);
  const limit = Number(values.limit ?? LIMIT);
  if (!(limit >= 1 && limit < Infinity))
    throw new UserError(`--limit: wants a ratio of 1 or more, such as ${LIMIT}, got '${values.limit}'`);
  return { suite, ...values, peers: !values['no-peers'], pairs, limit, only: values.only ?? '' };
}
