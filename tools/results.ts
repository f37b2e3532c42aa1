/**
 * Writes the tables of a data set into docs/results.md from run folders: `npm run results -- FOLDER …`. They are those of
 * the runs; nothing is typed by hand. Figures name CPU, adapter, Node and date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../base/option.ts';
import { options } from '../study/options/option-list.ts';
import { configIn, factsIn, type RunFacts } from '../study/run/config-file.ts';
import type { StudyConfig, Summary } from '../study/results.ts';
import { defaultsOf } from '../study/options/study-defaults.ts';
import { summaryMarkdown } from '../report/table.ts';

const PAGE = new URL('../docs/results.md', import.meta.url);
interface Run {
  config: StudyConfig;
  facts: RunFacts;
  summary: Summary;
}

function readRun(folder: string): Run {
  const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
  const config = configIn(textOf('config.json'), folder) as StudyConfig;
  const facts = factsIn(textOf('config.json'), folder);
  return { config, facts, summary: JSON.parse(textOf('summary.json')) as Summary };
}

function section({ config, summary }: Run): string {
  const last = config.seed + config.seeds - 1;
  const isOfEyes = config.data === 'eyes';
  const level = isOfEyes ? ['data', 'label-error'] : ['noise'];
  const words = [...new Set([...level, 'seeds', ...changed(config)])].map(
    (name) => `--${name} ${String(config[keyOf({ name }) as keyof StudyConfig])}`,
  );
  const title = isOfEyes ? `Label error ${config.labelError}°` : `Noise ${config.noise}`;
  const command = `npm run distill -- ${words.join(' ')}`;
  return `### ${title}, seeds ${config.seed}–${last}\n\n\`${command}\`\n\n${summaryMarkdown(summary)}`;
}

/** Options that are not at their defaults. */
function changed(config: StudyConfig): string[] {
  const standard = defaultsOf(config.data);
  const own = options.filter(({ key }) => key && key !== 'target');
  return own
    .filter(({ key }) => config[key!] !== undefined && String(config[key!]) !== String(standard[key!]))
    .map(({ name }) => name);
}

/** Between the marks of this data set; everything else stays. */
function replaced(page: string, data: string, tables: string): string {
  const [start, end] = [`<!-- tables: ${data} -->`, '<!-- end -->'];
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/results.md has no place for '${data}': ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${tables}\n\n${page.slice(to)}`;
}

const folders = process.argv.slice(2);
if (folders.length === 0) {
  process.stderr.write('results: which run folders? npm run results -- runs/a runs/b\n');
  process.exitCode = 2;
} else {
  const runs = folders.map(readRun);
  const { config, facts, summary } = runs[0]!;
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`);
  const where = `${summary.adapter}, ${facts.cpu}, ${versions.join(', ')}`;
  const tables = [`Measured ${facts.started?.slice(0, 10)}: ${where}.`, ...runs.map(section)].join('\n\n');
  writeFileSync(PAGE, replaced(readFileSync(PAGE, 'utf8'), config.data, tables));
}
