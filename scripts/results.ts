/**
 * Makes docs/results.md from run folders: `npm run results -- FOLDER …`. The tables are those of the runs; nothing is
 * typed by hand. Figures name CPU, adapter, Node and date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../train/option-list.ts';
import type { StudyConfig, Summary } from '../train/results.ts';
import { defaultsOf } from '../train/study-defaults.ts';
import { summaryMarkdown } from '../train/table.ts';

const PAGE = new URL('../docs/results.md', import.meta.url);
const MARK = '<!-- tables -->';

interface Run {
  config: StudyConfig & { cpu: string; started: string; versions: Record<string, string> };
  summary: Summary;
}

function readRun(folder: string): Run {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown;
  return { config: read('config.json') as Run['config'], summary: read('summary.json') as Summary };
}

function section({ config, summary }: Run): string {
  const last = config.seed + config.seeds - 1;
  const words = ['noise', 'seeds', ...changed(config)].map((name) => {
    const key = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof StudyConfig;
    return `--${name} ${String(config[key])}`;
  });
  const command = `npm run distill -- ${words.join(' ')}`;
  return `## Noise ${config.noise}, seeds ${config.seed}–${last}\n\n\`${command}\`\n\n${summaryMarkdown(summary)}`;
}

/** Options that are not at their defaults. */
function changed(config: StudyConfig): string[] {
  return options
    .filter(
      ({ key }) =>
        key &&
        key !== 'noise' &&
        key !== 'seeds' &&
        String(config[key]) !== String(defaultsOf(config.data)[key]),
    )
    .map(({ name }) => name);
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write('results: which run folders? npm run results -- runs/a runs/b\n');
  process.exitCode = 2;
} else {
  const runs = folders.map(readRun);
  const { config, summary } = runs[0]!;
  const versions = Object.entries(config.versions).map(([name, version]) => `${name} ${version}`);
  const where = `${summary.adapter}, ${config.cpu}, ${versions.join(', ')}`;
  const date = config.started.slice(0, 10);
  const head = readFileSync(PAGE, 'utf8').split(MARK)[0]!;
  const tables = runs.map(section).join('\n\n');
  writeFileSync(PAGE, `${head}${MARK}\n\nMeasured ${date}: ${where}.\n\n${tables}\n`);
}
