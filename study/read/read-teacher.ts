/** The file of a network that is to teach: read and checked before anything is trained. */
import { createHash } from 'node:crypto';
import { readBytes } from './read-bytes.ts';
import { readNetwork, type SavedNetwork } from '../network-file.ts';
import { checkTensors } from '../saved-network.ts';

export interface TeacherFile {
  readonly teacher: SavedNetwork;
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether it is the same file. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** @throws UserError that begins with the file: it cannot be read, is damaged, or holds no network of a study. */
export async function readTeacher(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TeacherFile> {
  const bytes = await readBytes(path, { signal });
  const teacher = readNetwork(bytes, path);
  checkTensors(teacher);
  const { method, seed, network, folds } = teacher.description;
  const several = folds > 1 ? `, the mean of ${folds}` : '';
  return {
    teacher,
    description: `teacher ${path}: ${method}, seed ${seed}, ${network}${several}`,
    record: { sha256: createHash('sha256').update(bytes).digest('hex'), method, seed, network, folds },
  };
}
