/** What a study does where nothing else is asked for, by its data: what the options' owners declare. */
import { type DataKind, dataKinds, dataOption } from '../data/kinds/all.ts';
import { keyOf } from '../../base/option.ts';
import type { StudyConfig } from '../results.ts';
import { options } from './option-list.ts';

export function defaultsOf(data: DataKind): StudyConfig {
  const declared = options.flatMap(({ key, default: value }) =>
    key === undefined || value === undefined ? [] : [[key, value] as const],
  );
  const overruled = (dataKinds.get(data)!.defaults ?? []).map(
    ({ option, value }) => [keyOf(option), value] as const,
  );
  // Every option has its key, and what may be left out has no default: see the test of declarations.
  return { data, file: '', ...Object.fromEntries([...declared, ...overruled]) } as StudyConfig;
}

export const defaults: StudyConfig = defaultsOf(dataOption.default!);

export const tableDefaults: StudyConfig = defaultsOf('table');
