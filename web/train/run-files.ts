/** A run as files, the same ones that the command line leaves in a run folder. */
import { packageVersion } from '../../base/package-version.ts';
import { renderReport } from '../../report/report.ts';
import { configFile } from '../../study/run/written-config.ts';
import type { Run } from './run.ts';
import { zip } from './zip.ts';

/** Every file by its path in the run folder. */
export function runFiles(run: Run): Map<string, Uint8Array> {
  const summary = run.summary;
  if (!summary) throw new Error('there is no finished network to save');
  const text = (content: string) => new TextEncoder().encode(content);
  const json = (value: unknown) => text(`${JSON.stringify(value, null, 2)}\n`);
  const facts = { adapter: run.device!, versions: { limbeck: packageVersion } };
  return new Map([
    ['config.json', json(configFile(run.config, facts))],
    ['metrics.jsonl', text(run.points.map((point) => `${JSON.stringify(point)}\n`).join(''))],
    ['summary.json', json(summary)],
    ['report.html', text(renderReport(run.config, summary, run.results))],
    ...[...run.weights].map(([name, bytes]) => [`weights/${name}`, bytes] as const),
  ]);
}

/** Hands a file to the browser, which saves it where it saves all. */
export function save(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not at once: the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function saveAll(run: Run): void {
  save('limbeck-run.zip', zip(runFiles(run)));
}
