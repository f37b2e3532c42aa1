/** The command line of `conformance`. */
import { parseArgs } from 'node:util';
import { UserError } from '../base/errors.ts';
import { suggestion } from '../base/suggest.ts';

export const HELP = `conformance: WebNN's conformance tests through the engine, on the GPU

  npm run conformance -- --vectors DIR [options]

  --vectors DIR    folder of the cases, JSON files
  --host HOST      node (default) or chromium
  --adapter NAME   part of the adapter's name, in Node
  --only TEXT      only cases whose name, file or operators contain this
  --write          puts the results into docs/conformance.md; other hosts' stay
  --json           last line of stdout: the results as JSON
  --quiet          no progress
`;

const OPTIONS = {
  vectors: { type: 'string' },
  host: { type: 'string' },
  adapter: { type: 'string' },
  only: { type: 'string' },
  write: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type Options = ReturnType<typeof parseOptions>;

/** @throws UserError that names the mistake */
export function parseOptions(argv: readonly string[]) {
  const { vectors = '', host = 'node', adapter, only = '', ...flags } = read(argv);
  if (host !== 'node' && host !== 'chromium')
    throw new UserError(`--host: unknown value '${host}' (known: node, chromium)`);
  if (!vectors && !flags.help)
    throw new UserError('--vectors is missing: the folder of the WebNN cases, such as --vectors DIR');
  if (adapter !== undefined && host === 'chromium')
    throw new UserError('--adapter: Chromium runs on SwiftShader; leave it out, or take --host node');
  if (flags.write && only) throw new UserError('--write wants all cases; leave out --only');
  return { vectors, host, adapter, only, ...flags };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, stray] = /^Unexpected argument '([^']*)'/.exec(message) ?? [];
    if (stray !== undefined) {
      const cure =
        'options begin with --, and with npm they follow a --: npm run conformance -- --vectors DIR';
      throw new UserError(`unexpected argument '${stray}'; ${cure}`, { cause });
    }
    const [, unknown] = /^Unknown option '([^']*)'/.exec(message) ?? [];
    if (unknown === undefined) throw new UserError(message.split('. ')[0]!, { cause });
    const meant = suggestion(unknown.replace(/^-+/, ''), Object.keys(OPTIONS), '--');
    throw new UserError(`unknown option '${unknown}'${meant || ' (--help lists them all)'}`, { cause });
  }
}
