/**
 * The end of a test run: which adapters it used, how many dispatches it made, and as the last line 'N passed,
 * N failed'. A host that was to run everything and made no dispatch has tested nothing, so it fails.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** Every test process appends a line a test file to the file that this variable names. */
const NOTES = 'LIMBECK_TEST_NOTES';

/** Where scripts/test.mjs wants the numbers of this run. */
const RESULT = 'LIMBECK_TEST_RESULT';

export interface Note {
  readonly host: string;
  readonly dispatches: number;
  readonly adapters: readonly string[];
}

/** Called by each test process, and for a browser by the server that drives it. */
export function note(words: Note): void {
  const path = process.env[NOTES];
  if (path) appendFileSync(path, `${JSON.stringify(words)}\n`);
}

export default class DispatchReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    process.env[NOTES] = join(mkdtempSync(join(tmpdir(), 'limbeck-test-')), 'notes.jsonl');
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Promise<void> {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;

    const notes = readNotes();
    const total = (some: readonly Note[]) => some.reduce((sum, { dispatches }) => sum + dispatches, 0);
    const idle = (await wholeHosts(this.#vitest!, modules)).filter(
      (host) => total(notes.filter((one) => one.host === host)) === 0,
    );
    const result = {
      passed: count('passed'),
      failed: count('failed') + broken + unhandledErrors.length + idle.length,
      dispatches: total(notes),
      adapters: [...new Set(notes.flatMap(({ adapters }) => adapters))],
    };
    const path = process.env[RESULT];
    if (path) writeFileSync(path, JSON.stringify(result));

    // Vitest still prints after this, and sets the exit code itself.
    process.once('exit', () => {
      const lines = [
        `adapters: ${result.adapters.join('; ') || 'none'}`,
        `dispatches: ${result.dispatches.toLocaleString('en')}`,
        ...idle.map((host) => `${host}: a run that never used a GPU has tested nothing`),
        `${result.passed} passed, ${result.failed} failed`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      if (result.failed > 0) process.exitCode ||= 1;
    });
  }
}

/**
 * Hosts whose every file has run, those of test/gpu/ among them: whoever names files or tests may well run some that need
 * no GPU, or leave it to other processes.
 */
async function wholeHosts(vitest: Vitest, modules: readonly TestModule[]): Promise<string[]> {
  if (vitest.config.testNamePattern) return [];
  const all = await vitest.globTestSpecifications();
  const whole = vitest.projects.filter((project) => {
    const ran = modules.filter((module) => module.project === project);
    if (!ran.some(({ moduleId }) => moduleId.includes('/test/gpu/'))) return false;
    return ran.length === all.filter((specification) => specification.project === project).length;
  });
  return whole.map((project) => project.getProvidedContext().host);
}

function readNotes(): Note[] {
  const path = process.env[NOTES];
  if (!path) return [];
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  rmSync(dirname(path), { recursive: true, force: true });
  return lines.map((line) => JSON.parse(line) as Note);
}
