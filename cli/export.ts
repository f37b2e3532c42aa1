/** The command `export`: a saved network as files for other programs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, RunError } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { openWeights } from '../deploy/find-weights.ts';
import { formatCount } from '../base/format.ts';
import { writeAtomically } from '../base/write-atomically.ts';
import { atHome } from '../study/read/home.ts';
import { readArguments } from './read-arguments.ts';
import { runCommand, seedOf, type Streams, textOf, wantNoPositionals } from './run-command.ts';
import { checkTensors } from '../study/saved-network.ts';
import { javascriptModule } from '../deploy/export/javascript.ts';
import { onnxModel } from '../deploy/export/onnx.ts';
import { OPSET } from '../deploy/export/onnx-model.ts';

const HELP = `export: a network that distill has trained, as files for other programs

  npm run export -- --model RUN --out FOLDER       or     npx limbeck export …

  --model RUN|FILE     a run folder, or a .safetensors file from its weights/
  --out FOLDER         where the files go; made if it is not there, and files of these names are replaced:
                         student.onnx   ONNX (opset ${OPSET}, float32 between double ends), for ONNX Runtime and others
                         student.js     an ES module that needs nothing else: predict(rows); of MLPs and LeNet
  --method NAME        of a run folder [tor-dual, or the last method of the run]
  --seed N             of a run folder [the lowest]
  --json               the last line of stdout is JSON: what was written
  --help               print this

Both take and give the data's own units: the standardisation is inside. They take numbers alone; what stood for missing ones
in training (distill --missing mean or median) is in ONNX's metadata and an export of student.js, both called 'filling'.
Exit codes: 0 done, 1 it failed, 2 a wrong option.
`;

/** Resolves to the exit code. */
export function main(argv: readonly string[], given: Partial<Streams> = {}): Promise<number> {
  return runCommand('export', (streams) => exportNetwork(argv, streams), given);
}

function exportNetwork(argv: readonly string[], { stdout, stderr }: Streams): void {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { positionals, values } = readArguments(argv, {
    ...{ model: text, out: text, method: text, seed: text },
    ...{ json: flag, help: flag },
  });
  if (values.help) return void stdout.write(HELP);
  wantNoPositionals(positionals);
  const model = atHome(textOf(values.model, '--model', 'a run folder or a .safetensors file'));
  const out = atHome(textOf(values.out, '--out', 'a folder for the files'));
  const saved = openWeights({ model, method: values.method, seed: seedOf(values.seed) });
  checkTensors(saved);
  const { method, seed, network } = saved.description;
  const source = javascriptModule(saved);
  const files = [
    { name: 'student.onnx', content: onnxModel(saved) },
    ...(source === undefined ? [] : [{ name: 'student.js', content: new TextEncoder().encode(source) }]),
  ].map(({ name, content }) => ({ path: write(out, name, content), bytes: content.length }));

  const people = values.json ? stderr : stdout;
  people.write(visible(`${saved.where}: ${method}, seed ${seed}, ${network}\n`));
  for (const { path, bytes } of files) people.write(`${path}  ${formatCount(bytes)} bytes\n`);
  if (source === undefined) people.write(`no student.js: of ${network} for such data there is ONNX alone\n`);
  if (values.json) stdout.write(`${JSON.stringify({ model: saved.where, method, seed, network, files })}\n`);
}

function write(folder: string, name: string, content: Uint8Array): string {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeAtomically(path, content);
  } catch (error) {
    throw new RunError(`--out: cannot write '${path}': ${reasonOf(error)}`, { cause: error });
  }
  return path;
}
