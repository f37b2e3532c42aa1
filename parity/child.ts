/** The process of one setting, in Node or Deno: the task as its argument, a line of JSON for each answer on stdout. */
import process from 'node:process';
import { measure } from './measure.ts';
import type { Measurement, Task } from './measurement.ts';

export type Answer =
  | { progress: number; text: string }
  | { measurement: Measurement; runtime: string }
  | { error: string };

/** Lines are for eyes: more than ten a second help nobody. */
const PROGRESS_EVERY_MS = 100;

// Whoever started this holds the other end; when it is gone, nobody waits for the result.
process.stdin.on('end', () => process.exit(1)).resume();

const { deno, node } = process.versions as { deno?: string; node: string };
let saidAt = 0;
try {
  const measurement = await measure(JSON.parse(process.argv[2]!) as Task, (progress, text) => {
    if (performance.now() - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = performance.now();
    answer({ progress, text });
  });
  answer({ measurement, runtime: deno ? `Deno ${deno}` : `Node ${node}` });
} catch (error) {
  answer({ error: error instanceof Error ? error.message : String(error) });
}
process.stdout.write('', () => process.exit());

function answer(value: Answer): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
