/** Teachers that a study does not train: columns of the table, and networks that an earlier study has saved. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableDataset } from '../../../datasets/table-dataset.ts';
import { uniformValues } from '../../../engine/random.ts';
import { main as distill } from '../../../cli/distill.ts';
import { main as study } from '../../../cli/study/study.ts';
import type { Summary } from '../../../study/results.ts';
import type { ScaledColumns } from '../../../study/network-description.ts';
import { madeWeights, tableDescription } from '../../made-network.ts';

const MEANS = [2000, 0, -5];
const NAMES = ['a', 'b', 'c', 'y', 'z', 'copy', 'other'];

/** y and z of inputs far from standardised; a copy of y, and what a teacher might say of z. */
function rowsOf(count: number): number[][] {
  const random = uniformValues(3 * count, { seed: 5 });
  return Array.from({ length: count }, (_, i) => {
    const [u, v, w] = [0, 1, 2].map((k) => random[3 * i + k]!) as [number, number, number];
    const [y, z] = [100 + 8 * u - 3 * v * w, u * v];
    return [MEANS[0]! + 9 * u, v, MEANS[2]! + w / 100, y, z, y, z + 0.125];
  });
}

let folder = '';
const at = (...names: string[]) => join(folder, ...names);
const teacherOf = (run: string, seed = 0) => at(run, 'weights', `teacher-seed${seed}.safetensors`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limbeck-teachers-'));
  const csv = (rows: (number | '')[][]) => [NAMES, ...rows].map((row) => row.join(',')).join('\n');
  const rows = rowsOf(60);
  writeFileSync(at('t.csv'), csv(rows));
  // Other statistics, and a prediction that is missing.
  writeFileSync(at('part.csv'), csv(rows.slice(0, 40)));
  writeFileSync(at('gap.csv'), csv(rows.map((row, i) => (i === 7 ? row.with(5, NaN) : row))));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COLUMNS = '--columns=a,b,c,y';

/** The usual words but for options that others set too: lists would add up. */
function overruled(usual: readonly string[], others: readonly string[]): string[] {
  const nameOf = (word: string) => word.split('=')[0];
  return [...usual.filter((word) => !others.some((other) => nameOf(other) === nameOf(word))), ...others];
}

/** A tiny study on the CPU. */
async function run(out: string, ...argv: string[]) {
  const [lines, errors] = [[] as string[], [] as string[]];
  const given = argv.some((word) => word.startsWith('--data')) ? argv : [`--data=${at('t.csv')}`, ...argv];
  const code = await distill(
    [
      '--epochs=2',
      '--batch-size=16',
      '--student=mlp:4',
      '--json',
      `--out=${at(out)}`,
      '--device=cpu',
      ...given,
    ],
    {
      stdout: { write: (text: string) => lines.push(text) },
      stderr: { write: (text: string) => errors.push(text) },
    },
  );
  const summary = code === 0 ? (JSON.parse(lines.at(-1)!) as Summary) : undefined;
  const row = (method: string) => summary!.rows.find((each) => each.method === method)!;
  return { code, row, stderr: errors.join(''), summary: summary! };
}

/** Of the run with a trained teacher that others take. */
let trained: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  const teacher = ['--teacher=mlp:8', '--teacher-epochs=20'];
  trained = await run('trained', COLUMNS, ...teacher, '--methods=imitation,hint', '--seeds=1');
  expect(trained.code, trained.stderr).toBe(0);
});

