/** The command `bench`: a suite in, a table of times and ratios out. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installLocked } from '../scripts/setup/packages.mjs';
import { setup } from '../scripts/setup.mjs';
import { exitCodeOf, lineOf, UserError } from '../train/errors.ts';
import type { TextStream } from '../train/progress-line.ts';
import { suggestion } from '../train/suggest.ts';
import { conv } from './conv.ts';
import { reportText } from './report.ts';
import { save } from './save.ts';
import type { Suite } from './suite.ts';

const SUITES: Readonly<Record<string, Suite>> = { conv };

const PEERS = ['tfjs', 'jax-js'].map((name) => new URL(`peers/${name}.ts`, import.meta.url));
const PEERS_FOLDER = fileURLToPath(new URL('peers', import.meta.url));

const HELP = `bench: how fast the kernels are, beside those of other libraries on the same adapter

  npm run bench -- SUITE [options]    suites: ${Object.keys(SUITES).join(', ')}

  --json       JSON as the last line of stdout, the table on stderr
  --no-peers   this library alone; otherwise its peers are installed in bench/peers when first needed
  --quick      small shapes and short samples: whether it runs, not how fast
  --save       append the table to bench/RESULTS.md
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
  if (options.peers) installLocked(PEERS_FOLDER);
  const report = await SUITES[options.suite]!({
    quick: options.quick,
    peers: options.peers ? PEERS : [],
    note: (line) => stderr.write(`${line}\n`),
  });
  // With --json, stdout is for the machine alone.
  const people = options.json ? stderr : stdout;
  people.write(`\n${reportText(report)}\n`);
  if (options.save) people.write(`appended to ${save(options.suite, report)}\n`);
  if (options.json) stdout.write(`${JSON.stringify(report)}\n`);
}

function parse(argv: readonly string[]): Options {
  const { positionals, values } = parsed(argv);
  const [suite = '', ...rest] = positionals;
  const known = Object.keys(SUITES);
  if (!values.help && !Object.hasOwn(SUITES, suite)) {
    const wrong = suite === '' ? 'no suite named' : `unknown suite '${suite}'`;
    throw new UserError(`${wrong}${suggestion(suite, known) || `; suites: ${known.join(', ')}`}`);
  }
  if (rest.length > 0) throw new UserError(`one suite at a time, got also '${rest.join(' ')}'`);
  if (values.quick && values.save) throw new UserError('--quick measures nothing that is worth --save');
  return { suite, ...values, peers: !values['no-peers'] };
}

function parsed(argv: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = { json: flag, quick: flag, save: flag, help: flag, 'no-peers': flag };
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (cause) {
    // Node goes on about what to do with words that begin with a dash.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new UserError(`${message}; --help lists the options`, { cause });
  }
}
