/** Numbers as people read them: the same in the table, the progress line and the report. */

/** Four decimals, or two significant digits below a thousandth; the minus sign is a real one. */
export function formatError(value: number, decimals = 4): string {
  const magnitude = Math.abs(value);
  const isTiny = magnitude > 0 && magnitude < 10 ** (1 - decimals);
  return withMinus(isTiny ? value.toExponential(1) : value.toFixed(decimals));
}

/** A difference, with its sign: '+0.0012', '−0.0340'. */
export function formatSigned(value: number, decimals = 4): string {
  const text = formatError(value, decimals);
  return value > 0 ? `+${text}` : text;
}

/** '5.83°', or '–' where there is no number. */
export function formatDegrees(value: number, decimals = 2): string {
  return Number.isFinite(value) ? `${withMinus(value.toFixed(decimals))}°` : '–';
}

/** '+0.31°', '−1.20°'. */
export function formatSignedDegrees(value: number): string {
  const text = formatDegrees(value);
  return value > 0 ? `+${text}` : text;
}

export function formatInterval(
  ci95: readonly [number, number] | null,
  format: (value: number) => string = formatError,
): string {
  return ci95 === null ? '–' : `[${format(ci95[0])}, ${format(ci95[1])}]`;
}

export function formatPercent(share: number | null): string {
  return share === null ? '–' : `${trimmed(share * 100, 1)} %`;
}

/** '0.42 s', '12.3 s', '3 min 05 s', '2 h 04 min'; '–' where there is none. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Time left, as clocks write it: '0:34', '12:05', '1:02:03'. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Thousands apart by a thin no-break space: 10 401; '–' where there is no number. */
export function formatCount(value: number | null): string {
  if (value === null) return '–';
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** At most so many decimals, without trailing zeros. */
export function trimmed(value: number, decimals: number): string {
  return withMinus(String(Number(value.toFixed(decimals))));
}

function withMinus(text: string): string {
  const isZero = !/[1-9]/.test(text);
  return isZero ? text.replace('-', '') : text.replace(/^-/, '−').replace('e-', 'e−');
}
