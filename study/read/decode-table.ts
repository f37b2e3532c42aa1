/** The bytes of a table as text. */
import { UserError } from '../../base/errors.ts';

/** As told; else UTF-8, or UTF-16 where its mark begins the file. @throws UserError if the bytes are no such text. */
export function decodeTable(
  bytes: Uint8Array,
  path: string,
  told: string | undefined,
): { text: string; encoding: string } {
  const encoding = told ?? markedEncoding(bytes) ?? 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const cure =
      told === undefined
        ? 'save it as UTF-8, or say in which encoding it is (--encoding windows-1252)'
        : 'it is another';
    throw new UserError(`${path} is not ${nameOf(encoding)} text; ${cure}`, { cause });
  }
  if (text.slice(0, 4096).includes('\0'))
    throw new UserError(
      `${path} holds zero bytes: it is no text, or one in UTF-16 without a mark (--encoding utf-16le or utf-16be)`,
    );
  return { text, encoding };
}

function markedEncoding([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function nameOf(encoding: string): string {
  return encoding === 'utf-8' ? 'UTF-8' : encoding;
}
