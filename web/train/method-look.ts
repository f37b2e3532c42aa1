/** Colours and dashes of the methods where a canvas needs them; the same as the report's and the style sheet's. */
import { slotClasses } from '../../report/report-marks.ts';

const dashes: readonly (readonly number[])[] = [
  [7, 4],
  [],
  [10, 3],
  [6, 2, 2, 2, 2, 2],
  [8, 3, 2, 3],
  [13, 3, 3, 3],
  [],
];

/** `colour` reads a custom property. */
export function lineColour(
  method: string,
  methods: readonly string[],
  colour: (name: string) => string,
): string {
  return colour(`--${slotClasses(methods)(method)}`);
}

export function dashOf(method: string, methods: readonly string[]): number[] {
  return [...(dashes[Number(slotClasses(methods)(method).slice(1))] ?? [])];
}
