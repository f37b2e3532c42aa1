/**
 * The full counts behind test/study/run-crash.test.ts, with the whole command: `npm run runs -- crash` looks at `distill` killed at
 * every change to its folder, alone and over an earlier run; `npm run runs -- together` starts two of them on one folder, again and again.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { configOfRun, faultsOf } from './whole-run.ts';

const HELP = `runs: what becomes of run folders when processes are killed, or meet

  npm run runs -- crash                  the folder of distill before each change to it and in the middle of it: the same
                                         command goes on from each; with --every N [10] each N-th by a process that is
                                         really killed there, too (--every 1: all)
  npm run runs -- together [--trials N]  two of them within a second on one folder, without and with --overwrite [50]
`;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** On the CPU, and as small as a study can be. */
const tiny = [
  ...['--device', 'cpu', '--seeds', '1', '--methods', 'scratch', '--teacher', 'mlp:2', '--quiet'],
  ...['--train-rows', '20', '--test-rows', '10', '--epochs', '2', '--teacher-epochs', '2'],
];

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function distill(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  watch = 'crash-preload',
): Promise<Ended> {
  const preload = pathToFileURL(join(root, `tools/runs/${watch}.ts`)).href;
  const loaders = ['--import', 'tsx', '--import', preload];
  return ran([...loaders, 'bin/limbeck.ts', 'distill', ...tiny, ...words], environment);
}

function ran(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, words, { cwd: root, env: { ...process.env, ...environment } });
  let text = '';
  const hear = (piece: string) => (text += piece);
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

/** What is wrong with a folder in which a process was killed, and the same command ran again. */
function faultsAfter(out: string, { code, text }: Ended, hasEarlier: boolean): string[] {
  // A run whose last file is there is whole, and is not trained again without --overwrite.
  const isWhole = code === 2 && !hasEarlier && text.includes('holds an earlier run');
  return code === 0 || isWhole ? faultsOf(out) : [`the same command ends with ${code}: ${text.trim()}`];
}

/**
 * Every way to be killed by copies of the folder, which one process makes before each change and half-way, and another goes on
 * from; and processes that are really killed at each `every`-th change.
 */
async function crash(home: string, every: number): Promise<{ count: number; faults: string[] }> {
  const earlier = join(home, 'earlier');
  const first = await distill(['--student', 'mlp:3', '--out', earlier]);
  if (first.code !== 0) throw new Error(first.text);
  const faults: string[] = [];
  let count = 0;
  for (const hasEarlier of [false, true]) {
    const about = hasEarlier ? 'over an earlier run' : 'alone';
    const command = ['--student', 'mlp:4', ...(hasEarlier ? ['--overwrite'] : [])];
    const prepared = (name: string) => {
      const out = join(home, name);
      rmSync(out, { recursive: true, force: true });
      if (hasEarlier) cpSync(earlier, out, { recursive: true });
      return out;
    };
    const [counted, to] = [prepared('counted'), join(home, `copies${hasEarlier}`)];
    await distill([...command, '--out', counted], { SNAPSHOT_FOLDER: counted, SNAPSHOT_TO: to }, 'snapshots');
    const names = readdirSync(to).toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10) || a.localeCompare(b));
    const ended = await again(
      command,
      names.map((name) => join(to, name, 'run')),
    );
    for (const [i, name] of names.entries()) {
      count++;
      const [call, half] = name.split('-');
      for (const fault of faultsAfter(join(to, name, 'run'), ended[i]!, hasEarlier))
        faults.push(`${about}, copied at change ${call}, half ${half}: ${fault}`);
    }
    process.stderr.write(`${about}: ${names.length} copies\n`);
    for (const name of names.filter((_, i) => i % every === 0)) {
      count++;
      const [call = '', half = ''] = name.split('-');
      const out = prepared('run');
      const killed = await distill([...command, '--out', out], {
        ...{ CRASH_FOLDER: out, CRASH_CALL: call, CRASH_HALF: half },
      });
      const found = killed.code === 0 ? ['it was not killed'] : [];
      found.push(...faultsAfter(out, await distill([...command, '--out', out]), hasEarlier));
      for (const fault of found) faults.push(`${about}, killed at change ${call}, half ${half}: ${fault}`);
      process.stderr.write(`\r${count} ways, ${faults.length} faults `);
    }
  }
  return { count, faults };
}

/** The same command in each folder. */
async function again(command: readonly string[], folders: readonly string[]): Promise<Ended[]> {
  const words = JSON.stringify([...tiny, ...command]);
  const { code, text } = await ran(['--import', 'tsx', 'tools/runs/again.ts', words, ...folders], {});
  if (code !== 0) throw new Error(text);
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Ended);
}

async function together(home: string, trials: number): Promise<{ count: number; faults: string[] }> {
  const faults: string[] = [];
  const tally = new Map<string, number>();
  for (let trial = 0; trial < trials; trial++) {
    const isOver = trial % 2 === 1;
    const out = join(home, `trial${trial}`);
    if (isOver) await distill(['--student', 'mlp:5', '--out', out]);
    const start = async (student: string, delay: number) => {
      await new Promise((done) => setTimeout(done, delay));
      return distill(['--student', student, '--out', out, ...(isOver ? ['--overwrite'] : [])]);
    };
    // Up to a second apart, the same in every call of this command.
    const ended = await Promise.all([
      start('mlp:3', 0),
      start('mlp:4', ((trial * 137) % 1000) * (trial % 3 === 0 ? 0 : 1)),
    ]);
    const codes = ended.map(({ code }) => code);
    const kind = codes.map(String).toSorted().join(' and ');
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
    const fail = (problem: string) =>
      faults.push(`trial ${trial}${isOver ? ', --overwrite' : ''}: ${problem}`);
    if (!codes.includes(0)) fail(`nobody got through: ${ended.map(({ text }) => text.trim()).join(' | ')}`);
    // Both may end well where the second began when the first had ended, and may replace it.
    if (!isOver && codes.every((code) => code === 0)) fail('both say that they have written the folder');
    if (!existsSync(out)) fail('the folder is gone');
    else {
      for (const fault of faultsOf(out)) fail(fault);
      const { student } = configOfRun(out);
      const winners = ['mlp:3', 'mlp:4'].filter((_, i) => codes[i] === 0);
      if (!winners.includes(student)) fail(`it holds the run of ${student}, which says that it failed`);
    }
    process.stderr.write(`\r${trial + 1} of ${trials} trials, ${faults.length} faults `);
  }
  const counts = [...tally].map(([kind, count]) => `${count} times exit codes ${kind}`).join(', ');
  process.stderr.write(`\n${counts}\n`);
  return { count: trials, faults };
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { trials: { type: 'string', default: '50' }, every: { type: 'string', default: '10' } },
});
const home = mkdtempSync(join(tmpdir(), 'limbeck-runs-'));
try {
  const [action] = positionals;
  const work = {
    crash: () => crash(home, Number(values.every)),
    together: () => together(home, Number(values.trials)),
  }[action ?? ''];
  if (!work) process.stdout.write(HELP);
  else {
    const { count, faults } = await work();
    process.stdout.write(
      `\n${count} ${action === 'crash' ? 'ways to be killed' : 'trials'}, ${faults.length} faults\n`,
    );
    for (const fault of faults) process.stdout.write(`  ${fault}\n`);
    process.exitCode = faults.length > 0 ? 1 : 0;
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
