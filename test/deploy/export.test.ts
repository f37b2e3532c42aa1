/** Exported networks against the engine: ONNX in ONNX Runtime, JavaScript by itself. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { uniformValues } from '../../engine/random.ts';
import { activations } from '../../models/layers.ts';
import { main } from '../../cli/export.ts';
import { javascriptModule } from '../../deploy/export/javascript.ts';
import { onnxModel } from '../../deploy/export/onnx.ts';
import { bytesField, floatField, integerField, message, textField } from '../../deploy/export/wire.ts';
import type { ScaledColumns } from '../../study/network-description.ts';
import type { SavedNetwork } from '../../study/network-file.ts';
import { type GivenRows, predictRows } from '../../study/saved-network.ts';
import { cpu, gpu } from '../backends.ts';
import { imageDescription, madeNetwork, madeWeights, tableDescription } from '../made-network.ts';

// Threads would outlive the tests.
ort.env.wasm.numThreads = 1;

const ROWS = 7;

/** float32 numbers, which every program is given alike. */
function rowsFor({ description: { inputs, image, extras } }: SavedNetwork): GivenRows {
  const spread = (count: number, { mean, deviation }: typeof inputs, call: number) =>
    uniformValues(count, { seed: 5, call }).map(
      (u, i) => mean[i % mean.length]! + 4 * (u - 0.5) * deviation[i % mean.length]!,
    );
  if (!image) return { x: spread(ROWS * inputs.names.length, inputs, 0) };
  const pixels = uniformValues(ROWS * image.height * image.width, { seed: 5 }).map((u) => 256 * u);
  const beside = extras && { extras: spread(ROWS * extras.names.length, extras, 1) };
  return { x: Uint8Array.from(pixels), ...beside };
}

async function onnxPredictions(saved: SavedNetwork, { x, extras }: GivenRows): Promise<number[]> {
  const { inputs, image, extras: columns } = saved.description;
  const session = await ort.InferenceSession.create(onnxModel(saved));
  const tensor = (values: Iterable<number>, ...shape: number[]) =>
    new ort.Tensor('float64', Float64Array.from(values), [ROWS, ...shape]);
  const feeds: ort.InferenceSession.OnnxValueMapType = image
    ? {
        image: new ort.Tensor('float32', Float32Array.from(x), [ROWS, 1, image.height, image.width]),
        ...(extras ? { extras: tensor(extras, columns!.names.length) } : {}),
      }
    : { x: tensor(x, inputs.names.length) };
  const { y } = await session.run(feeds);
  await session.release();
  expect(y!.dims).toEqual([ROWS, saved.description.targets.names.length]);
  return [...(y!.data as Float64Array)];
}

/** The largest difference, in deviations of the target. */
function difference(saved: SavedNetwork, a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { deviation } = saved.description.targets as ScaledColumns;
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!) / deviation[i % deviation.length]!));
}

const mlps = activations.map((name) => `mlp:8,6:${name}`);

const imageNetworks = [
  ...['lenet:0.2', 'resnet8:0.25', 'resnet14:0.25', 'mobilenet:0.5'],
  ...['resnet-cifar14:0.25', 'wrn-16-2:0.25', 'mobilenetv2:0.1'],
];

