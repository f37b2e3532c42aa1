/** Text of strangers, fit to be shown: what would steer a terminal, or turn what is read around, stands there as its number. */

/**
 * Control characters but for tabs and line feeds, DEL, the C1 ones, line separators, byte order marks; marks that turn the
 * direction of writing around; tags, which no font shows.
 */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** On as many lines as it has. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** On one line. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
