/** A seed's network as the file that is saved of it. */
import { packageVersion } from '../base/package-version.ts';
import type { Scale } from '../datasets/dataset.ts';
import { saveTensors } from '../engine/files/checkpoint.ts';
import { type StudyNetworks, tensorsOf } from '../models/network.ts';
import { type CodingJson, isOfClasses } from '../tasks/coding.ts';
import { type ColumnNames, columnNames } from './data/column-names.ts';
import type { PreparedData, SeedData } from './data/prepared-data.ts';
import {
  KEY,
  type NetworkDescription,
  type ScaledColumns,
  type TargetColumns,
} from './network-description.ts';
import type { StudyConfig } from './results.ts';
import { networkOfRow } from './rows.ts';
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

/** Angles of the head beside a picture, in degrees. */
const POSE = ['head pitch', 'head yaw'];

/** Metadata for a safetensors file of so many networks: JSON, in which float64 numbers are written so that they are read back exactly. */
function networkMetadata(
  method: string,
  seedData: SeedData,
  { config, names, folds }: { config: StudyConfig; names: ColumnNames; folds: number },
): Record<string, string> {
  const { seed, dataset, xScale, coding, extrasScale } = seedData;
  const { inputs, targets } = names;
  const { image, pictures, filling } = dataset;
  const size = image ?? pictures;
  const description: NetworkDescription = {
    limbeck: packageVersion,
    method,
    seed,
    network: networkOfRow(method, config),
    ...(config.math === 'native' ? { math: 'native' } : {}),
    folds,
    inputs: scaled(inputs, xScale),
    ...(filling ? { filling } : {}),
    ...(size
      ? {
          image: {
            ...(image && image.channels > 1 ? { channels: image.channels } : {}),
            height: size.height,
            width: size.width,
          },
        }
      : {}),
    ...(extrasScale ? { extras: scaled(POSE, extrasScale) } : {}),
    targets: targetColumns(targets, coding.toJSON()),
  };
  return { [KEY]: JSON.stringify(description) };
}

function targetColumns(names: readonly string[], json: CodingJson): TargetColumns {
  return isOfClasses(json) ? { names, ...json } : scaled(names, json);
}

function scaled(names: readonly string[], { mean, deviation }: Scale): ScaledColumns {
  if (names.length !== mean.length)
    throw new Error(`${mean.length} columns are called ${names.join(', ')}; wants a name for each`);
  return { names, mean, deviation };
}
