/** Appends a report to RESULTS.md, with all that a figure depends on. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpuName } from '../train/version.ts';
import { reportMarkdown, type Report } from './report.ts';

const RESULTS = new URL('RESULTS.md', import.meta.url);

/** Returns the name of the file. */
export function save(suite: string, report: Report): string {
  const date = new Date().toISOString().slice(0, 10);
  const versions = `Node ${process.versions.node}, webgpu ${webgpuVersion()}, commit ${commit()}`;
  const where = `${report.adapter}; ${cpuName()}; ${versions}.`;
  appendFileSync(RESULTS, `\n## ${suite}, ${date}\n\n${where}\n\n${reportMarkdown(report)}\n`);
  return fileURLToPath(RESULTS);
}

function webgpuVersion(): string {
  const path = new URL('../node_modules/webgpu/package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** With a plus where files differ from it. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: new URL('.', import.meta.url), encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
