/** Tabs after the ARIA pattern: arrow keys, Home and End move and open; a tab's code is loaded when it is first opened. */
import { byId, element } from './element.ts';
import type { Mount, Tab } from './tab.ts';

export interface TabEntry {
  readonly name: string;
  load(): Promise<{ mount: Mount }>;
}

interface Opened {
  name: string;
  tab: Tab;
}

/** Returns `open`, which shows a tab by name. `contextOf` is asked once a tab; `onOpen` hears of every change. */
export function connectTabs(
  entries: readonly TabEntry[],
  contextOf: (name: string) => Parameters<Mount>[1],
  onOpen: (name: string) => void,
): (name: string) => Promise<void> {
  const buttons = entries.map(({ name }) => byId(`tab-${name}`));
  const mounted = new Map<string, Promise<Tab>>();
  let wanted = '';
  let shown: Opened | undefined;

  const open = async (name: string) => {
    if (wanted === name) return;
    wanted = name;
    for (const [i, entry] of entries.entries()) {
      const isOpen = entry.name === name;
      buttons[i]!.setAttribute('aria-selected', String(isOpen));
      buttons[i]!.tabIndex = isOpen ? 0 : -1;
      byId(`panel-${entry.name}`).hidden = !isOpen;
    }
    shown?.tab.hide();
    shown = undefined;
    onOpen(name);
    const tab = await mountOnce(name);
    if (wanted !== name || !tab) return;
    shown = { name, tab };
    tab.show();
  };

  /** A tab that could not be loaded says so in its place, and is tried again when it is next opened. */
  const mountOnce = async (name: string): Promise<Tab | undefined> => {
    const root = byId(`panel-${name}`);
    const entry = entries.find((candidate) => candidate.name === name)!;
    const started =
      mounted.get(name) ?? entry.load().then(({ mount }) => mountInto(root, mount, contextOf(name)));
    mounted.set(name, started);
    try {
      return await started;
    } catch (error) {
      mounted.delete(name);
      root.replaceChildren(loadFailure(error));
      return undefined;
    }
  };

  for (const [i, button] of buttons.entries()) {
    button.addEventListener('click', () => void open(entries[i]!.name));
    button.addEventListener('keydown', (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: entries.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + entries.length) % entries.length;
      buttons[next]!.focus();
      void open(entries[next]!.name);
    });
  }
  return open;
}

function mountInto(root: HTMLElement, mount: Mount, context: Parameters<Mount>[1]): Tab {
  root.replaceChildren();
  return mount(root, context);
}

function loadFailure(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  return element(
    'div',
    { className: 'message error', attributes: { role: 'alert' } },
    element('strong', {}, 'This part of the page could not be loaded.'),
    ` ${message}. Open the tab again, or reload the page.`,
  );
}
