/** What a study works on beside its configuration. */
import type { DataInput } from './data/seed-dataset.ts';
import type { SavedNetwork } from './network-file.ts';

/** For data and teachers that are read, what was read. */
export interface StudyInput extends DataInput {
  /** The one that `StudyConfig.teacher` names, if it names a file. */
  teacher?: SavedNetwork | undefined;
}
