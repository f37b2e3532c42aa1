/** `study merge`: a plan's results read, its tables and its page written beside them. */
import { merge } from '../../study/plan/merge.ts';
import { mergedCsv, seedsCsv } from '../../report/plan/merge-csv.ts';
import { mergedPage } from '../../report/plan/merge-page.ts';
import { nameOf } from '../../study/plan/plan.ts';
import { mergedMarkdown, stateLines } from '../../report/plan/merge-text.ts';
import type { PlanFolder } from '../../study/plan/plan-folder.ts';

/** Returns what there is to say. Same results, same bytes; those of an earlier version, too. */
export function mergeFolder(folder: PlanFolder): string {
  const plan = folder.readPlan();
  const merged = merge(plan, (id) => folder.result(id));
  const damaged = plan.runs.filter(({ id }) => folder.isDamaged(id)).map(nameOf);
  const written = [
    folder.write('results.md', mergedMarkdown(merged)),
    folder.write('results.csv', mergedCsv(merged)),
    folder.write('seeds.csv', seedsCsv(merged)),
    folder.write('report.html', mergedPage(merged)),
  ];
  const most = 10;
  const more = damaged.length > most ? ` and ${damaged.length - most} more` : '';
  const told =
    damaged.length > 0
      ? [`damaged, and counted as missing: ${damaged.slice(0, most).join(', ')}${more}`]
      : [];
  return [...stateLines(merged), ...told, ...written.map((path) => `written: ${path}`)].join('\n');
}
