/**
 * Whether a study would still get the bits that it got when `numerics` (engine/numerics.ts) was last raised. `--raise`
 * raises it by one and stores today's hashes; `--store` stores them for the number as it is, after a change of what is
 * hashed, not of what is computed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { numerics } from '../engine/numerics.ts';
import { openGpu } from '../index.ts';
import { numericsHashes } from '../parity/numerics.ts';
import { stored } from '../parity/numerics-stored.ts';
import { UserError } from '../base/errors.ts';
import { readArguments } from '../cli/read-arguments.ts';

const flag = { type: 'boolean', default: false } as const;
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

try {
  const { values, positionals } = readArguments(process.argv.slice(2), { raise: flag, store: flag });
  if (positionals.length > 0) throw new UserError(`unexpected argument '${positionals[0]}'`);
  const backend = await openGpu();
  const hashes = await numericsHashes(backend);
  backend.close();
  const changed = Object.keys({ ...stored.hashes, ...hashes }).filter(
    (name) => stored.hashes[name] !== hashes[name],
  );
  const isSame = changed.length === 0 && stored.numerics === numerics;
  process.stdout.write(
    `numerics ${numerics} on ${backend.name}: ${isSame ? 'the bits are those that are stored' : `stored for ${stored.numerics}; changed: ${changed.join(', ') || 'nothing'}`}\n`,
  );
  if (values.raise || values.store) write(numerics + (values.raise ? 1 : 0), hashes);
  else if (!isSame) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`numerics: ${error.message}\n`);
  process.exitCode = error.exitCode;
}

function write(number: number, hashes: Readonly<Record<string, string>>): void {
  const source = at('../engine/numerics.ts');
  const text = readFileSync(source, 'utf8');
  writeFileSync(source, text.replace(/(export const numerics = )\d+;/, `$1${number};`));
  const lines = Object.entries(hashes).map(
    ([name, hash]) => `    ${/^\w+$/.test(name) ? name : `'${name}'`}: '${hash}',\n`,
  );
  const path = at('../parity/numerics-stored.ts');
  const [heading] = readFileSync(path, 'utf8').split(' = {\n');
  writeFileSync(path, `${heading} = {\n  numerics: ${number},\n  hashes: {\n${lines.join('')}  },\n};\n`);
  process.stdout.write(`numerics is ${number}; its hashes are stored in parity/numerics-stored.ts\n`);
}
