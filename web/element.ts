/** DOM elements in one expression. */

type Properties<K extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[K], 'style' | 'dataset' | 'children' | 'attributes'>
> & {
  /** What has no property of its own name: aria-*, role, for. */
  attributes?: Readonly<Record<string, string>>;
};

/** An element with properties and children; texts stay texts, whatever they contain. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { attributes = {}, ...properties }: Properties<K> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The element of that id, which index.html has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element '${id}'`);
  return found;
}
