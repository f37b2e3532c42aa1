/** The command `parity`: every setting does the same work, every pair is compared, an exit code says what holds. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MathMode } from '../kernels/math/math.ts';
import { setup, SetupError } from '../scripts/setup.mjs';
import { exitCodeOf, interruptedExitCode, isExpected, lineOf } from '../base/errors.ts';
import { createProgressLine, type ProgressLine, type TextStream } from '../cli/progress-line.ts';
import { comparePairs, type Named } from './compare.ts';
import { page } from './document.ts';
import { launch } from './launch.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { brokenPromises, type Comparison, type HostReport, jsonLine, summaryText } from './report.ts';

const PAGE = fileURLToPath(new URL('../docs/parity.md', import.meta.url));

/** What the command needs of the outside; tests put in their own. */
export interface Surroundings {
  stdout: TextStream;
  stderr: TextStream;
}

/** Resolves to 0 if every promise holds, else to 1; to 2 for a wrong command line, to 130 after Ctrl-C. */
export async function main(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<number> {
  const around = { stdout: process.stdout, stderr: process.stderr, ...given };
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await parity(argv, around, controller.signal);
  } catch (error) {
    if (controller.signal.aborted) {
      around.stderr.write('parity: stopped; the hosts are ended\n');
      return interruptedExitCode;
    }
    around.stderr.write(`parity: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function parity(
  argv: readonly string[],
  { stdout, stderr }: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    stdout.write(HELP);
    return 0;
  }
  installHosts(options, stderr);
  const modes: readonly MathMode[] = options.write ? ['portable', 'native'] : [options.math];
  const line = createProgressLine(stderr, { isQuiet: options.quiet });
  const comparisons: Comparison[] = [];
  try {
    for (const math of modes) comparisons.push(await compareSettings(math, options, line, signal));
  } finally {
    line.close();
  }

  // With --json, stdout's last line is for the machine.
  for (const comparison of comparisons) stdout.write(`${summaryText(comparison)}\n\n`);
  const broken = comparisons.flatMap(brokenPromises);
  if (options.write && broken.length === 0) {
    writeFileSync(PAGE, page(comparisons[0]!, comparisons[1]!));
    stdout.write(`written ${PAGE}\n`);
  }
  if (options.json) stdout.write(`${jsonLine(comparisons)}\n`);
  return broken.length > 0 ? 1 : 0;
}

/** What cannot be installed is reported here, and again by each setting that lacks it. */
function installHosts({ settings }: Options, stderr: TextStream): void {
  try {
    setup({
      adapter: settings.some(({ driver }) => driver === 'lavapipe'),
      // SwiftShader comes with it.
      browser: settings.some(({ driver }) => driver === 'swiftshader'),
      deno: settings.some(({ host }) => host === 'deno'),
    });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    stderr.write(`setup: ${error.message}\n`);
  }
}

/** One setting after another: each uses all cores. What fails is reported at the end, with what the others have shown. */
async function compareSettings(
  math: MathMode,
  { steps, runs, ops, settings }: Options,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<Comparison> {
  const hosts: HostReport[] = [];
  const measured: Named[] = [];
  const failures: string[] = [];
  for (const [i, setting] of settings.entries()) {
    const { name } = setting;
    const startedAt = performance.now();
    const onProgress = (share: number, text: string) =>
      line.update((i + share) / settings.length, () => `${name}, ${math}: ${text}`);
    try {
      const { measurement, runtime } = await launch(
        setting,
        { math, steps, runs, ops },
        { onProgress, signal },
      );
      const { adapter, isSoftware, subgroupSize } = measurement;
      const seconds = (performance.now() - startedAt) / 1000;
      hosts.push({ name, runtime, adapter, isSoftware, subgroupSize, seconds });
      measured.push([name, measurement]);
      line.note(`${name}, ${math}: ${runtime} on ${adapter}, ${seconds.toFixed(1)} s`);
    } catch (error) {
      if (signal.aborted || !isExpected(error)) throw error;
      failures.push(error.message);
      line.note(error.message);
    }
  }
  return { math, steps, runs, hosts, pairs: comparePairs(measured), failures };
}
