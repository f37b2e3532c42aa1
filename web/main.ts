/** The page: its tabs, its colours, its address. */
import { readAddress, writeAddress } from './address.ts';
import { byId } from './element.ts';
import type { Query, TabContext } from './tab.ts';
import { connectTabs, type TabEntry } from './tabs.ts';
import { connectTheme } from './theme.ts';

const entries: readonly TabEntry[] = [
  { name: 'train', load: () => import('./train/mount.ts') },
  { name: 'loss', load: () => import('./loss/mount.ts') },
  { name: 'benchmark', load: () => import('./benchmark/mount.ts') },
];

const address = readAddress(
  location,
  entries.map(({ name }) => name),
);
const queries = new Map<string, Query>([[address.tab, address.query]]);
const themeListeners = new Set<() => void>();
let openTab = address.tab;

/** Replaces, because settings are no places to go back to. */
const write = () => {
  const hash = writeAddress({ tab: openTab, query: queries.get(openTab) ?? {} });
  history.replaceState(null, '', `${location.pathname}${hash}`);
};

const contextOf = (name: string): TabContext => ({
  query: queries.get(name) ?? {},
  setQuery(query) {
    queries.set(name, query);
    if (name === openTab) write();
  },
  onThemeChange: (listener) => void themeListeners.add(listener),
});

const open = connectTabs(entries, contextOf, (name) => {
  openTab = name;
  write();
});

connectTheme(byId('theme'), () => {
  for (const listener of themeListeners) listener();
});
// Somebody has put another link into the address line: it is a page of its own.
window.addEventListener('hashchange', () => location.reload());
void open(address.tab);
