/** The command line of `parity`. */
import { UserError } from '../base/errors.ts';
import { readArguments } from '../cli/read-arguments.ts';
import { suggestion } from '../base/suggest.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';

const SETTINGS = settings.map(({ name }) => name);
const RUNS = Object.keys(runs);

export const HELP = `parity: the same training in several hosts and drivers, compared bit by bit

  npm run parity -- [options]

  --steps N        steps of the teacher and of the student (200); image networks do at most 10
  --settings LIST  ${SETTINGS.join(',')}
  --runs LIST      ${RUNS.join(',')}
  --math MODE      portable (default), or native: WGSL's own transcendental functions
  --no-ops         trainings only, without the sweep over every op
  --write          portable and native, and both into docs/parity.md
  --json           last line of stdout: the comparison as JSON
  --quiet          no progress

The exit code is 0 if what docs/determinism.md promises holds.
`;

const OPTIONS = {
  steps: { type: 'string' },
  settings: { type: 'string' },
  runs: { type: 'string' },
  math: { type: 'string' },
  'no-ops': { type: 'boolean' },
  write: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type Options = ReturnType<typeof parseOptions>;

/** @throws UserError that names the mistake */
export function parseOptions(argv: readonly string[]) {
  const { values, positionals } = readArguments(argv, OPTIONS);
  if (positionals.length > 0)
    throw new UserError(
      `unexpected argument '${positionals[0]}'; options begin with --, and follow a -- of npm's`,
    );
  const { math = 'portable', write = false, json = false, quiet = false, help = false } = values;
  if (math !== 'portable' && math !== 'native')
    throw new UserError(`--math: unknown value '${math}' (known: portable, native)`);
  const names = listOf('--settings', values.settings, SETTINGS);
  if (names.length < 2)
    throw new UserError(`--settings: '${names[0]}' alone has nothing to be compared with`);
  const ops = values['no-ops'] !== true;
  const wanted = listOf('--runs', values.runs, RUNS);
  const isPart = names.length < SETTINGS.length || wanted.length < RUNS.length || !ops;
  if (write && (isPart || values.math !== undefined))
    throw new UserError('--write wants all there is; leave out --settings, --runs, --math and --no-ops');
  return {
    steps: countOf(values.steps ?? '200'),
    settings: settings.filter(({ name }) => names.includes(name)),
    runs: wanted,
    math: math as 'portable' | 'native',
    ops,
    write,
    json,
    quiet,
    help,
  };
}

function listOf(option: string, text: string | undefined, known: readonly string[]): readonly string[] {
  if (text === undefined) return known;
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UserError(
      `${option}: unknown '${name}'${suggestion(name, known) || ` (known: ${known.join(', ')})`}`,
    );
  }
  return names;
}

function countOf(text: string): number {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1))
    throw new UserError(`--steps: wants a whole number of at least 1, got '${text}'`);
  return count;
}
