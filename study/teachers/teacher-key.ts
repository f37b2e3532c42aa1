/** What a teacher is known by: a hash of everything that determines its bits. */
import { type Options, valuesFor } from '../../base/option.ts';
import type { Backend } from '../../engine/backend.ts';
import { numerics } from '../../engine/numerics.ts';
import type { PreparedData, SeedData } from '../data/prepared-data.ts';
import type { StudyConfig } from '../results.ts';
import { sha256 } from '../../base/sha256.ts';
import { dataKindOf } from '../data/kinds/all.ts';
import { teacherKeyOptions, teacherSeedOf } from './teacher-options.ts';

export interface TeacherTask {
  readonly config: StudyConfig;
  readonly data: PreparedData;
  readonly backend: Backend;
}

/** Files by name, wherever they are kept: those of one version of this library, whose arithmetic may change. */
export interface TeacherCache {
  /** Undefined if there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** A reader meanwhile finds the whole file or none. */
  write(key: string, bytes: Uint8Array): Promise<void>;
}

/** Of every seed: the hash of its data, of what is set of data and teacher, of the adapter and the numerics. */
export function teacherKeys({ config, data, backend }: TeacherTask): Promise<string[]> {
  const own: Options = { ...dataKindOf(config).options, ...teacherKeyOptions };
  const settings = Object.entries(valuesFor(own, { ...config }));
  const common = [
    numerics,
    backend.kind,
    backend.name,
    config.data,
    ...(config.task === '' ? [] : [config.task]),
    settings.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return Promise.all(
    data.each.map(async (seed) => {
      const parts = [...common, teacherSeedOf(config, seed.seed), await hashesOf(seed)];
      return sha256(new TextEncoder().encode(JSON.stringify(parts)));
    }),
  );
}

/** Of what the teacher learns from, which of it belongs together, and what its curve is measured on. */
function hashesOf({ x, label, extras, dataset: { train, test } }: SeedData): Promise<string[]> {
  const lists = [
    x,
    label,
    test.x,
    test.y,
    ...(extras ? [extras] : []),
    ...(test.extras ? [test.extras] : []),
    ...(train.groups ? [new TextEncoder().encode(JSON.stringify(train.groups))] : []),
  ];
  return Promise.all(
    lists.map(({ buffer, byteOffset, byteLength }) => sha256(new Uint8Array(buffer, byteOffset, byteLength))),
  );
}
