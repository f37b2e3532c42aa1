/** JSON that keeps every number: NaN, infinities and -0 are written as texts that nothing else begins like. */

const MARK = 'number ';

export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== 'number' || (Number.isFinite(each) && !Object.is(each, -0))) return each;
    return `${MARK}${Object.is(each, -0) ? '-0' : each}`;
  });
}

/** Of what `toExactJson` has written. @throws SyntaxError for what is no JSON. */
export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_, each: unknown) =>
    typeof each === 'string' && /^number (NaN|-?Infinity|-0)$/.test(each)
      ? Number(each.slice(MARK.length))
      : each,
  ) as unknown;
}
