/** A seed's network as the file that is saved of it. */
import { saveTensors } from '../engine/files/checkpoint.ts';
import { type StudyNetworks, tensorsOf } from '../models/network.ts';
import { columnNames } from './data/column-names.ts';
import type { PreparedData } from './data/prepared-data.ts';
import { networkMetadata } from './network-description.ts';
import type { StudyConfig } from './results.ts';
import type { StudyInput } from './study-input.ts';
import { teacherSteps } from './teachers/teacher.ts';

export interface SavedOf {
  readonly config: StudyConfig;
  readonly input: StudyInput;
  readonly data: PreparedData;
  readonly method: string;
  /** The seed's place. */
  readonly index: number;
}

export async function networkBytes(
  networks: StudyNetworks,
  { config, input, data, method, index }: SavedOf,
): Promise<Uint8Array<ArrayBuffer>> {
  const saved = tensorsOf(networks, index);
  const names = columnNames(config, input);
  const folds = method === 'teacher' ? teacherSteps(config).networks : 1;
  const metadata = networkMetadata(method, data.each[index]!, { config, names, folds });
  const weights = await saveTensors(saved.tensors, metadata);
  saved.dispose();
  return weights;
}
