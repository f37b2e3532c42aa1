/** stub */
import type { Merged } from './merge.ts';
export function mergedPage(merged: Merged): string {
  return merged.plan.name;
}