describe('ONNX', () => {
  test.each([...mlps, ...imageNetworks])(
    '%s predicts in ONNX Runtime what the engine predicts',
    async (network) => {
      const saved = await madeNetwork({ network });
      const rows = rowsFor(saved);
      const wanted = await predictRows(saved, rows, await gpu());
      expect(new Set(wanted).size).toBeGreaterThan(ROWS);
      expect(difference(saved, await onnxPredictions(saved, rows), wanted)).toBeLessThan(1e-5);
    },
  );

  test('a teacher of several folds predicts their mean', async () => {
    const saved = await madeNetwork({ folds: 3 });
    const rows = rowsFor(saved);
    const wanted = await predictRows(saved, rows, cpu);
    const each = await Promise.all(
      saved.networks.map((network) => predictRows({ ...saved, networks: [network] }, rows, cpu)),
    );
    const mean = wanted.map((_, i) => each.reduce((sum, values) => sum + values[i]!, 0) / 3);
    expect(difference(saved, wanted, mean)).toBeLessThan(1e-12);
    expect(difference(saved, await onnxPredictions(saved, rows), wanted)).toBeLessThan(1e-5);
  });

  test.each([
    { network: 'lenet:0.1', extras: undefined },
    { ...imageDescription, network: 'mlp:8' },
  ])('images: without numbers beside them, and in an MLP (%#)', async (changes) => {
    const saved = await madeNetwork(changes);
    const rows = rowsFor(saved);
    const wanted = await predictRows(saved, rows, cpu);
    expect(difference(saved, await onnxPredictions(saved, rows), wanted)).toBeLessThan(1e-5);
  });

  test.each([10, 1e4, 1e7, 1e9])('columns that are %d spreads from zero', async (level) => {
    const far = ({ names, deviation }: ScaledColumns, sign: number) => ({
      names,
      deviation,
      mean: deviation.map((spread, i) => sign * level * spread * (1 + i / 7)),
    });
    const saved = await madeNetwork({
      inputs: far(tableDescription.inputs, 1),
      targets: far(tableDescription.targets as ScaledColumns, -1),
    });
    const { inputs } = saved.description;
    const x = Float64Array.from(
      uniformValues(ROWS * inputs.names.length, { seed: 5 }),
      (u, i) => inputs.mean[i % 3]! + 4 * (u - 0.5) * inputs.deviation[i % 3]!,
    );
    const wanted = await predictRows(saved, { x }, await gpu());
    expect(difference(saved, await onnxPredictions(saved, { x }), wanted)).toBeLessThan(1e-6);
  });

  test('any number of rows, columns in double and greys in float32, under names', async () => {
    const session = await ort.InferenceSession.create(onnxModel(await madeNetwork({ network: 'lenet:0.1' })));
    expect(session.inputMetadata).toMatchObject([
      { name: 'image', type: 'float32', shape: ['batch', 1, 18, 20] },
      { name: 'extras', type: 'float64', shape: ['batch', 2] },
    ]);
    expect(session.outputMetadata).toMatchObject([{ name: 'y', type: 'float64', shape: ['batch', 2] }]);
    await session.release();
  });

  test('the bytes of a message are those of the specification', () => {
    // The examples of protobuf.dev/programming-guides/encoding.
    expect([...integerField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
    expect([...textField(2, 'testing')]).toEqual([0x12, 0x07, ...Buffer.from('testing')]);
    expect([...bytesField(3, integerField(1, 150))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
    expect([...floatField(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
    expect([...integerField(20, 2 ** 40)]).toEqual([0xa0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
    expect(message()).toHaveLength(0);
    expect(() => integerField(1, -1)).toThrow('a varint is a whole number of at least 0, not -1');
  });
});

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'limbeck-export-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

interface Student {
  inputs: string[];
  targets: string[];
  predict(rows: readonly unknown[]): number[][];
}

async function imported(source: string): Promise<Student> {
  const path = join(base, `student-${readdirSync(base).length}.mjs`);
  writeFileSync(path, source);
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Student;
}

const images = [
  { network: 'lenet:0.2' },
  { network: 'lenet:0.1', extras: undefined, image: { height: 19, width: 21 }, folds: 2 },
];

describe('JavaScript', () => {
  test.each([...mlps.map((network) => ({ network })), { folds: 2 }, ...images])(
    '%j predicts what the CPU backend predicts',
    async (changes) => {
      const saved = await madeNetwork(changes);
      const { x, extras } = rowsFor(saved);
      const student = await imported(javascriptModule(saved)!);
      const size = x.length / ROWS;
      const rows = Array.from({ length: ROWS }, (_, i) => x.slice(i * size, (i + 1) * size));
      const given = saved.description.image
        ? rows.map((image, i) => ({ image, extras: extras?.slice(2 * i, 2 * i + 2) }))
        : rows;
      const wanted = await predictRows(saved, { x, ...(extras ? { extras } : {}) }, cpu);
      expect(difference(saved, student.predict(given).flat(), wanted)).toBeLessThan(1e-12);
      expect(student.targets).toEqual(saved.description.targets.names);
    },
  );

  test('what stood for missing numbers is exported; predict wants numbers', async () => {
    const filling = { by: 'mean', values: [2001.5, 0.1, -7] } as const;
    const saved = await madeNetwork({ filling });
    const source = javascriptModule(saved)!;
    const student = (await imported(source)) as Student & { filling: number[] };
    expect(student.filling).toEqual(filling.values);
    expect(source).toContain('in this order: the mean of each column. */');
    expect(() => student.predict([[2000, NaN, 1]])).toThrow('row 0: size, m² is NaN; wants a number');
    expect(new TextDecoder('latin1').decode(onnxModel(saved))).toContain(JSON.stringify(filling));
    const without = await madeNetwork({});
    expect(javascriptModule(without)).not.toContain('filling');
    expect(new TextDecoder('latin1').decode(onnxModel(without))).not.toContain('filling');
  });

  test('rows may be lists or objects, in any order of names', async () => {
    const student = await imported(javascriptModule(await madeNetwork({}))!);
    const [one, two] = student.predict([
      [2000, 0.1, -123456],
      { depth: -123456, 'size, m²': 0.1, year: 2000 },
    ]);
    expect(one).toEqual(two);
    expect(one).toHaveLength(2);
  });

  test('names of columns cannot end a comment or a string', async () => {
    const names = ["'*/ throw 1; /*", '"\n`${x}\\', '\u2028'];
    const inputs = { ...tableDescription.inputs, names };
    const student = await imported(javascriptModule(await madeNetwork({ inputs, method: '*/ x' }))!);
    expect(student.inputs).toEqual(names);
  });

  test('a row without a number is refused', async () => {
    const student = await imported(javascriptModule(await madeNetwork({}))!);
    expect(() => student.predict([[1, 2, 3], { year: 1 }])).toThrow(
      'row 1: size, m² is undefined; wants a number',
    );
  });
});

async function run(...argv: string[]) {
  const [out, err] = [[] as string[], [] as string[]];
  const code = await main(argv, {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
  });
  return { code, stdout: out.join(''), stderr: err.join('') };
}

describe('the command', () => {
  test('writes both files of an MLP, ONNX alone of a MobileNet', async () => {
    const [table, images] = [join(base, 'table.safetensors'), join(base, 'images.safetensors')];
    writeFileSync(table, await madeWeights(tableDescription));
    writeFileSync(images, await madeWeights({ ...imageDescription, network: 'mobilenet:0.5' }));
    const out = join(base, 'new', 'folder');
    const { code, stdout, stderr } = await run('--model', table, '--out', out);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /tor-dual, seed 3, mlp:8,6:tanh\n.*student\.onnx {2}.* bytes\n.*student\.js {2}.* bytes\n$/,
    );
    expect(readdirSync(out).sort()).toEqual(['student.js', 'student.onnx']);
    expect(readFileSync(join(out, 'student.js'), 'utf8')).toBe(javascriptModule(await madeNetwork({})));
    const other = await run('--model', images, '--out', join(base, 'images'), '--json');
    expect(other.stderr).toContain('no student.js: of mobilenet:0.5');
    expect(JSON.parse(other.stdout)).toMatchObject({
      network: 'mobilenet:0.5',
      files: [{ path: join(base, 'images', 'student.onnx') }],
    });
  });

  test.each([
    [[], '--model is missing: wants a run folder or a .safetensors file'],
    [['--model', 'x'], '--out is missing: wants a folder for the files'],
    [
      ['--model', 'nowhere', '--out', 'x'],
      "--model: cannot read 'nowhere': no such file or directory; wants a run folder",
    ],
    [['--model', 'test', '--out', 'x'], "--model: 'test' is no run folder: it has no weights/"],
    [['--model', 'package.json', '--out', 'x'], 'package.json is no safetensors file, or damaged:'],
    [['--modle', 'x'], "Unknown option '--modle'"],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr } = await run(...argv);
    expect(stderr).toMatch(/^export: [^\n]*\n$/);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a file that lacks tensors is refused, and nothing is written', async () => {
    const path = join(base, 'short.safetensors');
    writeFileSync(path, await madeWeights({ ...tableDescription, network: 'mlp:8' }));
    const bytes = Buffer.from(readFileSync(path).toString('latin1').replace('mlp:8\\', 'mlp:9\\'), 'latin1');
    writeFileSync(path, bytes);
    const { code, stderr } = await run('--model', path, '--out', join(base, 'out'));
    expect(code).toBe(2);
    expect(stderr).toContain('a network that has at least 56; its tensors are not those of mlp:9');
    expect(readdirSync(base)).toEqual(['short.safetensors']);
  });
});
