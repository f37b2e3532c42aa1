/** Whether the curves of a loss agree, as meant and as fused, and where they do not. */
import type { Curves } from './protocol.ts';

/** Relative to the largest number: float32 against float64. */
const TOLERANCE = 1e-4;

export function agrees({ composed, fused }: Curves): boolean {
  return (
    !fused ||
    (['value', 'slope'] as const).every(
      (kind) => differenceOf(composed[kind], fused[kind]).share <= TOLERANCE,
    )
  );
}

/** In words; `notDrawn` says why the fused curve is missing. */
export function agreementOf(curves: Curves, notDrawn: string): string {
  const { composed, fused, x, along } = curves;
  if (!fused) return `${notDrawn}: only the meaning is drawn.`;
  if (agrees(curves)) return 'Fused and composed agree here.';
  const words = (['value', 'slope'] as const).flatMap((kind) => {
    const { share, most, index } = differenceOf(composed[kind], fused[kind]);
    const name = kind === 'value' ? 'loss' : 'derivative';
    return share > TOLERANCE
      ? [`in the ${name} by ${most.toPrecision(3)} at ${along} ${x[index]!.toPrecision(3)}`]
      : [];
  });
  return `Fused and composed differ: ${words.join(', ')}.`;
}

/** The largest difference, where, and its share of the largest number or of 1. */
function differenceOf(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { most: number; index: number; share: number } {
  let [most, index, scale] = [0, 0, 1];
  for (let i = 0; i < a.length; i++) {
    if (Number.isFinite(a[i])) scale = Math.max(scale, Math.abs(a[i]!));
    const difference = Math.abs(a[i]! - b[i]!);
    // Where both have no value they agree, and one without a value differs from all.
    const isSame = Object.is(a[i], b[i]) || (!Number.isFinite(a[i]) && !Number.isFinite(b[i]));
    if (!isSame && !(difference <= most))
      [most, index] = [Number.isNaN(difference) ? Infinity : difference, i];
  }
  return { most, index, share: most / scale };
}
