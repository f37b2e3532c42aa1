/**
 * Makes docs/results.md from run folders: `npm run results -- FOLDER …`. The tables are those of the runs; nothing is
 * typed by hand. Figures name CPU, adapter, Node and date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { StudyConfig, Summary } from '../train/results.ts';
import { summaryMarkdown } from '../train/table.ts';

const PAGE = new URL('../docs/results.md', import.meta.url);
const MARK = '<!-- tables -->';

interface Run {
  config: StudyConfig & { versions: Record<string, string> };
  summary: Summary;
}

function readRun(folder: string): Run {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown;
  return { config: read('config.json') as Run['config'], summary: read('summary.json') as Summary };
}

function section({ config, summary }: Run): string {
  const last = config.seed + config.seeds - 1;
  const command = `npm run distill -- --noise ${config.noise} --seeds ${config.seeds} --seed ${config.seed}`;
  return `## Noise ${config.noise}, seeds ${config.seed}–${last}\n\n\`${command}\`\n\n${summaryMarkdown(summary)}`;
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write('results: which run folders? npm run results -- runs/a runs/b\n');
  process.exitCode = 2;
} else {
  const runs = folders.map(readRun);
  const { config, summary } = runs[0]!;
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const versions = Object.entries(config.versions).map(([name, version]) => `${name} ${version}`);
  const where = `${summary.adapter}, ${cpu} (${cpus().length} cores), ${versions.join(', ')}`;
  const date = new Date().toISOString().slice(0, 10);
  const head = readFileSync(PAGE, 'utf8').split(MARK)[0]!;
  const tables = runs.map(section).join('\n\n');
  writeFileSync(PAGE, `${head}${MARK}\n\nMeasured ${date}: ${where}.\n\n${tables}\n`);
}
