/** `study merge`: a plan's results read, its tables and its page written beside them. */
import { merge } from '../../study/plan/merge.ts';
import { mergedCsv, seedsCsv } from '../../report/plan/merge-csv.ts';
import { mergedPage } from '../../report/plan/merge-page.ts';
import { checkNumerics } from '../../study/plan/plan.ts';
import { mergedMarkdown, stateLines } from '../../report/plan/merge-text.ts';
import type { PlanFolder } from '../../study/plan/plan-folder.ts';

/**
 * Returns what there is to say. Same results, same bytes.
 *
 * @throws UserError for a plan of other numerics.
 */
export function mergeFolder(folder: PlanFolder): string {
  const plan = folder.readPlan();
  checkNumerics(plan);
  const merged = merge(plan, (id) => folder.result(id));
  const written = [
    folder.write('results.md', mergedMarkdown(merged)),
    folder.write('results.csv', mergedCsv(merged)),
    folder.write('seeds.csv', seedsCsv(merged)),
    folder.write('report.html', mergedPage(merged)),
  ];
  return [...stateLines(merged), ...written.map((path) => `written: ${path}`)].join('\n');
}
