/** A cell of CSV that is text. */

/** In quotation marks where it would be read as something else without. */
export function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
