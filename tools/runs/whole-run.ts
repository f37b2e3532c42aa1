/** Whether a folder holds one run, whole: all files of one process, and none of another. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNetwork } from '../../study/saved-network.ts';
import { configIn } from '../../study/run/config-file.ts';
import type { StudyConfig, Summary } from '../../study/results.ts';
import { allRows, networkOfRow, rowInFiles } from '../../study/rows.ts';

/** What is wrong; nothing of a whole run. */
export function faultsOf(path: string): string[] {
  const names = readdirSync(path).toSorted();
  const wanted = ['config.json', 'metrics.jsonl', 'report.html', 'summary.json', 'weights'];
  if (names.join() !== wanted.join()) return [`holds ${names.join(', ') || 'nothing'}`];
  const config = configOfRun(path);
  const summary = JSON.parse(textOf(path, 'summary.json')) as Summary;
  return [
    ...weightFaults(join(path, 'weights'), config, summary),
    ...metricFaults(textOf(path, 'metrics.jsonl'), config),
    ...(textOf(path, 'report.html').trimEnd().endsWith('</html>') ? [] : ['report.html is cut off']),
  ];
}

/** By its configuration: two runs of one command differ in what tells them apart. */
export function configOfRun(path: string): StudyConfig {
  return configIn(textOf(path, 'config.json'), path) as StudyConfig;
}

function weightFaults(folder: string, config: StudyConfig, { rows, seeds }: Summary): string[] {
  const wanted = new Map<string, { hash: string; method: string }>(
    rows.flatMap(({ method, weightsSha256 }) =>
      weightsSha256.map(
        (hash, i) => [`${rowInFiles(method)}-seed${seeds[i]}.safetensors`, { hash, method }] as const,
      ),
    ),
  );
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const others = there.filter((name) => !wanted.has(name));
  return [
    ...others.map((name) => `weights/${name} is of no row of the summary`),
    ...[...wanted].flatMap(([name, { hash, method }]) => {
      if (!there.includes(name)) return [`weights/${name} is missing`];
      const bytes = readFileSync(join(folder, name));
      if (createHash('sha256').update(bytes).digest('hex') !== hash)
        return [`weights/${name} has another hash`];
      const network = networkOfRow(method, config);
      const saved = readNetwork(bytes, name).description.network;
      return saved === network ? [] : [`weights/${name} is ${saved}, and the configuration says ${network}`];
    }),
  ];
}

function metricFaults(text: string, config: StudyConfig): string[] {
  const { seed, seeds } = config;
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line, i) => {
      const point = JSON.parse(line) as { method: string; seed: number };
      const isOwn = allRows(config).includes(point.method) && point.seed >= seed && point.seed < seed + seeds;
      return isOwn ? [] : [`metrics.jsonl, line ${i + 1}, is of another run`];
    });
}

function textOf(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
