/** A number as text that tells it from every other one: -0 is not 0, which `String` takes it for. */
export function numberKey(value: number | undefined): string {
  return value === 0 && 1 / value < 0 ? '-0' : `${value}`;
}
