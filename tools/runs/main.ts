/**
 * The full counts behind test/study/run-crash.test.ts, with processes: `npm run runs -- crash` kills `distill` at every change to
 * its folder, alone and over an earlier run; `npm run runs -- together` starts two of them on one folder, again and again.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { configOfRun, faultsOf } from './whole-run.ts';

const HELP = `runs: what becomes of run folders when processes are killed, or meet

  npm run runs -- crash                  kills distill at each change to its folder, before it and in the middle of it,
                                         and runs the same command again; --every N: at each N-th change alone
  npm run runs -- together [--trials N]  two of them within a second on one folder, without and with --overwrite [50]
`;

const root = fileURLToPath(new URL('../..', import.meta.url));
const preload = pathToFileURL(join(root, 'tools/runs/crash-preload.ts')).href;

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
): Promise<Ended> {
  const loaders = ['--import', 'tsx', '--import', preload];
  const child = spawn(process.execPath, [...loaders, 'bin/limbeck.ts', 'distill', ...tiny, ...words], {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  let text = '';
  const hear = (piece: string) => (text += piece);
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return new Promise((done) => child.on('close', (code) => done({ code, text })));
}

/** How many of the ways to be killed were looked at, and a line for each that ends badly. */
async function crash(home: string, every: number): Promise<{ count: number; faults: string[] }> {
  const earlier = join(home, 'earlier');
  const first = await distill(['--student', 'mlp:3', '--out', earlier]);
  if (first.code !== 0) throw new Error(first.text);
  const faults: string[] = [];
  let count = 0;
  for (const hasEarlier of [false, true]) {
    const command = ['--student', 'mlp:4', ...(hasEarlier ? ['--overwrite'] : [])];
    const prepared = (name: string) => {
      const out = join(home, name);
      rmSync(out, { recursive: true, force: true });
      if (hasEarlier) cpSync(earlier, out, { recursive: true });
      return out;
    };
    const countFile = join(home, 'count');
    const counted = prepared('counted');
    await distill([...command, '--out', counted], {
      ...{ CRASH_FOLDER: counted, CRASH_CALL: '1000000', CRASH_COUNT: countFile },
    });
    const changes = JSON.parse(readFileSync(countFile, 'utf8')) as boolean[];
    for (const [i, canBeHalf] of changes.entries())
      for (const half of canBeHalf ? ['0', '1'] : ['0']) {
        const call = i + 1;
        if (i % every !== 0) continue;
        count++;
        const out = prepared('run');
        const fail = (problem: string) =>
          faults.push(
            `${hasEarlier ? 'over an earlier run' : 'alone'}, change ${call}, half ${half}: ${problem}`,
          );
        const killed = await distill([...command, '--out', out], {
          ...{ CRASH_FOLDER: out, CRASH_CALL: String(call), CRASH_HALF: half },
        });
        if (killed.code === 0) fail('it was not killed');
        const again = await distill([...command, '--out', out]);
        if (again.code !== 0) fail(`the same command ends with ${again.code}: ${again.text.trim()}`);
        else for (const fault of faultsOf(out)) fail(fault);
        process.stderr.write(
          `\r${count} ways, change ${call} of ${changes.length}, ${faults.length} faults `,
        );
      }
  }
  return { count, faults };
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
  options: { trials: { type: 'string', default: '50' }, every: { type: 'string', default: '1' } },
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
