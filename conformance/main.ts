/** The command `conformance`: vectors in, every case run and accounted for, an exit code out. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setup } from '../scripts/setup.mjs';
import { exitCodeOf, lineOf, RunError } from '../base/errors.ts';
import { createProgressLine, type ProgressLine, type TextStream } from '../cli/progress-line.ts';
import { packageVersion } from '../base/package-version.ts';
import { columnOf, pageWith } from './document.ts';
import { operatorsOf, type TestCase } from './graph.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { failuresOf, jsonLine, summaryText } from './report.ts';
import type { Result } from './run.ts';
import { openNodeRunner, type Runner } from './runner.ts';
import { readVectors } from './vectors.ts';

const PAGE = fileURLToPath(new URL('../docs/conformance.md', import.meta.url));

/** What the command needs of the outside; tests put in their own. */
export interface Surroundings {
  stdout: TextStream;
  stderr: TextStream;
  /** Where `--write` writes. */
  page: string;
}

/** Resolves to 0 if no case failed, else to 1; to 2 for a wrong command line. */
export async function main(argv: readonly string[], given: Partial<Surroundings> = {}): Promise<number> {
  const around = { stdout: process.stdout, stderr: process.stderr, page: PAGE, ...given };
  try {
    return await conformance(argv, around);
  } catch (error) {
    around.stderr.write(`conformance: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

async function conformance(argv: readonly string[], { stdout, stderr, page }: Surroundings): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    stdout.write(HELP);
    return 0;
  }
  const cases = readVectors(options.vectors).filter((testCase) => isWanted(testCase, options.only));
  if (cases.length === 0) throw new RunError(`--only: no case contains '${options.only}'`);

  setup({ adapter: options.host === 'node', browser: options.host === 'chromium' });
  const line = createProgressLine(stderr, { isQuiet: options.quiet });
  const runner = await open(options);
  const { adapter, host } = runner;
  let results: Result[];
  try {
    results = await runAll(cases, runner, line);
  } finally {
    line.close();
    await runner.close();
  }

  // With --json, stdout is for the machine alone.
  const people = options.json ? stderr : stdout;
  people.write(`${summaryText(results, adapter, host)}\n`);
  if (options.write) {
    const date = new Date().toISOString().slice(0, 10);
    const column = columnOf(results, { adapter, host, limbeck: packageVersion, date });
    writeFileSync(page, pageWith(column, existsSync(page) ? readFileSync(page, 'utf8') : ''));
    people.write(`written     ${page}\n`);
  }
  if (options.json) stdout.write(`${jsonLine(results, adapter, options.host)}\n`);
  return failuresOf(results).length > 0 ? 1 : 0;
}

function isWanted(testCase: TestCase, text: string): boolean {
  return [testCase.name, testCase.file, operatorsOf(testCase)].some((part) => part.includes(text));
}

async function open({ host, adapter }: Options): Promise<Runner> {
  if (host === 'node') return openNodeRunner(adapter);
  // Loaded only where it is needed: it brings Vite and Playwright.
  const { openChromiumRunner } = await import('./chromium.ts');
  return openChromiumRunner();
}

async function runAll(cases: readonly TestCase[], runner: Runner, line: ProgressLine): Promise<Result[]> {
  const results: Result[] = [];
  for (const [i, testCase] of cases.entries()) {
    line.update(i / cases.length, () => `${i}/${cases.length}  ${testCase.name}`);
    results.push(await runner.run(testCase));
  }
  return results;
}
