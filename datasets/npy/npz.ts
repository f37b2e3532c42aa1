/** NumPy's .npz archives: a ZIP of .npy files. */
import { checkBytes, checkList, checkNumber, checkOptions } from '../../base/borders.ts';
import { type FileFault, quoted } from '../file-error.ts';
import { MemoryBudget } from '../memory-budget.ts';
import { decodeNpy, type NpyArray } from './npy.ts';
import { NpyError } from './npy-error.ts';
import { readZipMember, zipMembers } from '../packed/zip.ts';

export interface NpzOptions {
  /** The arrays to read; all if left out. */
  readonly arrays?: readonly string[];
  /** What errors call the file. */
  readonly where?: string;
  /** Memory for the unpacked members; 1 GiB if left out. */
  readonly maxBytes?: number;
}

/**
 * The arrays by name, as `savez` and `savez_compressed` write them, in the archive's order.
 *
 * @throws NpyError, and nothing else, whatever the bytes are; also where one of `arrays` is missing.
 */
export async function decodeNpz(bytes: Uint8Array, options: NpzOptions = {}): Promise<Map<string, NpyArray>> {
  checkBytes('decodeNpz', bytes);
  checkOptions('decodeNpz', options, 'arrays where maxBytes');
  const { where = 'npz', maxBytes = 2 ** 30, arrays: wanted } = options;
  if (wanted !== undefined) checkList('decodeNpz', 'arrays', wanted);
  checkNumber('decodeNpz', 'maxBytes', maxBytes, { from: 0, to: Infinity });
  const fail = (offset: number, problem: string, fault?: FileFault): never => {
    throw new NpyError({ where, offset }, problem, fault);
  };
  const budget = new MemoryBudget(maxBytes);
  const members = zipMembers(bytes, fail);
  const names = members.map(({ name, at }) =>
    name.endsWith('.npy') ? name.slice(0, -4) : fail(at, `${quoted(name)} is no .npy file`),
  );
  for (const name of wanted ?? []) {
    if (!names.includes(name))
      fail(
        bytes.length,
        `the archive has no array ${quoted(name)}; it has ${names.map(quoted).join(', ') || 'none'}`,
      );
  }
  const arrays = new Map<string, NpyArray>();
  for (const [i, member] of members.entries()) {
    const name = names[i]!;
    if (wanted && !wanted.includes(name)) continue;
    if (arrays.has(name)) fail(member.at, `${quoted(name)} stands twice in the archive`);
    budget.spend(2 * member.bytes, (problem) => fail(member.at, `${quoted(name)} ${problem}`, 'limit'));
    const data = await readZipMember(bytes, member, fail);
    arrays.set(name, decodeNpy(data, { where: `${where}, array ${quoted(name)}` }));
    budget.refund(member.bytes);
  }
  return arrays;
}
