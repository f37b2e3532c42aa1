/** Deep links: `#loss&name=value`, or `?tab=loss&name=value`; everything but the tab's name belongs to that tab. */
import type { Query } from './tab.ts';

export interface Address {
  tab: string;
  query: Query;
}

/** What a link asks for; a hash counts before a query, because the page writes hashes. */
export function readAddress(
  { search, hash }: Pick<Location, 'search' | 'hash'>,
  tabs: readonly string[],
): Address {
  const given = { ...parametersOf(search), ...parametersOf(hash) };
  const tab = tabs.find((name) => given[name] === '') ?? tabs.find((name) => name === given.tab) ?? tabs[0]!;
  const { tab: _, [tab]: __, ...query } = given;
  return { tab, query };
}

function parametersOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.slice(1)));
}

/** The hash of a link. Commas and colons stay legible: they are allowed there. */
export function writeAddress({ tab, query }: Address): string {
  const settings = new URLSearchParams(query).toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#${tab}${settings === '' ? '' : `&${settings}`}`;
}