describe('columns', () => {
  const copied = ['--columns=a,b,c,y,copy', '--target=y', '--teacher-column=copy', '--seeds=2'];

  test('that hold the labels make imitation what scratch is, bit for bit', async () => {
    const { row, summary } = await run('copy', ...copied, '--methods=scratch,imitation,tor,ail');
    expect(row('imitation').weightsSha256).not.toEqual([]);
    for (const method of ['imitation', 'tor']) expect(row(method).perSeed).toEqual(row('scratch').perSeed);
    const tensorsOf = (method: string) => {
      const bytes = readFileSync(at('copy', 'weights', `${method}-seed1.safetensors`));
      return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
    };
    expect(tensorsOf('imitation')).toEqual(tensorsOf('scratch'));
    expect(row('teacher')).toMatchObject({ mean: 0, params: null, seconds: null, weightsSha256: [] });
    expect(summary.mask.rejected).toBe(0);
    expect(readdirSync(at('copy', 'weights'))).toHaveLength(8);
    const config = JSON.parse(readFileSync(at('copy', 'config.json'), 'utf8'));
    expect(config.networks).toMatchObject({ teacher: '', teacherColumn: ['copy'] });
  });

  test('one for each target, in their own units', async () => {
    const both = ['--target=y,z', '--teacher-column=copy,-1', '--methods=imitation', '--seeds=1'];
    const { row } = await run('both', ...both);
    const [y, z] = row('teacher').targets!;
    expect(y!.rmse).toBe(0);
    expect([z!.rmse, z!.mae]).toEqual([expect.closeTo(0.125, 12), expect.closeTo(0.125, 12)]);
    const config = JSON.parse(readFileSync(at('both', 'config.json'), 'utf8'));
    expect(config.networks.teacherColumn).toEqual(['copy', 'other']);
  });

  test('rows without a prediction are left out as those without a label are', async () => {
    const values = Float64Array.from(rowsOf(60).flatMap((row, i) => (i === 7 ? row.with(5, NaN) : row)));
    const table = { columns: NAMES, rows: 60, values };
    const random = { uniform: (n: number) => uniformValues(n), normal: () => Promise.reject(new Error()) };
    const options = { random, target: 'y', teacher: ['copy'] };
    expect(() => tableDataset(table, options)).toThrow(
      "column 'copy' has a missing number in row 7 (from 0)",
    );
    const { train, test: held } = tableDataset(table, { ...options, missing: 'mean' });
    expect([train.rows + held.rows, train.inputs]).toEqual([59, NAMES.length - 2]);
    expect([train.teacher, held.teacher]).toEqual([train.y, held.y]);
  });

  test.each([
    [['--methods=tor+pm+gm'], "'tor+pm+gm' asks the teacher at points of its own, and --teacher-column copy"],
    [['--methods=sampling'], "'sampling' asks the teacher at points of its own"],
    [['--methods=scratch,hint'], "'hint' learns from the teacher's features"],
    [['--methods=rkd'], 'wants --teacher FILE.safetensors, or a teacher that is trained'],
    [['--methods=ensemble'], "'ensemble' learns from several teachers"],
    [['--teacher=mlp:3'], '--teacher and --teacher-column both name a teacher'],
    [['--teacher-mode=plain'], '--teacher-mode is about a teacher to train'],
    [['--teacher-column=y'], "teacher's column: 'y' is a target; name another column, or other targets"],
    [['--teacher-column=coyp'], "there is no column 'coyp', did you mean 'copy'?"],
    [['--teacher-column=a,b'], "teacher's column: 2 named; wants one for each target, in their order: y"],
    [['--data=sinusoid'], 'belongs to --data FILE.csv, not to sinusoid'],
    [['--data=eyes'], 'belongs to --data FILE.csv, not to eyes'],
    [['--data=MISSING'], "column 6 ('copy'): 'NaN' is a missing number; fill in a number, remove the row"],
  ])('%j is refused', async (argv, message) => {
    const given = argv.map((word) => word.replace('MISSING', at('gap.csv')));
    const own = given.some((word) => /sinusoid|eyes/.test(word)) ? ['--teacher-column=copy'] : copied;
    const { code, stderr } = await run('refused', ...overruled(own, given));
    expect(stderr).toContain(message);
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  });
});

