/**
 * The files that a command line names, looked at before the engine is loaded and a device is opened: what is no file, or no
 * table, or no network of a study is refused at once, in the words of those who read it afterwards.
 */
import { statSync } from 'node:fs';
import { openWeights } from '../deploy/find-weights.ts';
import { readNetwork } from '../study/network-file.ts';
import { gunzipped, isGzip, isParquet, refuseOthers } from '../study/read/file-kind.ts';
import { atHome } from '../study/read/home.ts';
import { readBytes, readStart } from '../study/read/read-bytes.ts';

/** What tells a kind of file; an archive's kind is told by the list at its end. */
const START_BYTES = 4096;
/** Larger ones are unpacked when they are read. */
const MOST_PACKED = 2 ** 22;

/** @throws UserError that begins with the file. */
export async function firstLook(command: string, argv: readonly string[]): Promise<void> {
  if (argv.some((word) => ['--help', '-h', '--version'].includes(word))) return;
  if (command === 'study') return lookAtStudy(argv);
  if (command === 'distill') for (const path of valuesOf('teacher', argv)) await lookAtTeacher(path);
  if (command === 'predict' || command === 'export') lookAtModel(argv);
  for (const path of valuesOf('data', argv)) await lookAtTable(path);
}

async function lookAtTable(path: string): Promise<void> {
  // 'mpiigaze-h5:FILE' is read by others.
  if (!isThere(path) || isFolder(path)) return;
  const start = readStart(path, START_BYTES);
  if (start === undefined || isParquet(start) || /\.[cm]?[jt]s$/.test(path)) return;
  const isArchive = start[0] === 0x50 && start[1] === 0x4b;
  if (!isGzip(start)) return refuseOthers(isArchive ? await readBytes(path) : start, path);
  if (statSync(path).size > MOST_PACKED) return;
  refuseOthers(await gunzipped(await readBytes(path), path, { most: 2 ** 30 }), path);
}

async function lookAtTeacher(path: string): Promise<void> {
  if (isThere(path) && !isFolder(path) && !statSync(path).isFIFO()) readNetwork(await readBytes(path), path);
}

function lookAtModel(argv: readonly string[]): void {
  const [[model], [method], [seed]] = [
    valuesOf('model', argv),
    textsOf('method', argv),
    textsOf('seed', argv),
  ];
  const isNumber = seed === undefined || /^\d{1,10}$/.test(seed);
  if (model !== undefined && isThere(model) && isNumber)
    openWeights({ model, method, seed: seed === undefined ? undefined : Number(seed) });
}

/** The file of `plan STUDY.json`. */
function lookAtStudy([action, path]: readonly string[]): void {
  if (action === 'plan' && path !== undefined && isThere(path)) readStart(path, 1);
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A circle of links, a folder that is closed: who reads it says so.
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

function valuesOf(option: string, argv: readonly string[]): string[] {
  return textsOf(option, argv).map(atHome);
}

function textsOf(option: string, argv: readonly string[]): string[] {
  return argv.flatMap((word, i) => {
    if (word === `--${option}`) return argv[i + 1] === undefined ? [] : [argv[i + 1]!];
    return word.startsWith(`--${option}=`) ? [word.slice(option.length + 3)] : [];
  });
}
