/** What the WGSL compiler says of a loss's kernel, at the lines of the loss's own `fused`. */
import type { OpenDevice } from '../engine/device/device.ts';
import type { Loss } from './loss.ts';

export interface WgslComplaint {
  readonly isError: boolean;
  readonly message: string;
  /** Line of the generated WGSL, from 1, and its text; 0 and '' where the compiler names none. */
  readonly line: number;
  readonly text: string;
  /** Where in that line, from 0, and how many characters. */
  readonly column: number;
  readonly length: number;
}

/** Compiles the kernel. No errors if it is valid; there may be warnings. */
export async function wgslComplaints(
  { kernel }: Pick<Loss, 'kernel'>,
  { device }: Pick<OpenDevice, 'device'>,
): Promise<WgslComplaint[]> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: kernel.name, code: kernel.source });
  // Both are asked for at once: nobody else's scope may come between.
  const [invalid, { messages }] = await Promise.all([device.popErrorScope(), module.getCompilationInfo()]);
  const lines = kernel.source.split('\n');
  const complaints = messages.map(({ type, message, lineNum, linePos, length }) => ({
    isError: type === 'error',
    message,
    line: lineNum,
    text: lines[lineNum - 1] ?? '',
    column: Math.max(0, linePos - 1),
    length,
  }));
  if (!invalid || complaints.some(({ isError }) => isError)) return complaints;
  return [
    { isError: true, message: invalid.message, line: 0, text: '', column: 0, length: 0 },
    ...complaints,
  ];
}

/** From a line of generated WGSL to the one of `fused`, from 0; undefined outside of it. */
export function lineOfFused(
  line: number,
  { source, fused }: { source: string; fused: string },
): number | undefined {
  if (!source.includes(fused)) return undefined;
  const index = line - lineAt(source, source.indexOf(fused));
  return index >= 0 && index < fused.split('\n').length ? index : undefined;
}

/** The line of a text, from 1, that an index lies in. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, Math.max(0, index)).split('\n').length;
}
