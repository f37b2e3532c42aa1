/** Names in one text, with commas between them; one that holds a comma, or a quote, is quoted as in CSV: `"a, b",c`. */

/** The names, without blanks around them; undefined where a quote is not closed, or something follows one. */
export function namesIn(text: string): string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?=,|$)/s.exec(text.slice(at));
    const [whole = '', inside] = quoted ?? /^[^,]*/.exec(text.slice(at))!;
    if (!quoted && /^\s*"/.test(whole)) return undefined;
    names.push(inside === undefined ? whole.trim() : inside.replaceAll('""', '"'));
    at += whole.length;
  }
  return names;
}

/** The text of a list of names. */
export function nameList(names: readonly (string | number)[]): string {
  return names.map((name) => quotedName(String(name))).join(',');
}

/** As it stands in such a list. */
export function quotedName(name: string): string {
  return /[",]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
