/** This library as a competitor in a process of its own. */
import { packageVersion } from '../../base/package-version.ts';
import { openOurs } from './our-works.ts';
import type { Competitor } from './work.ts';

export function open(variant = ''): Promise<Competitor> {
  return openOurs(`limbeck ${packageVersion}`, variant);
}
