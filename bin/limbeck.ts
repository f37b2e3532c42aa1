#!/usr/bin/env node
/** The command line: `limbeck distill …`, `limbeck predict …`. Sees to what is missing, then hands over. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { adapterCure, findChromium, installPackages, SetupError, setup } from '../scripts/setup.mjs';
import { exitCodeOf, isExpected, lineOf } from '../base/errors.ts';
import { suggestion } from '../base/suggest.ts';
import { packageVersion } from '../base/package-version.ts';

const HELP = `limbeck: trains small regression models from large ones, on WebGPU

  limbeck distill [options]   teacher, students, table with confidence intervals; --help lists the options
  limbeck study ACTION …      grids of runs: plan, run, merge; --help says how
  limbeck predict [options]   what a trained network says of other data, as CSV
  limbeck export [options]    a trained network as ONNX and as JavaScript without dependencies
  limbeck doctor              host, adapter, driver, features, limits, and what is wrong
  limbeck --version
`;

const COMMANDS: Record<string, (argv: string[]) => Promise<number>> = {
  async distill(argv) {
    setup({ adapter: needsAdapter(argv) });
    const { main } = await import('../cli/distill.ts');
    return main(argv);
  },
  async study(argv) {
    setup({ adapter: argv.includes('run') && needsAdapter(argv) });
    const { main } = await import('../cli/study/study.ts');
    return main(argv);
  },
  async predict(argv) {
    setup({ adapter: needsAdapter(argv) });
    const { main } = await import('../cli/predict.ts');
    return main(argv);
  },
  async export(argv) {
    installPackages();
    const { main } = await import('../cli/export.ts');
    return main(argv);
  },
  async doctor(argv) {
    if (argv.length > 0) return refuse(`doctor has no options, but got '${argv.join(' ')}'`);
    installPackages();
    const { doctor } = await import('../cli/doctor.ts');
    return doctor({ chromium: findChromium(), cure: adapterCure });
  },
};

/** Resolves to the exit code; the caller sets process.exitCode, so that an open device can close by itself. */
export async function main([command = '--help', ...argv]: string[]): Promise<number> {
  // A reader that has seen enough (`| head`, `2>&1 | head`) is no error, and ends no training.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  if (['--help', '-h', 'help'].includes(command)) return say(HELP);
  if (['--version', '-v', 'version'].includes(command)) return say(`limbeck ${packageVersion}\n`);
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!run)
    return refuse(
      `unknown command '${command}'${suggestion(command, Object.keys(COMMANDS)) || '; --help lists them'}`,
    );
  try {
    // Not for --version and its like, which say their word at once.
    const { firstLook } = await import('../cli/first-look.ts');
    await firstLook(command, argv);
    return await run(argv);
  } catch (error) {
    const isOfSetup = error instanceof SetupError;
    if (!isOfSetup && !isExpected(error)) throw error;
    process.stderr.write(isOfSetup ? `setup: ${error.message}\n` : `${command}: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

/** Work on the CPU, and answers that train nothing, need no driver. */
function needsAdapter(argv: readonly string[]): boolean {
  const answers = ['--help', '-h', '--version', '--dry-run', '--device=cpu'];
  return !argv.some((word, i) => answers.includes(word) || (word === '--device' && argv[i + 1] === 'cpu'));
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function refuse(reason: string): number {
  process.stderr.write(`limbeck: ${reason}\n`);
  return 2;
}

// Run as a program, perhaps through npm's link to it, not imported.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
