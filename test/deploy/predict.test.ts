/** What a study has saved, used again: the description in the file, the same predictions, and the command. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../datasets/dataset.ts';
import { randomSplit } from '../../datasets/row-splits.ts';
import { uniformValues } from '../../engine/random.ts';
import { decodeSafetensors, encodeSafetensors } from '../../engine/files/safetensors.ts';
import { writeDataset } from '../../tools/data/make.ts';
import { mpiigazeFiles } from '../../tools/data/make-mpiigaze.ts';
import { configFor } from '../../study/options/input-config.ts';
import { packageVersion } from '../../base/package-version.ts';
import { main } from '../../cli/predict.ts';
import { prepareData } from '../../study/data/prepared-data.ts';
import { targetScores } from '../../deploy/prediction-scores.ts';
import type { FittedCurve, MethodResult, StudyConfig, TestPredictions } from '../../study/results.ts';
import { predictRows, readNetwork } from '../../study/saved-network.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { runStudy } from '../../study/study.ts';
import { gpu } from '../backends.ts';
import { imageDescription, madeWeights, tableDescription } from '../made-network.ts';
import { quietHooks } from '../quiet-hooks.ts';

test('the version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(packageVersion).toBe(version);
});

const tiny: Partial<StudyConfig> = { epochs: 2, teacherEpochs: 2, batchSize: 16, seed: 5, seeds: 2 };

/** Every network that a study saves, with what the study says of it. */
async function study(given: Partial<StudyConfig>, table?: Table) {
  const config = configFor({ ...defaultsOf(given.data ?? 'sinusoid'), ...tiny, ...given }, { table });
  const saved: { result: MethodResult; weights: Uint8Array }[] = [];
  await runStudy(
    config,
    quietHooks({ onNetwork: async (result, weights) => void saved.push({ result, weights }) }),
    { table },
  );
  return { config, saved };
}

const table: Table = {
  columns: ['a', 'price', 'b', 'age'],
  rows: 50,
  values: Float64Array.from({ length: 200 }, (_, i) => (i % 4 === 1 ? 1e4 : 1) * Math.sin(i * i) + i / 3),
};

describe('networks of a study', () => {
  test.each<Partial<StudyConfig>>([
    {
      data: 'table',
      target: ['price', 'age'],
      teacher: 'mlp:8',
      student: 'mlp:6,4:gelu',
      methods: ['tor-dual'],
      teacherMode: 'out-of-fold',
    },
    {
      data: 'sinusoid',
      teacher: 'mlp:8',
      student: 'mlp:4',
      methods: ['ensemble', 'tor+pm'],
      teacherMode: 'ensemble',
      trainFraction: 0.5,
    },
    {
      data: 'eyes',
      size: '20x18',
      trainRows: 24,
      testRows: 7,
      patches: 5,
      seeds: 1,
      teacher: 'resnet8:0.2',
      student: 'lenet:0.1',
      methods: ['tor'],
      teacherMode: 'out-of-fold',
    },
  ])('$data: read again they predict the same bits', async (given) => {
    const input = { table: given.data === 'table' ? table : undefined };
    const { config, saved } = await study(given, input.table);
    expect(saved).toHaveLength((1 + config.methods.length) * config.seeds);
    const backend = await gpu();
    for (const { result, weights } of saved) {
      const network = readNetwork(weights, 'weights');
      const { each, grid } = await prepareData(config, [result.seed], backend, input);
      const { dataset, xScale, coding, extrasScale } = each[0]!;
      const { test: held } = dataset;
      expect(network.description).toMatchObject({
        limbeck: packageVersion,
        method: result.method,
        seed: result.seed,
        folds: result.method === 'teacher' ? 5 : 1,
        // Exactly: as numbers, not nearly.
        inputs: { mean: xScale.mean, deviation: xScale.deviation },
        targets: coding.toJSON(),
      });
      expect(network.description.extras?.mean).toEqual(extrasScale?.mean);
      const rows = grid ? { x: Float64Array.from(grid.x) } : held;
      const predicted = await predictRows(network, rows, backend);
      const shown = result.fit as FittedCurve | TestPredictions;
      expect([...predicted]).toEqual(shown.kind === 'curve' ? shown.y : shown.predicted);
    }
  });

  test.each(['mean', 'median'] as const)(
    'know the %s of the training part, for missing inputs',
    async (missing) => {
      const values = table.values.map((value, i) => (i % 4 === 0 && i % 3 === 0 ? NaN : value));
      const gappy = { ...table, values };
      const given: Partial<StudyConfig> = {
        ...{ data: 'table', target: ['age'], methods: ['tor'], missing },
        ...{ teacher: 'mlp:4', student: 'mlp:4' },
      };
      const { config, saved } = await study(given, gappy);
      // Seed by seed: of the rows that its split trains on, without those that are filled.
      for (const { result, weights } of saved) {
        const random = {
          uniform: (count: number, call: number) => uniformValues(count, { seed: result.seed, call }),
        };
        const { train } = randomSplit(50, { random, testShare: config.testShare });
        const known = [0, 1, 2].map((column) =>
          [...train]
            .map((row) => values[4 * row + column]!)
            .filter((value) => !Number.isNaN(value))
            .toSorted((a, b) => a - b),
        );
        const wanted = known.map((own) =>
          missing === 'mean'
            ? own.reduce((sum, value) => sum + value, 0) / own.length
            : (own[Math.floor((own.length - 1) / 2)]! + own[Math.ceil((own.length - 1) / 2)]!) / 2,
        );
        const { filling } = readNetwork(weights, 'weights').description;
        expect(filling!.by).toBe(missing);
        for (const [j, value] of filling!.values.entries()) expect(value).toBeCloseTo(wanted[j]!, 9);
      }
      const { saved: whole } = await study({ ...given, missing: 'drop' }, gappy);
      expect(readNetwork(whole[0]!.weights, 'weights').description).not.toHaveProperty('filling');
    },
  );

  test('say in words what goes in and what comes out', async () => {
    const { saved } = await study(
      { ...{ data: 'table', target: ['age'], seeds: 1, methods: ['tor'] }, student: 'mlp:4' },
      table,
    );
    const names = saved.map(({ weights }) => {
      const { network, inputs, targets, image } = readNetwork(weights, 'weights').description;
      return [network, inputs.names, targets.names, image];
    });
    expect(names).toEqual([
      ['mlp:100,100:tanh', ['a', 'price', 'b'], ['age'], undefined],
      ['mlp:4:tanh', ['a', 'price', 'b'], ['age'], undefined],
    ]);
  });
});

