/** What is wrong with a file, and where: the base of every reader's own error. */

/**
 * `format`: the bytes break the format; `unsupported`: they keep it, and hold what is not read here; `limit`: the file
 * asks for more memory, or nests more deeply, than is allowed.
 */
export type FileFault = 'format' | 'unsupported' | 'limit';

export interface FilePlace {
  /** What errors call the file, such as its path. */
  readonly where: string;
  /** Bytes from its beginning; of the inflated bytes where `inflatedFrom` says which. */
  readonly offset: number;
  /** Where the compressed piece begins that the offset counts in. */
  readonly inflatedFrom?: number;
}

/** A file that a reader refuses. The message says where, what was wanted, and what came. */
export class FileError extends Error {
  override readonly name: string = 'FileError';
  readonly where: string;
  readonly offset: number;
  readonly inflatedFrom: number | undefined;
  readonly fault: FileFault;
  /** The message without the place. */
  readonly problem: string;

  constructor({ where, offset, inflatedFrom }: FilePlace, problem: string, fault: FileFault = 'format') {
    const inside = inflatedFrom === undefined ? '' : ` of what is compressed at byte ${inflatedFrom}`;
    super(`${where}, byte ${offset}${inside}: ${problem}`);
    this.where = where;
    this.offset = offset;
    this.inflatedFrom = inflatedFrom;
    this.fault = fault;
    this.problem = problem;
  }
}

/** A name from a file, fit for a message: escaped, and cut to a length. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
