/** From nothing to a first trained step: a process that imports the library, opens an adapter and trains once. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RunError } from '../base/errors.ts';
import { statisticsOf } from './harness.ts';

export interface ColdStart {
  /** Medians, milliseconds from the first import on: the library there, the device open, the first step done. */
  readonly importMs: number;
  readonly openMs: number;
  readonly ms: number;
  readonly rounds: number;
}

/** What `first-step.ts` prints. */
export type FirstStep = Pick<ColdStart, 'importMs' | 'openMs' | 'ms'>;

/** The driver has its shaders from an unmeasured first time. */
export function coldStart({ quick, note }: { quick: boolean; note: (line: string) => void }): ColdStart {
  note('cold start');
  const rounds = quick ? 1 : 5;
  firstStep();
  const times = Array.from({ length: rounds }, firstStep);
  const median = (key: keyof FirstStep) => statisticsOf(times.map((time) => time[key])).ms;
  return { importMs: median('importMs'), openMs: median('openMs'), ms: median('ms'), rounds };
}

function firstStep(): FirstStep {
  const script = fileURLToPath(new URL('first-step.ts', import.meta.url));
  const argv = ['--import', import.meta.resolve('tsx'), script];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0)
    throw new RunError(`cold start: its process ended with ${signal ?? status}: ${stderr.trim()}`);
  return JSON.parse(stdout) as FirstStep;
}
