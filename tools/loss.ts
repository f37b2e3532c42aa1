/** The command `loss`: holds losses of a user's file to their definitions, and times them fused and composed. */
import { resolve } from 'node:path';
import { type LossTiming, timeLoss } from '../bench/time-loss.ts';
import { type GpuBackend, openGpu } from '../engine/gpu/gpu.ts';
import { sizeOf } from '../engine/shape.ts';
import { type AnyLoss, checkLoss } from '../losses/check-loss.ts';
import { exitCodeOf, lineOf, UserError } from '../base/errors.ts';
import { formatCount } from '../base/format.ts';
import type { TextStream } from '../cli/progress-line.ts';
import { readArguments } from '../cli/read-arguments.ts';
import { textTable } from '../base/text-table.ts';
import { lossesIn, compilerErrors } from './loss-file.ts';
import { setup } from '../scripts/setup.mjs';

const HELP = `loss: whether the losses of a file are right, and how fast

  npm run loss -- FILE.ts [options]    every loss that FILE exports, made by defineLoss or defineRowLoss from 'limbeck'

  --params NAME=NUMBER,…   parameters instead of the defaults
  --shape SHAPE            shape to time, such as 100000 or 1000x3; may be repeated; 1000 and 100000 if left out,
                           of losses of rows 128x10 and 128x1000
  --json                   JSON as the last line of stdout, the rest on stderr
`;

const DEFAULT_SHAPES = [[1000], [100_000]];
const DEFAULT_ROWS = [
  [128, 10],
  [128, 1000],
];

interface Options {
  path: string;
  params: Record<string, number>;
  /** Those of the kind of loss if left out. */
  shapes?: number[][] | undefined;
  json: boolean;
}

interface Report {
  name: string;
  params: Record<string, number>;
  /** What differs; a loss that is wrong is not timed. */
  failures: string[];
  rows: LossTiming[];
}

/** Resolves to 0, to 1 if a loss is wrong or cannot be tried, and to 2 for a wrong command line. */
export async function main(argv: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  try {
    const options = parse(argv);
    if (!options) {
      stdout.write(HELP);
      return 0;
    }
    const people = options.json ? stderr : stdout;
    const { adapter, losses } = await tryLosses(options, people);
    if (options.json) stdout.write(`${JSON.stringify({ adapter, losses })}\n`);
    return losses.every(({ failures }) => failures.length === 0) ? 0 : 1;
  } catch (error) {
    stderr.write(`loss: ${lineOf(error)}\n`);
    return exitCodeOf(error);
  }
}

async function tryLosses(
  options: Options,
  people: TextStream,
): Promise<{ adapter: string; losses: Report[] }> {
  const losses = await lossesIn(options.path);
  for (const key of Object.keys(options.params)) checkParam(losses, key);
  setup();
  const gpu = await openGpu();
  try {
    people.write(`${options.path} on ${gpu.name}\n`);
    const reports: Report[] = [];
    for (const loss of losses) {
      const report = await reportOf(loss, options, gpu);
      people.write(`\n${textOf(report)}\n`);
      reports.push(report);
    }
    return { adapter: gpu.name, losses: reports };
  } finally {
    gpu.close();
  }
}

async function reportOf(
  loss: AnyLoss,
  { path, params: given, shapes }: Options,
  gpu: GpuBackend,
): Promise<Report> {
  const { name, params: defaults = {} } = loss.definition;
  const params = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, given[key] ?? value]),
  );
  const report: Report = { name, params, failures: await failuresOf(loss, { params, path, gpu }), rows: [] };
  if (report.failures.length > 0) return report;
  const defaultShapes = 'logs' in loss.definition ? DEFAULT_ROWS : DEFAULT_SHAPES;
  for (const shape of shapes ?? defaultShapes) report.rows.push(await timeLoss(loss, { params, shape, gpu }));
  return report;
}

interface Trial {
  readonly params: Readonly<Record<string, number>>;
  readonly gpu: GpuBackend;
}

async function failuresOf(loss: AnyLoss, { params, path, gpu }: Trial & { path: string }): Promise<string[]> {
  const complaints = await compilerErrors(loss, path, gpu);
  if (complaints.length > 0) return ['its WGSL does not compile', ...complaints];
  try {
    await checkLoss(loss, { params, backend: gpu });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function textOf({ name, params, failures, rows }: Report): string {
  const numbers = Object.entries(params).map(([key, value]) => `${key} ${value}`);
  const title = numbers.length === 0 ? name : `${name} (${numbers.join(', ')})`;
  if (failures.length > 0) return [`${title}: WRONG`, ...failures].join('\n');
  const ms = (value: number) => `${value.toPrecision(3)} ms`;
  const column = (heading: string, cell: (row: LossTiming) => string) =>
    ({ title: heading, align: 'right', cell }) as const;
  return [
    `${title}: right. Gradients of order 1 and 2 agree with finite differences, fused with composed, the GPU with float64.`,
    'Value and gradient, time on the GPU, medians:',
    ...textTable(
      [
        column('samples', ({ shape }) => shape.map(formatCount).join('×')),
        column('fused', ({ fusedMs }) => ms(fusedMs)),
        column('composed', ({ composedMs }) => ms(composedMs)),
        column('ratio', ({ ratio }) => `${ratio.toFixed(2)}×`),
        column('dispatches', (row) => `${row.fusedDispatches} against ${row.composedDispatches}`),
      ],
      rows,
    ),
  ].join('\n');
}

function parse(argv: readonly string[]): Options | undefined {
  const flag = { type: 'boolean', default: false } as const;
  const list = { type: 'string', multiple: true } as const;
  const { positionals, values } = readArguments(argv, { json: flag, help: flag, shape: list, params: list });
  if (values.help) return undefined;
  const [path, ...rest] = positionals;
  if (path === undefined) throw new UserError('no file named; --help lists the options');
  if (rest.length > 0) throw new UserError(`one file at a time, got also '${rest.join(' ')}'`);
  const shapes = values.shape?.map((text) => {
    const shape = text.split('x').map(Number);
    if (!/^\d+(x\d+)*$/.test(text) || sizeOf(shape) === 0)
      throw new UserError(`--shape ${text}: wants sizes such as 100000 or 1000x3`);
    return shape;
  });
  return { path: resolve(path), params: paramsOf(values.params ?? []), shapes, json: values.json };
}

function paramsOf(texts: readonly string[]): Record<string, number> {
  const pairs = texts
    .flatMap((text) => text.split(','))
    .map((text) => [text, /^(\w+)=(.+)$/.exec(text)] as const);
  return Object.fromEntries(
    pairs.map(([text, match]) => {
      const value = Number(match?.[2]);
      if (!match || !Number.isFinite(value)) throw new UserError(`--params ${text}: wants NAME=NUMBER`);
      return [match[1]!, value];
    }),
  );
}

function checkParam(losses: readonly AnyLoss[], key: string): void {
  const known = [...new Set(losses.flatMap(({ definition }) => Object.keys(definition.params ?? {})))];
  if (!known.includes(key))
    throw new UserError(`--params ${key}: no loss has it; there are ${known.join(', ') || 'none'}`);
}
