/** Keeps a report, with all that a figure depends on: appended to RESULTS.md, and as a page. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuName } from '../../base/version.ts';
import { renderPage } from './page.ts';
import { type Circumstances, reportMarkdown, type Report } from './report.ts';
import { commit, webgpuVersion } from './versions.ts';

const RESULTS = new URL('../RESULTS.md', import.meta.url);

/** Returns the name of the file. */
export function save(suite: string, report: Report): string {
  const { date, where } = circumstances(report);
  appendFileSync(RESULTS, `\n## ${suite}, ${date}\n\n${where}\n\n${reportMarkdown(report)}\n`);
  return fileURLToPath(RESULTS);
}

/** Writes report and circumstances as a page to `file`, or under runs/bench/. Returns its name. */
export function savePage(suite: string, report: Report, file?: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const path = resolve(
    file ?? fileURLToPath(new URL(`../../runs/bench/${suite}-${time}.html`, import.meta.url)),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, renderPage(suite, report, circumstances(report)));
  return path;
}

function circumstances({ adapter }: Report): Circumstances {
  const date = new Date().toISOString().slice(0, 10);
  const versions = `Node ${process.versions.node}, webgpu ${webgpuVersion()}, commit ${commit()}`;
  return { date, where: `${adapter}; ${cpuName()}; ${versions}.` };
}
