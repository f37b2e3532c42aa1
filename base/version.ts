/** The processor this runs on: published figures name it beside the version. */

import { cpus } from 'node:os';

export function cpuName(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'} (${cpus().length} cores)`;
}
