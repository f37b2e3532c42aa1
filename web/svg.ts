/** Charts that the library draws as text, as elements of the page. */

/** @param text one svg element; its colours come from classes */
export function svgOf(text: string): Element {
  const template = document.createElement('template');
  template.innerHTML = text;
  const [svg] = template.content.children;
  if (!svg) throw new Error('the chart is empty');
  return svg;
}
