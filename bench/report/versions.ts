/** What stored figures depend on: the version of Dawn and the commit of this library. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export function webgpuVersion(): string {
  const path = new URL('../../node_modules/webgpu/package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** With a plus where files differ from it. */
export function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: new URL('.', import.meta.url), encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
