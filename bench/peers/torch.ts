/** Small students in PyTorch, in a process beside this one: where a Python with it is found. */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Contestant } from '../harness.ts';

const script = fileURLToPath(new URL('torch-small-network.py', import.meta.url));

export interface TorchWork {
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly heads: number;
  readonly batch: number;
  readonly seeds: number;
  readonly rows: number;
}

/** The Python that has PyTorch, Debian's among them, with its version; undefined if there is none. */
export function findTorch(): { python: string; version: string } | undefined {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
    });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}

/** An execution is `steps` steps; the process measures itself. */
export function torchJob(python: string, work: TorchWork, steps: number): Contestant & { close(): void } {
  const child = spawn(python, [script, JSON.stringify(work)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async sample(runs) {
      child.stdin.write(`${runs * steps}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('PyTorch: its process ended');
      return Number(value);
    },
    close: () => void child.kill(),
  };
}
