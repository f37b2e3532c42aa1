/** What a teacher is known by: a hash of everything that determines its bits. */
import type { Backend } from '../../engine/backend.ts';
import { numerics } from '../../engine/numerics.ts';
import type { PreparedData, SeedData } from '../data/prepared-data.ts';
import type { StudyConfig } from '../results.ts';
import { sha256 } from '../../base/sha256.ts';

/** Settings that a teacher does not depend on. What is not named here is part of its key, to be on the safe side. */
const ofStudents: readonly (keyof StudyConfig)[] = [
  'methods',
  'student',
  'epochs',
  'learningRate',
  'rule',
  'deviations',
  'quantile',
  'threshold',
  'outlierBranch',
  'eps',
  'teacherWeight',
  'trainFraction',
  'validationShare',
  'steps',
  'perturbation',
  'sigma',
  'slopes',
  'abm',
  'ascentSteps',
  'ascentSize',
  'pmWeight',
  'abmWeight',
  'gmWeight',
  'sought',
  'directSteps',
  'directSize',
  'generatorEvery',
  'impressionSteps',
  'file',
  'seeds',
  'seed',
  'batchSeeds',
  'device',
];

export interface TeacherTask {
  readonly config: StudyConfig;
  readonly data: PreparedData;
  readonly backend: Backend;
}

/** Of every seed: the hash of its data, its settings, the adapter, and which numbers this version computes. */
export function teacherKeys({ config, data, backend }: TeacherTask): Promise<string[]> {
  const settings = Object.entries(config).filter(([name]) => !ofStudents.includes(name as keyof StudyConfig));
  const common = [numerics, backend.kind, backend.name, settings.toSorted(([a], [b]) => (a < b ? -1 : 1))];
  return Promise.all(
    data.each.map(async (seed) => {
      const parts = [...common, seed.seed, await hashesOf(seed)];
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