test('errors by hand', () => {
  const predicted = Float64Array.of(1, 9, 2, 9, 6, 9);
  expect(targetScores(['a', 'b'], predicted, [Float64Array.of(1, 3, 5), Float64Array.of(8, NaN, 8)])).toEqual(
    [
      { target: 'a', rows: 3, rmse: Math.sqrt(2 / 3), mae: 2 / 3, r2: 0.75 },
      { target: 'b', rows: 2, rmse: 1, mae: 1, r2: null },
    ],
  );
  expect(targetScores(['a', 'b'], predicted, [undefined, undefined])).toEqual([]);
});

let base = '';
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-predict-'));
  const write = async (path: string, changes: object, description = tableDescription) =>
    writeFileSync(join(base, path), await madeWeights({ ...description, ...changes }));
  for (const folder of ['run', 'plain', 'empty'])
    mkdirSync(join(base, folder, 'weights'), { recursive: true });
  await write('run/weights/tor-dual-seed10.safetensors', { seed: 10 });
  await write('run/weights/tor-dual-seed9.safetensors', { seed: 9 });
  await write('run/weights/tor-seed9.safetensors', { method: 'tor' });
  await write('plain/weights/teacher-seed0.safetensors', { method: 'teacher' });
  await write('plain/weights/scratch-seed0.safetensors', { method: 'scratch' });
  await write('plain/weights/imitation-seed0.safetensors', { method: 'imitation' });
  writeFileSync(join(base, 'plain/config.json'), '{ "methods": ["imitation", "scratch"] }');
  const { tensors } = decodeSafetensors(await madeWeights(tableDescription));
  writeFileSync(join(base, 'foreign.safetensors'), encodeSafetensors(tensors, { format: 'pt' }));
  writeFileSync(join(base, 'later.safetensors'), encodeSafetensors(tensors, { limbeck: '{"method":1}' }));
  await write('images.safetensors', {}, { ...imageDescription, image: { height: 18, width: 30 } });
  writeFileSync(
    join(base, 'full.csv'),
    'depth,age,"size, m²",note,year,price\n-123456,-2,0.1,"a, b",2001,170\n-123457,-1.5,0.101,,2012,190\n',
  );
  writeFileSync(join(base, 'bare.csv'), 'year;depth;size, m²\n2001;-123456;0,1\n2012;-123457;0,101\n');
  writeFileSync(join(base, 'gap.csv'), 'year,depth,"size, m²"\n1,2,3\n1,,3\n');
  writeFileSync(join(base, 'short.csv'), 'yaer,depth\n1,2\n');
  writeFileSync(join(base, 'numbers.csv'), '1,2,3\n');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function run(model: string, data: string, ...argv: string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const path = data.includes(':') ? data : join(base, data);
  const code = await main(['--model', join(base, model), '--data', path, '--device', 'cpu', ...argv], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

describe('the command', () => {
  test('predictions as CSV on stdout; what it did, and errors of the labels that are there, on stderr', async () => {
    const { code, stdout, stderr } = await run('run', 'full.csv');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^price,age\n-?[\d.]+,-?[\d.]+\n-?[\d.]+,-?[\d.]+\n$/);
    expect(stderr).toContain('tor-dual-seed9.safetensors: tor-dual, seed 9, mlp:8,6:tanh\n');
    expect(stderr).toContain('ignored columns: note\n');
    expect(stderr).toMatch(/target +rows +RMSE +MAE +R²\n.*\nprice .*\nage .*\n$/);
    // By name, whatever the order, the delimiter and the decimal sign.
    const bare = await run('run', 'bare.csv');
    expect(bare.stdout).toBe(stdout);
    expect(bare.stderr).not.toContain('RMSE');
    expect((await run('run', 'full.csv', '--ignore-labels')).stderr).toContain(
      'ignored columns: age, note, price\n',
    );
  });

  test('labels that are missing are left out', async () => {
    writeFileSync(
      join(base, 'some.csv'),
      'year,depth,"size, m²",price\n2001,-123456,0.1,\n2012,-123457,0.101,190\n',
    );
    const { code, stderr } = await run('run', 'some.csv');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\nprice +1 +[\d.]+ +[\d.]+ +–\n$/)]);
  });

  test('missing inputs are filled in as in training, if they were', async () => {
    const filling = { by: 'median', values: [2005, 0.1, -123456.5] } as const;
    writeFileSync(
      join(base, 'filling.safetensors'),
      await madeWeights({ ...tableDescription, filling: { by: 'median', values: [...filling.values] } }),
    );
    writeFileSync(join(base, 'gaps.csv'), 'year,depth,"size, m²",price\n2001,,0.1,\n,?,0.101,190\n');
    writeFileSync(
      join(base, 'filled.csv'),
      'year,depth,"size, m²",price\n2001,-123456.5,0.1,\n2005,-123456.5,0.101,190\n',
    );
    const [gaps, filled] = [
      await run('filling.safetensors', 'gaps.csv'),
      await run('filling.safetensors', 'filled.csv'),
    ];
    expect([gaps.code, gaps.stdout]).toEqual([0, filled.stdout]);
    expect(gaps.stderr).toContain(
      '3 missing inputs filled in with the median of the training part: year 1, depth 2\n',
    );
    expect(filled.stderr).not.toContain('filled in');
    expect(JSON.parse((await run('filling.safetensors', 'gaps.csv', '--json')).stdout)).toMatchObject({
      filled: 3,
    });
    for (const damaged of [{ by: 'mode', values: [1, 2, 3] }, { by: 'mean', values: [1, 2] }, 7]) {
      const changed = { ...tableDescription, filling: damaged } as typeof tableDescription;
      writeFileSync(join(base, 'damaged.safetensors'), await madeWeights(changed));
      expect((await run('damaged.safetensors', 'gaps.csv')).stderr).toContain(
        "metadata 'limbeck' are damaged",
      );
    }
  });

  test('a Parquet file, whose columns of text are not looked at', async () => {
    const columns = (names: string[]) => ({
      names,
      mean: names.map(() => 30),
      deviation: names.map(() => 9),
    });
    const changes = { inputs: columns(['i', 'few']), targets: columns(['half']) };
    writeFileSync(join(base, 'age.safetensors'), await madeWeights({ ...tableDescription, ...changes }));
    const file = fileURLToPath(new URL('../fixtures/parquet/row-groups.parquet', import.meta.url));
    const [out, err] = [[] as string[], [] as string[]];
    const streams = {
      stdout: { write: (text: string) => out.push(text) },
      stderr: { write: (text: string) => err.push(text) },
    };
    const options = ['--model', join(base, 'age.safetensors'), '--data', file, '--device', 'cpu'];
    expect(await main(options, streams), err.join('')).toBe(0);
    expect(err.join('')).toContain('ignored columns: person\n');
    expect(out.join('')).toMatch(/^half\n([\d.]+\n)+$/);
  });

  test('--out and --json', async () => {
    const out = join(base, 'predicted.csv');
    const { stdout } = await run('run', 'full.csv', '--out', out);
    expect(stdout).toMatch(/^target .*\n.*\nprice .*\nage .*\npredictions for 2 rows: .*predicted\.csv\n$/);
    const json = await run('run', 'full.csv', '--json', '--method', 'tor-dual', '--seed', '10');
    const result = JSON.parse(json.stdout);
    expect(result).toMatchObject({ method: 'tor-dual', seed: 10, rows: 2, ignored: ['note'] });
    expect(result.scores.map(({ target }: { target: string }) => target)).toEqual(['price', 'age']);
    const [first] = readFileSync(out, 'utf8').split('\n').slice(1);
    expect(first).toBe(`${result.predictions.price[0]},${result.predictions.age[0]}`);
  });

  test('the data are not overwritten', async () => {
    const { code, stderr } = await run('run', 'full.csv', '--out', join(base, 'run', '..', 'full.csv'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('is what --data reads; name another')]);
  });

  test('of a run without tor-dual the last method that it was asked for', async () => {
    expect((await run('plain', 'bare.csv')).stderr).toContain('scratch, seed 3');
    expect((await run('plain', 'bare.csv', '--method', 'teacher')).stderr).toContain('teacher, seed 3');
  });

  test.each([
    [
      'run',
      'full.csv',
      ['--method', 'tor-daul'],
      "has no 'tor-daul', did you mean 'tor-dual'? (it has tor, tor-dual)",
    ],
    ['run', 'full.csv', ['--seed', '3'], 'has no seed 3 of tor-dual (it has 9, 10)'],
    ['run', 'full.csv', ['--seed', 'x'], "--seed must be a whole number of at least 0, not 'x'"],
    ['run', 'full.csv', ['--header', 'maybe'], "--header: unknown value 'maybe' (known: auto, yes, no)"],
    [
      'run/weights/tor-seed9.safetensors',
      'full.csv',
      ['--method', 'tor'],
      '--method chooses among those of a run folder',
    ],
    ['empty', 'full.csv', [], 'has no weights yet'],
    [
      'nowhere',
      'full.csv',
      [],
      'no such file or directory; wants a run folder, or one of the files in its weights/',
    ],
    [
      'foreign.safetensors',
      'full.csv',
      [],
      'it was saved by other software, or by an earlier limbeck; run the study again',
    ],
    ['later.safetensors', 'full.csv', [], "its metadata 'limbeck' are damaged, or of a later limbeck"],
    ['full.csv', 'full.csv', [], 'full.csv is no safetensors file, or damaged: '],
    [
      'run',
      'short.csv',
      [],
      "the network wants columns 'year' (did you mean 'yaer'?), 'size, m²'; there are yaer, depth",
    ],
    ['run', 'numbers.csv', [], 'it has no header line, so that its columns are numbered (--header yes'],
    ['run', 'full.csv', ['--out', '/nowhere/at-all/x.csv'], "--out: there is no folder '/nowhere/at-all'"],
    [
      'run',
      'gap.csv',
      [],
      "gap.csv: column 'depth' has a missing number in row 1 (from 0); fill it in, remove the row, or train the network with --missing mean or median",
    ],
    ['run', '', [], 'is a folder; wants a file'],
    ['run', 'missing.csv', [], 'missing.csv: no such file or directory'],
    ['run', 'mpiigaze:x', [], "'mpiigaze:x' are images, and the network is for tables; wants a file"],
    ['images.safetensors', 'full.csv', [], 'the network is for images of 30x18; wants mpiigaze:FOLDER'],
    ['images.safetensors', 'mpiigaze:/nowhere', [], 'cannot be read: no such file'],
  ])('%s, %s, %j is refused', async (model, data, argv, message) => {
    const { code, stdout, stderr } = await run(model, data, ...argv);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^predict: /);
  });

  test('a folder of pictures, shrunk to the size that the network knows', async () => {
    const eyes = { seed: 3, persons: 2, days: 1, patches: 4, annotationError: 0, outlierShare: 0 };
    const { signal } = new AbortController();
    await writeDataset(join(base, 'eyes'), mpiigazeFiles(eyes), { signal, progress: { write: () => true } });
    const { code, stdout, stderr } = await run('images.safetensors', `mpiigaze:${join(base, 'eyes')}`);
    expect(code, stderr).toBe(0);
    expect(stdout.split('\n')).toHaveLength(1 + 8 + 1);
    expect(stdout).toMatch(/^person,pitch,yaw\np00,/);
    expect(stderr).toMatch(/8 pictures of 2 persons, 30×18[^]*mean angle to the labels: [\d.]+°\n$/);
  });
});