describe('files', () => {
  test('the same teacher, and the same students, without training it', async () => {
    const same = [COLUMNS, '--methods=imitation,hint', '--seeds=1', `--teacher=${teacherOf('trained')}`];
    const { row, code, stderr } = await run('file', ...same);
    expect(code, stderr).toBe(0);
    for (const method of ['teacher', 'imitation', 'hint'])
      expect(row(method).mean / trained.row(method).mean).toBeCloseTo(1, 6);
    const [own, before] = [row('teacher'), trained.row('teacher')];
    expect(own).toMatchObject({ params: before.params, seconds: null, weightsSha256: [] });
    const config = JSON.parse(readFileSync(at('file', 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      networks: { teacher: teacherOf('trained') },
      read: {
        teacherFile: { method: 'teacher', seed: 0, network: 'mlp:8:tanh', sha256: before.weightsSha256[0] },
      },
    });
  });

  test('in other units it is the same function: its errors are those of its numbers by hand', async () => {
    const argv = [`--data=${at('part.csv')}`, COLUMNS, '--seeds=2', '--seed=6', '--methods=imitation'];
    const { row } = await run('other', ...argv, `--teacher=${teacherOf('trained')}`);
    const { weights, inputs, targets } = readMlp(teacherOf('trained'));
    const errorOf = (seed: number) => {
      const values = Float64Array.from(rowsOf(40).flatMap((each) => each.slice(0, 4)));
      const random = {
        uniform: (count: number, call: number) => uniformValues(count, { seed, stream: 'data', call }),
        normal: () => Promise.reject(new Error('not needed')),
      };
      const { test: held } = tableDataset({ columns: NAMES.slice(0, 4), rows: 40, values }, { random });
      const target = targets as ScaledColumns;
      const squares = Array.from({ length: held.rows }, (_, i) => {
        const x = inputs.mean.map((mean, k) => (held.x[3 * i + k]! - mean) / inputs.deviation[k]!);
        const hidden = weights.bias.map((b, j) =>
          Math.tanh(x.reduce((sum, value, k) => sum + value * weights.weight[8 * k + j]!, b)),
        );
        const out = hidden.reduce((sum, value, j) => sum + value * weights.last[j]!, weights.lastBias);
        return (out * target.deviation[0]! + target.mean[0]! - held.y[i]!) ** 2;
      });
      return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / held.rows);
    };
    for (const [i, seed] of [6, 7].entries())
      expect(row('teacher').perSeed[i]! / errorOf(seed)).toBeCloseTo(1, 8);
  });

  test('as a function for every method: add-ons, features, no data', async () => {
    const file = [`--data=${at('part.csv')}`, COLUMNS, '--seeds=2', `--teacher=${teacherOf('trained')}`];
    const all = await run('methods', ...file, '--epochs=1', '--methods=tor+pm+abm+gm,hint,rkd');
    expect(all.code, all.stderr).toBe(0);
    const none = await run('none', ...file, '--train-fraction=0', '--steps=2', '--methods=sampling,direct');
    expect(none.summary.rows.map(({ method }) => method)).toEqual(['teacher', 'sampling', 'direct']);
  });

  test('of several networks their mean, and their variance', async () => {
    const several = [COLUMNS, '--teacher=mlp:3', '--teacher-mode=ensemble', '--teacher-steps=9', '--seeds=1'];
    const before = await run('several', ...several, '--methods=ensemble');
    const file = [COLUMNS, `--teacher=${teacherOf('several')}`, '--seeds=1'];
    const { row } = await run('again', ...file, '--methods=ensemble,imitation+gm');
    for (const method of ['teacher', 'ensemble'])
      expect(row(method).mean / before.row(method).mean).toBeCloseTo(1, 5);
    const { stderr } = await run('features', ...file, '--methods=hint');
    expect(stderr).toMatch(/'hint' wants the features of one teacher, and .* holds several\n$/);
  });

  test('a sinusoid has columns, too, and its teacher a curve', async () => {
    const small = ['--data=sinusoid', '--train-rows=20', '--test-rows=9', '--seeds=1', '--methods=imitation'];
    const before = await run('wave', ...small, '--teacher=mlp:5', '--teacher-steps=5');
    const { row } = await run('wave2', ...small, `--teacher=${teacherOf('wave')}`);
    expect(row('teacher').mean / before.row('teacher').mean).toBeCloseTo(1, 6);
  });

  test.each([
    [['--teacher=/nowhere/x.safetensors'], 'cannot read /nowhere/x.safetensors: no such file or directory'],
    [['--teacher=CUT'], 'cut.safetensors is no safetensors file, or damaged: '],
    [['--teacher=IMAGES'], 'images.safetensors is for images; wants a network for tables'],
    [['--columns=a,c,b,y'], "its inputs are in another order: number 2 is 'b', and 'c' in the study"],
    [
      ['--columns=a,b,y'],
      "its inputs are not those of the study: it has 'c' besides; --columns and --target",
    ],
    [['--columns=a,b,c,other,z,y'], "its inputs are not those of the study: it lacks 'other', 'z'; "],
    [['--columns=a,b,c,z'], "its targets are not those of the study: it lacks 'z' and it has 'y' besides"],
    [['--methods=ensemble'], 'is one; wants a file of --teacher-mode ensemble'],
    [['--teacher-epochs=2'], '--teacher-epochs is about a teacher to train, and it comes from '],
    [['--student=x.safetensors'], "--student: unknown network 'x.safetensors'"],
    [['--data=eyes', '--columns'], 'is for tables; a study of images trains its teacher, such as lenet:0.5'],
  ])('%j is refused', async (argv, message) => {
    const whole = readFileSync(teacherOf('trained'));
    writeFileSync(at('cut.safetensors'), whole.subarray(0, whole.length - 9));
    const image = { image: { height: 1, width: 3 } };
    writeFileSync(at('images.safetensors'), await madeWeights({ ...tableDescription, ...image }));
    const isOfEyes = argv.includes('--data=eyes');
    const given = argv
      .filter((word) => word !== '--columns')
      .map((word) => word.replace('CUT', at('cut.safetensors')).replace('IMAGES', at('images.safetensors')));
    const own = [`--teacher=${teacherOf('trained')}`, ...(isOfEyes ? [] : [COLUMNS])];
    const { code, stderr } = await run('refused', ...overruled(own, given));
    expect(stderr).toContain(message);
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  });
});

