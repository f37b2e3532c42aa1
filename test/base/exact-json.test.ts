/** JSON that keeps every number. */
import { expect, test } from 'vitest';
import { fromExactJson, toExactJson } from '../../base/exact-json.ts';

test('every number comes back, and texts stay texts', () => {
  const values = [
    NaN,
    Infinity,
    -Infinity,
    -0,
    0,
    1e300,
    0.1,
    'number',
    'number 1',
    'NaN',
    { a: [NaN, null] },
  ];
  expect(fromExactJson(toExactJson(values))).toEqual(values);
  expect(Object.is((fromExactJson(toExactJson([-0])) as number[])[0], -0)).toBe(true);
  expect(() => fromExactJson('{')).toThrow(SyntaxError);
});
