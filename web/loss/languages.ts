/** Light highlighting of WGSL and of formulas: comments, numbers, keywords, types, functions. */
import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';

const KEYWORDS = new Set(
  'break case const continue continuing default else false fn for if let loop return struct switch true var while'.split(
    ' ',
  ),
);
const TYPES = /^(?:f32|f16|i32|u32|bool|Element|vec[234][fiuh]?|mat[234]x[234][fh]?|array)$/;
const NUMBER = /^(?:0x[\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[fhiu]?/;

/** Comments in blocks do not nest here; in WGSL they do, and nobody does it. */
export const wgslLanguage = StreamLanguage.define<{ isInComment: boolean }>({
  name: 'wgsl',
  startState: () => ({ isInComment: false }),
  token(stream, state) {
    if (state.isInComment || stream.match('/*')) {
      state.isInComment = !stream.match(/^.*?\*\//);
      if (state.isInComment) stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^\/\/.*/)) return 'comment';
    return tokenOf(stream, { keywords: KEYWORDS, types: TYPES });
  },
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } } },
});

export const formulaLanguage = StreamLanguage.define({
  name: 'formula',
  token: (stream) => tokenOf(stream, { keywords: new Set(), types: /^(?:PI|pi)$/ }),
});

function tokenOf(
  stream: StringStream,
  { keywords, types }: { keywords: ReadonlySet<string>; types: RegExp },
): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(NUMBER)) return 'number';
  const word = stream.match(/^[A-Za-z_$][\w$]*/) as RegExpMatchArray | null;
  if (!word) {
    if (!stream.match(/^[-+*/^<>=!&|?:%]+/)) stream.next();
    return null;
  }
  if (keywords.has(word[0])) return 'keyword';
  if (types.test(word[0])) return 'typeName';
  return stream.match(/^\s*\(/, false) ? 'variableName.function' : 'variableName';
}

/** Colours are custom properties of the page, which change with its theme. */
export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
    { tag: tags.number, color: 'color-mix(in srgb, var(--m2) 80%, var(--ink))' },
    { tag: tags.keyword, color: 'var(--m3)', fontWeight: '600' },
    { tag: tags.typeName, color: 'var(--m5)' },
    { tag: tags.function(tags.variableName), color: 'var(--m6)' },
  ]),
);
