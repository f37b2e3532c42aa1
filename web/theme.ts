/** Light or dark: what the system prefers, until somebody chooses here. */

type Theme = 'light' | 'dark';

const KEY = 'limbeck-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** Connects the button that switches; the listener hears of every change, the system's too. */
export function connectTheme(button: HTMLElement, onChange: () => void): void {
  let chosen = stored();
  const apply = () => {
    const theme = chosen ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    const other = theme === 'dark' ? 'light' : 'dark';
    button.setAttribute('aria-label', `Switch to ${other} colours`);
    button.title = `Switch to ${other} colours`;
    onChange();
  };
  button.addEventListener('click', () => {
    const now: Theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    // Back at the system's choice there is nothing to remember.
    chosen = now === (dark.matches ? 'dark' : 'light') ? undefined : now;
    store(chosen);
    apply();
  });
  dark.addEventListener('change', apply);
  apply();
}

/** A browser that keeps nothing may throw. */
function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}

function store(theme: Theme | undefined): void {
  try {
    if (theme === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Then the choice lasts as long as the page.
  }
}
