/** Packages that only some formats need: optional, and loaded when such a file is read. */
import { UserError } from '../../base/errors.ts';

/** @throws UserError with the command that installs what is missing. */
export async function withPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new UserError(`these data need the package ${name}: npm install ${name}`, { cause });
  }
}
