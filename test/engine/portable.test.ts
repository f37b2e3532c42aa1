/** Reads the WGSL in the sources of the kernels: what drivers disagree about must not occur there. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../kernels/', import.meta.url);

const banned = [
  'exp exp2 log log2 pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh',
  'mix fract dot length distance normalize cross smoothstep reflect refract faceForward modf frexp ldexp',
  'degrees radians determinant fma',
]
  .join(' ')
  .replaceAll(' ', '|');

const rules: [string, RegExp][] = [
  ['a built-in', new RegExp(`(?<![.\\w])(?:${banned})\\s*\\(`)],
  // Only a float constant shows the type in the text.
  ['% on floats', /\d\.\d*f?\s*%|%\s*(?:\d+\.|\.\d|f32\()|f32\([^()]*\)\s*%/],
  ['a division by a constant', /\/\s*\d+(?:\.\d*)?(?:e[-+]?\d+)?(?![\w.])f?/],
];

/** Literals of the sources tagged `wgsl`, and those of properties of that name; with line numbers. */
function wgslIn(text: string): { line: number; code: string }[] {
  const found: { line: number; code: string }[] = [];
  for (const match of text.matchAll(/\bwgsl(?::\s*)?([`'"])/g)) {
    const start = match.index + match[0].length;
    const code = literal(text, start, match[1]!);
    found.push({ line: text.slice(0, start).split('\n').length, code });
  }
  return found;
}

/** The literal from `start` to its closing quote; what is interpolated stands as its JavaScript. */
function literal(text: string, start: number, quote: string): string {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (quote === '`' && text.startsWith('${', i)) depth++;
    else if (depth > 0 && text[i] === '}') depth--;
    else if (depth === 0 && text[i] === quote) return text.slice(start, i);
  }
  throw new Error(`a literal that starts with ${text.slice(start, start + 20)} does not end`);
}

/** 'line: what: the text of the line', for each breach. */
function breaches(text: string): string[] {
  return wgslIn(text).flatMap(({ line, code }) =>
    code.split('\n').flatMap((row, i) => {
      const plain = row.replace(/\$\{[^{}]*\}/g, 'x').replace(/\/\/.*/, '');
      return rules
        .filter(([, pattern]) => pattern.test(plain))
        .map(([what]) => `${line + i}: ${what}: ${row.trim()}`);
    }),
  );
}

// What `math: 'native'` asks for is what the others must not use.
const isExempt = (name: string) => name.endsWith('.d.ts') || name.endsWith('math-native.ts');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !isExempt(name),
);

test.each(files)('kernels/%s', (name) => {
  expect(breaches(readFileSync(new URL(name, folder), 'utf8'))).toEqual([]);
});

test('the search finds what it is for, and only that', () => {
  const bad = [
    'exp(x)',
    'a + log (x)',
    'pow(x, y)',
    'x % 2.0',
    'f32(i) % y',
    'x / 3.0',
    'x / 3',
    'fma(a, b, c)',
  ];
  for (const code of bad) {
    expect(breaches(`const a = wgsl\`\n${code};\n\``), code).toHaveLength(1);
    expect(breaches(`const a = { wgsl: '${code}', js: f };`), code).toHaveLength(1);
  }
  const good = [
    'exp_(x)',
    'i % 4u',
    'i / 4u',
    'x * 3.0',
    '1.0 / x',
    'sqrt(x)',
    'x / y // exp(x)',
    'arrayLength(&x)',
  ];
  for (const code of good) expect(breaches(`const a = wgsl\`\n${code}\n\``), code).toEqual([]);
  expect(breaches('const js = Math.exp(x / 3);')).toEqual([]);
  expect(breaches('const a = wgsl`${names.map((n) => `${n}: f32`).join()}\nexp(x)`;')).toHaveLength(1);
});
