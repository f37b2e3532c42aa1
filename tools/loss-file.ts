/** A user's file of losses: imported, and its WGSL compiled, with complaints that point into that file. */
import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import type { AnyLoss } from '../losses/check-loss.ts';
import { lineAt, lineOfFused, wgslComplaints } from '../losses/wgsl-complaints.ts';
import { RunError, UserError } from '../base/errors.ts';

/** What a file exports that `defineLoss` or `defineRowLoss` made. */
export async function lossesIn(path: string): Promise<AnyLoss[]> {
  if (!existsSync(path)) throw new UserError(`no file ${path}`);
  register('../scripts/resolve-limbeck.mjs', import.meta.url);
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RunError(`${path} cannot be imported: ${message}`, { cause });
  }
  const losses = [...new Set(Object.values(exports))].filter(isLoss);
  if (losses.length > 0) return losses;
  const names = Object.keys(exports).join(', ') || 'nothing';
  throw new UserError(
    `${path} exports no loss: wants a result of defineLoss or defineRowLoss, it exports ${names}`,
  );
}

function isLoss(value: unknown): value is AnyLoss {
  return typeof value === 'function' && ['definition', 'composed', 'kernel'].every((key) => key in value);
}

/** What the WGSL compiler says of a loss's kernel, at lines of `path` where its `fused` stands there; empty if nothing. */
export async function compilerErrors(loss: AnyLoss, path: string, { opened }: GpuBackend): Promise<string[]> {
  const { kernel, definition } = loss;
  const errors = (await wgslComplaints(loss, opened)).filter(({ isError }) => isError);
  if (errors.length === 0) return [];
  const place = placeOf(definition.fused, { path, file: readFileSync(path, 'utf8'), source: kernel.source });
  return errors.map(({ line, column, text, message }) =>
    line === 0
      ? message
      : [`${place(line)}: ${message}`, `    ${text}`, `    ${' '.repeat(column)}^`].join('\n'),
  );
}

interface Texts {
  readonly path: string;
  /** The user's file. */
  readonly file: string;
  /** The generated WGSL. */
  readonly source: string;
}

/** From a line of the generated WGSL to words for the line of the user's file, where `fused` stands in it verbatim. */
export function placeOf(fused: string, { path, file, source }: Texts): (line: number) => string {
  const inFile = file.indexOf(fused);
  return (line) => {
    const index = lineOfFused(line, { source, fused });
    if (index === undefined) return `${basename(path)}, line ${line} of the WGSL generated around fused`;
    if (inFile < 0) return `${basename(path)}, line ${index + 1} of fused`;
    return `${path}:${lineAt(file, inFile) + index}`;
  };
}
