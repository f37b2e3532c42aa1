/** A competitor in a process of its own, which is told when to run. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CompetitorError, type Remote } from './competitor.ts';
import type { Counts, Work } from './works/work.ts';

export type Request =
  | { prepare: Work }
  | { sample: number }
  | { gpuSample: number }
  | { result: true }
  | { counts: true };
export type Answer = { value: unknown } | { error: string };

/** A compiler that loops, or a driver that hangs, must not hold up the others for ever. */
const LIMIT_MS = 1_200_000;

/** Mesa and NVIDIA keep compiled shaders on disk: then the first execution would tell which ran last week. */
const NO_SHADER_CACHE = { MESA_SHADER_CACHE_DISABLE: 'true', __GL_SHADER_DISK_CACHE: '0' };

/**
 * Starts the competitor that `module` exports, in one of its variants. Without `shaderCache` its first execution compiles everything.
 *
 * @throws CompetitorError here and in every call, for what goes wrong there.
 */
export async function startRemote(module: URL, { shaderCache = false, variant = '' } = {}): Promise<Remote> {
  // Its stdout is nobody's, and its stderr only matters if it dies.
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [module.href, variant], {
    // Explicit, because the sources may have been started by another way of loading TypeScript.
    execArgv: ['--import', import.meta.resolve('tsx')],
    env: { ...process.env, ...(shaderCache ? {} : NO_SHADER_CACHE) },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let title = /([^/]+)\.ts$/.exec(module.href)?.[1] ?? module.href;
  let lastWords = '';
  let end: string | undefined;
  let settle: ((answer: Answer) => void) | undefined;
  child.stderr!.on('data', (text: Buffer) => (lastWords = `${lastWords}${text.toString()}`.slice(-2000)));
  child.on('message', (answer: Answer) => settle?.(answer));
  child.on('close', (code, signal) => {
    end ??= `its process ended with ${signal ?? `code ${code}`}: ${lastError(lastWords)}`;
    settle?.({ error: end });
  });

  const call = async (request?: Request): Promise<unknown> => {
    if (end) throw new CompetitorError(title, end);
    const limit = setTimeout(() => {
      end = `no answer within ${LIMIT_MS / 1000} s`;
      child.kill('SIGKILL');
    }, LIMIT_MS);
    const answer = await new Promise<Answer>((resolve) => {
      settle = resolve;
      if (request) child.send(request);
    });
    clearTimeout(limit);
    if ('error' in answer) throw new CompetitorError(title, answer.error);
    return answer.value;
  };

  const stop = () => {
    end ??= 'it was stopped';
    child.kill();
  };

  // The first answer comes unasked.
  const opened = call() as Promise<Pick<Remote, 'name' | 'adapter'>>;
  const { name, adapter } = await opened.catch((error: unknown) => {
    stop();
    throw error;
  });
  title = name;
  return {
    name,
    adapter,
    prepare: async (work) => void (await call({ prepare: work })),
    sample: async (runs) => (await call({ sample: runs })) as number,
    gpuSample: async (runs) => (await call({ gpuSample: runs })) as number,
    result: async () => (await call({ result: true })) as Float32Array,
    counts: async () => (await call({ counts: true })) as Counts | undefined,
    stop,
  };
}

/** The message in what Node prints about an exception, or the last line. */
function lastError(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? 'without a word';
}
