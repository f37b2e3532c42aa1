/** From what the compiler says of the generated WGSL to places in the text that somebody has typed. */
import { lineOfFused, type WgslComplaint } from '../../losses/wgsl-complaints.ts';
import type { Problem } from './source.ts';

/** Complaints outside of `fused` stand at its nearest end: a brace that is missing is missed only behind it. */
export function problemsOf(
  complaints: readonly WgslComplaint[],
  { source, fused }: { source: string; fused: string },
): Problem[] {
  const start = source.indexOf(fused);
  const lines = source.split('\n');
  return complaints.map(({ isError, message, line, column, length }) => {
    const offset =
      lines.slice(0, Math.max(0, line - 1)).reduce((sum, text) => sum + text.length + 1, 0) + column - start;
    const isInside = line > 0 && lineOfFused(line, { source, fused }) !== undefined;
    const end = fused.trimEnd().length;
    const from = Math.min(Math.max(0, offset), Math.max(0, end - 1));
    return {
      field: 'fused',
      from,
      to: isInside
        ? Math.min(fused.length, from + Math.max(1, length || wordLength(fused.slice(from))))
        : from + 1,
      message:
        isInside || line === 0 ? message : `${message} (found ${offset < 0 ? 'before' : 'after'} this text)`,
      severity: isError ? 'error' : 'warning',
    };
  });
}

function wordLength(text: string): number {
  return /^\w+/.exec(text)?.[0].length ?? 1;
}
