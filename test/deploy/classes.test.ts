/** Networks of classes used again: probabilities in ONNX Runtime, in student.js and by `predict`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uniformValues } from '../../engine/random.ts';
import { main } from '../../cli/predict.ts';
import { classPredictions } from '../../deploy/class-predictions.ts';
import { javascriptModule } from '../../deploy/export/javascript.ts';
import { onnxModel } from '../../deploy/export/onnx.ts';
import type { NetworkDescription } from '../../study/network-description.ts';
import { predictRows } from '../../study/saved-network.ts';
import { cpu } from '../backends.ts';
import { imageDescription, madeNetwork, madeWeights, tableDescription } from '../made-network.ts';

ort.env.wasm.numThreads = 1;

const classes = ['setosa', 'a "b", c', '3'];
const ofClasses: Partial<NetworkDescription> = { targets: { names: ['species'], classes } };
const ROWS = 6;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limbeck-classes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Student {
  classes: string[];
  predict(rows: unknown[]): { class: string; probabilities: number[] }[];
}

async function studentOf(source: string): Promise<Student> {
  return (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as Student;
}

const cases: [string, Partial<NetworkDescription>][] = [
  ['a table', {}],
  [
    'colour images',
    { ...imageDescription, extras: undefined, image: { channels: 3, height: 18, width: 20 } },
  ],
];

test.each(cases)('%s: the same probabilities in ONNX Runtime and in student.js', async (_, changes) => {
  const saved = await madeNetwork({ ...tableDescription, ...changes, ...ofClasses });
  const { inputs, image } = saved.description;
  const width = image ? 3 * 18 * 20 : inputs.names.length;
  const drawn = uniformValues(ROWS * width, { seed: 5 });
  const x = image
    ? Uint8Array.from(drawn, (u) => 256 * u)
    : drawn.map((u, i) => inputs.mean[i % width]! + 4 * (u - 0.5) * inputs.deviation[i % width]!);
  const logits = await predictRows(saved, { x }, cpu);
  const { names, probabilities } = classPredictions(logits, classes);
  expect(new Set(probabilities).size).toBeGreaterThan(ROWS);
  const session = await ort.InferenceSession.create(onnxModel(saved));
  const feeds: ort.InferenceSession.OnnxValueMapType = image
    ? { image: new ort.Tensor('float32', Float32Array.from(x), [ROWS, 3, 18, 20]) }
    : { x: new ort.Tensor('float64', Float64Array.from(x), [ROWS, width]) };
  const { y } = await session.run(feeds);
  await session.release();
  const own = [...(y!.data as Float64Array)];
  expect(y!.dims).toEqual([ROWS, classes.length]);
  for (const [i, value] of own.entries()) expect(value).toBeCloseTo(probabilities[i]!, 5);
  const student = await studentOf(javascriptModule(saved)!);
  expect(student.classes).toEqual(classes);
  const rows = Array.from({ length: ROWS }, (__, i) => [...x.slice(i * width, (i + 1) * width)]);
  const said = student.predict(image ? rows.map((pixels) => ({ image: pixels })) : rows);
  expect(said.map((row) => row.class)).toEqual(names);
  for (const [i, value] of said.flatMap((row) => row.probabilities).entries())
    expect(value).toBeCloseTo(probabilities[i]!, 6);
});

test('predict writes the class, the probability of each, and errors where there are labels', async () => {
  const model = join(folder, 'model.safetensors');
  writeFileSync(model, await madeWeights({ ...tableDescription, ...ofClasses }));
  const data = join(folder, 'rows.csv');
  const out = join(folder, 'out.csv');
  const lines = [
    'year,"size, m²",depth,species',
    '2006,0.1,-123457,setosa',
    '1990,0.1,-123456,3',
    '2010,0.1,-123457,x',
  ];
  writeFileSync(data, `${lines.join('\n')}\n`);
  let said = '';
  const stream = { write: (text: string) => ((said += text), true), isTTY: false };
  const argv = ['--model', model, '--data', data, '--out', out, '--device', 'cpu'];
  expect(await main(argv, { stdout: stream, stderr: stream })).toBe(0);
  const [head, ...rows] = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(head).toBe('species,probability of setosa,"probability of a ""b"", c",probability of 3');
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    const numbers = row.split(',').slice(-3).map(Number);
    expect(numbers.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  }
  // The third row's class is none that the network knows.
  expect(said).toMatch(/error [\d.]+ % of 2 rows with a label/);
});
