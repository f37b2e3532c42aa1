/** What the loss tab knows without a browser: its links, where the compiler's complaints stand, whether curves agree. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAddress, writeAddress } from '../../web/address.ts';
import { agreementOf, agrees } from '../../web/loss/agreement.ts';
import { fieldsFromQuery, queryOf } from '../../web/loss/link.ts';
import type { Curves } from '../../web/loss/protocol.ts';
import { templates } from '../../web/loss/templates.ts';
import { problemsOf } from '../../web/loss/wgsl-problems.ts';

test('arbitrary losses come back from their links', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  const fields = fc.record({
    name: text,
    inputs: text,
    wrt: text,
    params: text,
    composed: text,
    fused: text,
  });
  fc.assert(
    fc.property(fc.constantFrom(...templates), fields, fc.boolean(), (template, given, isUnchanged) => {
      const linked = { template, fields: isUnchanged ? template.fields : given };
      const hash = writeAddress({ tab: 'loss', query: queryOf(linked) });
      const { tab, query } = readAddress({ search: '', hash }, ['train', 'loss']);
      expect(tab).toBe('loss');
      expect(fieldsFromQuery(query)).toEqual(linked);
    }),
  );
  expect(queryOf({ template: templates[0]!, fields: templates[0]!.fields })).toEqual({});
});

test('complaints stand in the text that was typed, or at its nearest end', () => {
  const fused = 'let u = pred;\nreturn Element(u, v);';
  const source = `struct Element {}\nfn element_() {\n  ${fused}\n}\n`;
  const at = (line: number, column: number, length = 0) => {
    const complaint = { isError: true, message: 'm', line, text: '', column, length };
    const [problem] = problemsOf([complaint], { source, fused });
    return [fused.slice(problem!.from, problem!.to), problem!.message];
  };
  expect(at(3, 6)).toEqual(['u', 'm']);
  expect(at(4, 18)).toEqual(['v', 'm']);
  expect(at(4, 7, 7)).toEqual(['Element', 'm']);
  expect(at(1, 0)).toEqual(['l', 'm (found before this text)']);
  expect(at(5, 0)).toEqual([';', 'm (found after this text)']);
  expect(at(0, 0)).toEqual(['l', 'm']);
});

test('curves agree up to float32, and a number against none does not', () => {
  const curves = (composed: number[], fused?: number[]): Curves => ({
    along: 'pred',
    x: [-1, 0, 1],
    composed: { value: composed, slope: [0, 0, 0] },
    fused: fused && { value: fused, slope: [0, 0, 0] },
  });
  expect(agrees(curves([1, 2, 3], [1, 2, 3.0001]))).toBe(true);
  expect(agrees(curves([1, 2, 3], [1, 2, 3.1]))).toBe(false);
  expect(agrees(curves([1, NaN, 3], [1, NaN, 3]))).toBe(true);
  expect(agrees(curves([1, Infinity, 3], [1, NaN, 3]))).toBe(true);
  expect(agrees(curves([1, 2, 3], [1, NaN, 3]))).toBe(false);
  expect(agreementOf(curves([1, 2, 3], [1, 2.5, 3]), '')).toBe(
    'Fused and composed differ: in the loss by 0.500 at pred 0.00.',
  );
  expect(agreementOf(curves([1, 2, 3]), 'It is too late')).toBe('It is too late: only the meaning is drawn.');
});
