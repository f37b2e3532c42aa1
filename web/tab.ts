/** What the shell and its tabs promise each other. Types only. */

/** Settings of one tab as a deep link carries them: names and texts, as on the command line. */
export type Query = Readonly<Record<string, string>>;

export interface TabContext {
  /** What the page was opened with; empty if the link named another tab. */
  readonly query: Query;
  /** Puts settings into the address of the page while the tab is open; only those that are not the default belong there. */
  setQuery(query: Query): void;
  /** Called after light has become dark or the other way round; colours are custom properties of the style sheet. */
  onThemeChange(listener: () => void): void;
}

export interface Tab {
  /** The tab became visible; charts may have another width now. */
  show(): void;
  /** It is not visible any more. Work that nobody watches may rest; training goes on. */
  hide(): void;
}

/** What a tab's module `mount.ts` exports: fills `root` once, before the first `show`. */
export type Mount = (root: HTMLElement, context: TabContext) => Tab;
