/**
 * Whether two checkouts find the same: `npm run same -- CHECKOUT` runs small studies of every kind in this one and in that one,
 * seeds side by side and alone, and compares weights, errors, masks, curves and names of files. `--only TEXT` takes the cases
 * whose names have it, `--device NAME` another adapter. Exit code 1 if anything differs. About a quarter of an hour on two cores.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatCount } from '../../base/format.ts';
import { type CaseData, casesOf, tableText } from './cases.ts';
import { differences } from './folders.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));
const usage = 'npm run same -- CHECKOUT [--only TEXT] [--device NAME]';

export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { only: { type: 'string' }, device: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [given, ...more] = positionals;
  if (values.help) return say(usage);
  if (given === undefined || more.length > 0) return refuse(`wants one checkout: ${usage}`);
  const other = resolve(given);
  if (!existsSync(join(other, 'scripts/limbeck.mjs'))) return refuse(`${given} is no checkout of limbeck`);
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-same-'));
  try {
    const data = await makeData(folder);
    const cases = casesOf(data).filter(({ name }) => name.includes(values.only ?? ''));
    let found = 0;
    for (const [number, { name, options }] of cases.entries()) {
      for (const alone of [false, true]) {
        const shared = [
          '--seeds',
          '2',
          '--device',
          values.device ?? 'auto',
          ...(alone ? ['--batch-seeds', '1'] : []),
        ];
        const runs = [here, other].map((root, i) => ({
          root,
          out: join(folder, `${number}-${Number(alone)}-${i}`),
        }));
        for (const { root, out } of runs)
          await limbeck(root, ['distill', ...options, ...shared, '--out', out, '--quiet']);
        const lines = differences(runs[0]!.out, runs[1]!.out);
        found += lines.length;
        say(
          `${name}${alone ? ', seeds alone' : ''}: ${lines.length === 0 ? 'the same' : `differs\n  ${lines.join('\n  ')}`}`,
        );
        for (const { out } of runs) rmSync(out, { recursive: true, force: true });
      }
    }
    say(found === 0 ? `${cases.length} cases, no difference` : `${formatCount(found)} differences`);
    return found === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Made once, by this checkout: what is compared is what becomes of it. */
async function makeData(folder: string): Promise<CaseData> {
  const data = { table: 'table.csv', mpiigaze: 'mpiigaze', multipie: 'multipie' };
  const paths = Object.fromEntries(
    Object.entries(data).map(([name, path]) => [name, join(folder, path)]),
  ) as unknown as CaseData;
  writeFileSync(paths.table, tableText(60));
  const few = ['--persons', '3'];
  await limbeck(here, ['data', 'make', 'mpiigaze', paths.mpiigaze, ...few, '--patches', '12']);
  await limbeck(here, ['data', 'make', 'multipie', paths.multipie, ...few, '--size', '80x60']);
  return paths;
}

/** @throws with what it said, unless it ends well. */
function limbeck(root: string, words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'scripts/limbeck.mjs'), ...words], {
    cwd: root,
    stdio: 'pipe',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) =>
      code === 0 ? done() : fail(new Error(`limbeck ${words.join(' ')} in ${root}:\n${said}`)),
    );
  });
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function refuse(reason: string): number {
  process.stderr.write(`same: ${reason}\n`);
  return 2;
}
