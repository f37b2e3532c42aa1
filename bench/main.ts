/** The command `bench`: a suite in, a table of times and ratios out. */
import { fileURLToPath } from 'node:url';
import { installLocked } from '../scripts/setup/packages.mjs';
import { setup } from '../scripts/setup.mjs';
import { exitCodeOf, lineOf, UserError } from '../base/errors.ts';
import type { TextStream } from '../cli/progress-line.ts';
import { readArguments } from '../cli/read-arguments.ts';
import { suggestion } from '../base/suggest.ts';
import { save, savePage } from './report/save.ts';
import { reportText } from './report/report.ts';
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
}

/** Resolves to 0; to 1 if something cannot be measured, and to 2 for a wrong command line. */
export async function main(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<number> {
  const around = { stdout: process.stdout, stderr: process.stderr, ...given };
  try {
    await bench(parse(argv), around);
    return 0;
  } catch (error) {
    around.stderr.write(`bench: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

async function bench(options: Options, { stdout, stderr }: Surroundings): Promise<void> {
  if (options.help) {
    stdout.write(HELP);
    return;
  }
  setup();
  const suites = options.suite === 'all' ? ALL : [options.suite as SuiteName];
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
}

function parse(argv: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { positionals, values } = readArguments(argv, {
    ...{ json: flag, quick: flag, save: flag, help: flag, 'no-peers': flag },
    html: text,
  });
  const [suite = '', ...rest] = positionals;
  if (!values.help && !NAMES.includes(suite)) {
    const wrong = suite === '' ? 'no suite named' : `unknown suite '${suite}'`;
    throw new UserError(`${wrong}${suggestion(suite, NAMES) || `; suites: ${NAMES.join(', ')}`}`);
  }
  if (rest.length > 0) throw new UserError(`one suite at a time, got also '${rest.join(' ')}'`);
  if (values.quick && values.save) throw new UserError('--quick measures nothing that is worth --save');
  return { suite, ...values, peers: !values['no-peers'] };
}