test('a planned study takes both, and tells them apart', async () => {
  const base = { data: at('t.csv'), target: 'y', seeds: 1, epochs: 1, device: 'cpu', methods: ['imitation'] };
  const grid = {
    teachers: [
      { columns: ['a', 'b', 'c', 'y'], teacher: 'mlp:4', 'teacher-epochs': 1 },
      { columns: ['a', 'b', 'c', 'y'], teacher: teacherOf('trained') },
      { columns: ['a', 'b', 'c', 'y', 'copy'], 'teacher-column': 'copy' },
    ],
  };
  writeFileSync(at('study.json'), JSON.stringify({ name: 'teachers', base, grid }));
  const quiet = { stdout: { write: () => true }, stderr: { write: () => true } };
  for (const argv of [
    ['plan', at('study.json'), '--out', at('plan')],
    ['run', at('plan'), '--all'],
  ])
    expect(await study(argv, quiet)).toBe(0);
  expect(await study(['merge', at('plan')], quiet)).toBe(0);
  expect(readdirSync(at('plan', 'teachers'), { recursive: true })).toHaveLength(2);
  const lines = readFileSync(at('plan', 'results.csv'), 'utf8').split('\n');
  const teachers = lines.filter((line) => line.split(',').includes('teacher'));
  expect(teachers).toHaveLength(3);
});

/** A file of `mlp:8` with one target. */
function readMlp(path: string) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  const numbers = (name: string) => {
    const [from, to] = header[name].data_offsets as [number, number];
    return Array.from({ length: (to - from) / 4 }, (_, i) => bytes.readFloatLE(start + from + 4 * i));
  };
  const { inputs, targets } = JSON.parse(header.__metadata__.limbeck) as typeof tableDescription;
  const [lastBias] = numbers('label.0.bias') as [number];
  const weights = {
    weight: numbers('trunk.0.weight'),
    bias: numbers('trunk.0.bias'),
    last: numbers('label.0.weight'),
  };
  return { weights: { ...weights, lastBias }, inputs, targets };
}
