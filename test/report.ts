/**
 * The end of a test run: which adapters it used, how many dispatches it made, and as the last line 'N passed,
 * N failed'. A whole run without a dispatch has tested nothing, so it fails.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Every test process appends a line a test file to the file that this variable names. */
const FILE = 'LIMBECK_DISPATCH_FILE';

interface Note {
  count: number;
  adapters: readonly string[];
}

/** Called by each test process, and for Chromium by the server that drives it. */
export function noteDispatches(count: number, adapters: readonly string[]): void {
  const path = process.env[FILE];
  if (path) appendFileSync(path, `${JSON.stringify({ count, adapters })}\n`);
}

export default class DispatchReporter implements Reporter {
  onInit(): void {
    process.env[FILE] = join(mkdtempSync(join(tmpdir(), 'limbeck-test-')), 'dispatches.jsonl');
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const summary = { passed: count('passed'), failed: count('failed') + broken + unhandledErrors.length };

    const notes = readNotes();
    const dispatches = notes.reduce((sum, note) => sum + note.count, 0);
    const adapters = [...new Set(notes.flatMap((note) => note.adapters))];
    // Whoever names files, tests or a project on the command line may well run some that need no GPU.
    const isWhole = process.argv
      .slice(2)
      .every((word) => word === 'run' || (word.startsWith('-') && !isFilter(word)));
    const isIdle = dispatches === 0 && isWhole;
    if (isIdle) summary.failed++;

    // Vitest still prints after this, and sets the exit code itself.
    process.once('exit', () => {
      const lines = [
        `adapters: ${adapters.join('; ') || 'none'}`,
        `dispatches: ${dispatches.toLocaleString('en')}`,
        ...(isIdle ? ['a run that never used a GPU has tested nothing'] : []),
        `${summary.passed} passed, ${summary.failed} failed`,
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
      if (summary.failed > 0) process.exitCode ||= 1;
    });
  }
}

function isFilter(word: string): boolean {
  return /^(-t|--testNamePattern|--project|--changed|--related|--shard)\b/.test(word);
}

function readNotes(): Note[] {
  const path = process.env[FILE];
  if (!path) return [];
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  rmSync(dirname(path), { recursive: true, force: true });
  return lines.map((line) => JSON.parse(line) as Note);
}
