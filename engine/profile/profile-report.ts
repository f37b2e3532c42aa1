/** A profile for people: as a text table, and as a trace for chrome://tracing or Perfetto. */
import { inWords } from '../borders.ts';
import type { Profile, ProfileEvent, ProfileRow } from './profile.ts';

/** Rows of `profileTable` that are shown; the rest is summed up. */
const MAX_ROWS = 30;

/** Two tables: layers by direction, and kernels with their layers; and how it was measured. Microseconds. */
export function profileTable(profile: Profile): string {
  checkProfile('profileTable', profile);
  const { rows, total, isTimed } = profile;
  const busy = rows.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const clock = isTimed
    ? 'GPU timestamps, a pass a dispatch'
    : `no timestamps here: wall time, one dispatch a submit, ${micros(profile.waitMicroseconds)} µs of each is the submit and the wait`;
  const coarse =
    profile.tickMicroseconds > 10 ? `; the clock ticks every ${micros(profile.tickMicroseconds)} µs` : '';
  const rest = rows.slice(MAX_ROWS);
  return [
    `${profile.adapter}: ${micros(total.microseconds)} µs a step, ${micros(busy)} µs in ${total.dispatches} dispatches`,
    `${clock}${coarse}; ${profile.repeats} steps measured`,
    '',
    ...aligned([['layer', 'forward', 'backward', 'other', 'share'], ...layerRows(profile)], 1),
    '',
    ...aligned(
      [
        ['layer', 'direction', 'kernel', 'dispatches', 'µs', 'share'],
        ...rows.slice(0, MAX_ROWS).map((row) => kernelRow(row, profile)),
      ],
      3,
    ),
    ...(rest.length === 0 ? [] : [`and ${rest.length} more, ${percent(sumOf(rest, 'share'))}`]),
  ].join('\n');
}

/**
 * JSON of Chrome's trace event format: one track of dispatches, one of layers. Open it in chrome://tracing or at
 * ui.perfetto.dev.
 */
export function chromeTrace(profile: Profile): string {
  checkProfile('chromeTrace', profile);
  const { adapter, events, isTimed, total } = profile;
  const names = [
    { name: 'process_name', tid: 0, args: { name: adapter } },
    { name: 'thread_name', tid: 1, args: { name: 'layers' } },
    { name: 'thread_name', tid: 2, args: { name: 'kernels' } },
  ].map((meta) => ({ ph: 'M', pid: 1, ...meta }));
  const complete = (tid: number, name: string, event: ProfileEvent) => ({
    ph: 'X',
    pid: 1,
    tid,
    name,
    cat: event.direction,
    ts: event.start,
    dur: event.microseconds,
    args: { layer: event.layer, direction: event.direction },
  });
  return JSON.stringify({
    displayTimeUnit: 'ns',
    otherData: {
      adapter,
      clock: isTimed ? 'gpu' : 'host, one dispatch a submit',
      microseconds: total.microseconds,
    },
    traceEvents: [
      ...names,
      ...inLayers(events).map((event) => complete(1, `${event.layer || 'other'} ${event.direction}`, event)),
      ...events.map((event) => complete(2, event.kernel, event)),
    ],
  });
}

/** Neighbours of one layer and direction as one event. */
function inLayers(events: readonly ProfileEvent[]): ProfileEvent[] {
  const joined: ProfileEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (last && last.layer === event.layer && last.direction === event.direction) {
      const microseconds = event.start + event.microseconds - last.start;
      joined[joined.length - 1] = { ...last, microseconds };
    } else joined.push(event);
  }
  return joined;
}

function layerRows(profile: Profile): string[][] {
  const { rows } = profile;
  const layers = [...new Set(rows.map(({ layer }) => layer))]
    .map((layer) => ({ layer, rows: rows.filter((row) => row.layer === layer) }))
    .sort((a, b) => sumOf(b.rows, 'share') - sumOf(a.rows, 'share'));
  return layers.map((of) => [
    of.layer || '–',
    ...(['forward', 'backward', 'other'] as const).map((direction) => {
      const some = of.rows.filter((row) => row.direction === direction);
      return some.length === 0 ? '' : measured(sumOf(some, 'microseconds'), profile);
    }),
    percent(sumOf(of.rows, 'share')),
  ]);
}

function kernelRow(row: ProfileRow, profile: Profile): string[] {
  const { layer, direction, kernel, dispatches, microseconds, share } = row;
  const time = measured(microseconds, profile);
  return [layer || '–', direction, kernel, String(dispatches), time, percent(share)];
}

function sumOf(rows: readonly ProfileRow[], key: 'share' | 'microseconds'): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}

/** A sum of zeros is no time that was measured, but one that the clock is too coarse for. */
function measured(value: number, { tickMicroseconds, repeats }: Profile): string {
  return value === 0 ? `<${micros(tickMicroseconds / repeats)}` : micros(value);
}

function micros(value: number): string {
  return Number.isNaN(value) ? '?' : value.toFixed(value < 100 ? 1 : 0);
}

function percent(share: number): string {
  return Number.isNaN(share) ? '?' : `${(share * 100).toFixed(1)} %`;
}

/** Columns of equal width; the first `words` stand to the left, numbers to the right. */
function aligned(table: readonly (readonly string[])[], words: number): string[] {
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return table.map((row) =>
    row
      .map((text, i) => (i < words ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function checkProfile(where: string, profile: Profile): void {
  if (!Array.isArray(profile?.events))
    throw new Error(`${where}: wants what await profile(…) gives, got ${inWords(profile)}`);
}
