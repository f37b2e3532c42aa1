/** Starts the host of a setting on its driver, has it do the task, and ends it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RunError } from '../base/errors.ts';
import type { Answer } from './child.ts';
import type { Measurement, OnProgress, Task } from './measurement.ts';
import { adapterNames, checkChromium, denoOf, driverFileOf, type Setting } from './settings.ts';

export interface Launched {
  measurement: Measurement;
  /** 'Node 20.20.2' */
  runtime: string;
}

export interface LaunchOptions {
  onProgress?: OnProgress;
  /** Ends the host at once. */
  signal?: AbortSignal;
}

/** @throws RunError if the host cannot start or fails, runs on another adapter than it should, or was stopped. */
export async function launch(setting: Setting, task: Task, options: LaunchOptions = {}): Promise<Launched> {
  const launched = await (setting.host === 'chromium'
    ? inChromium(setting, task, options)
    : inProcess(setting, task, options));
  checkAdapter(setting, launched.measurement);
  return launched;
}

/** @throws RunError if the adapter is not the one that the setting names */
export function checkAdapter(
  { name, driver }: Setting,
  { adapter, isSoftware }: Pick<Measurement, 'adapter' | 'isSoftware'>,
): void {
  if (isSoftware && adapterNames[driver].test(adapter)) return;
  throw new RunError(
    `${name}: ran on '${adapter}'; wants ${driver}, which VK_DRIVER_FILES or a flag of Chromium should have chosen: leave the setting out with --settings`,
  );
}

/** The program and its arguments. */
function commandOf(setting: Setting, task: Task): [string, string[]] {
  const script = [fileURLToPath(new URL('child.ts', import.meta.url)), JSON.stringify(task)];
  if (setting.host === 'deno') return [denoOf(setting), ['run', '-A', '--no-lock', ...script]];
  return [process.execPath, ['--import', import.meta.resolve('tsx'), ...script]];
}

async function inProcess(
  setting: Setting,
  task: Task,
  { onProgress, signal }: LaunchOptions,
): Promise<Launched> {
  const env = { ...process.env, VK_DRIVER_FILES: driverFileOf(setting) };
  const [program, args] = commandOf(setting, task);
  // Its stdin stays open as long as we live; see child.ts.
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  let lastWords = '';
  let launched: Launched | undefined;
  let failure: string | undefined;
  child.stderr.on('data', (text: Buffer) => (lastWords = `${lastWords}${text.toString()}`.slice(-2000)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    if ('measurement' in answer) launched = answer;
    else if ('error' in answer) failure = answer.error;
    else onProgress?.(answer.progress, answer.text);
  });
  const end = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => resolve(`its process ended with ${by ?? `code ${code}`}`));
  });
  if (launched) return launched;
  if (signal?.aborted) throw stopped(setting);
  const words = lastWords.trim().split('\n').slice(-5).join(' ');
  throw new RunError(`${setting.name}: ${failure ?? `${end}${words && `: ${words}`}`}`);
}

async function inChromium(
  setting: Setting,
  task: Task,
  { onProgress, signal }: LaunchOptions,
): Promise<Launched> {
  checkChromium(setting);
  // Loaded only where it is needed: it brings Vite and Playwright.
  const { chromiumError, openSourcesPage } = await import('../conformance/sources-page.ts');
  const { page, host, close } = await openSourcesPage();
  signal?.addEventListener('abort', () => void close(), { once: true });
  try {
    await page.exposeFunction('parityProgress', (share: number, text: string) => onProgress?.(share, text));
    // As text: a transpiled function would call helpers that the page does not have.
    const measurement = await page.evaluate<Measurement>(
      `import('/parity/page.ts').then(({ run }) => run(${JSON.stringify(task)}))`,
    );
    return { measurement, runtime: host };
  } catch (error) {
    if (signal?.aborted) throw stopped(setting);
    throw chromiumError(error);
  } finally {
    await close();
  }
}

function stopped({ name }: Setting): RunError {
  return new RunError(`${name}: stopped`);
}
