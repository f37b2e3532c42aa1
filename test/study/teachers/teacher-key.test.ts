/** What a teacher is known by: what is set of its data, of itself and of its training, and nothing of students. */
import { expect, test } from 'vitest';
import { keyOf } from '../../../base/option.ts';
import { prepareData } from '../../../study/data/prepared-data.ts';
import { type DataKind, dataKindOf } from '../../../study/data/kinds/all.ts';
import { options, type StudyOption } from '../../../study/options/option-list.ts';
import { defaultsOf } from '../../../study/options/study-defaults.ts';
import type { StudyConfig } from '../../../study/results.ts';
import { teacherKeys } from '../../../study/teachers/teacher-key.ts';
import { teacherKeyOptions } from '../../../study/teachers/teacher-options.ts';
import { cpu } from '../../backends.ts';

const small: Partial<StudyConfig> = { seeds: 1, trainRows: 12, testRows: 4, patches: 2, size: '16x16' };

/** Another value of an option than the one that it has. */
function changed({ kind, choices }: StudyOption, value: unknown): unknown {
  if (choices) return choices.find((choice) => choice !== value);
  if (kind === 'columns' || kind === 'methods') return ['another'];
  return typeof value === 'number' ? value + 1 : `${String(value)}, another`;
}

test.each<DataKind>(['sinusoid', 'eyes'])(
  '%s: every option changes it, or none does, by its owner',
  async (data) => {
    const config = { ...defaultsOf(data), ...small };
    // Of one and the same data: what is set of them counts by itself.
    const prepared = await prepareData(config, [0], cpu);
    const keyFor = async (given: StudyConfig) =>
      (await teacherKeys({ config: given, data: prepared, backend: cpu }))[0];
    const key = await keyFor(config);
    expect(await keyFor({ ...config })).toBe(key);
    const own = [
      ...[...Object.keys(dataKindOf(config).options), ...Object.keys(teacherKeyOptions)],
      ...['task', 'teacherSeed'],
    ];
    const found: string[] = [];
    for (const option of options.filter((each) => each.key !== undefined)) {
      const other = { ...config, [option.key!]: changed(option, config[option.key!]) };
      if ((await keyFor(other)) !== key) found.push(keyOf(option));
    }
    expect(found.toSorted()).toEqual([...new Set(own)].toSorted());
    for (const name of [
      'teacher',
      'teacherMode',
      'batchSize',
      'math',
      'noise',
      'trainRows',
      'teacherSchedule',
      'teacherCheckpoint',
    ])
      expect(found).toContain(name);
    for (const name of ['student', 'sigma', 'eps', 'hintWeight', 'rule', 'seeds', 'device'])
      expect(found).not.toContain(name);
    prepared.dispose();
  },
);

test('and so does the kind of data', async () => {
  const config = { ...defaultsOf('sinusoid'), ...small };
  const prepared = await prepareData(config, [0], cpu);
  const keys = [config, { ...config, data: 'eyes' as const }].map((given) =>
    teacherKeys({ config: given, data: prepared, backend: cpu }),
  );
  const [[first], [second]] = (await Promise.all(keys)) as [[string], [string]];
  expect(first).not.toBe(second);
  prepared.dispose();
});
