/** How a CSV file is written: a field for each thing that its reader finds out, with what it found beside it. */
import { element } from '../element.ts';
import { writingNames } from './writing.ts';
import type { Field } from './fields.ts';

export interface WritingFields {
  readonly root: HTMLElement;
  /** What was found of the present file; by option name. */
  show(found: Readonly<Record<string, string>>): void;
}

/** `fields` are those of the form, by name. Opened where one of them `isSet`. */
export function makeWritingFields(fields: ReadonlyMap<string, Field>, isSet: boolean): WritingFields {
  const places = new Map(writingNames.map((name) => [name, placeIn(fields.get(name)!)]));
  return {
    root: element(
      'details',
      { className: 'writing', open: isSet },
      element('summary', {}, 'How it is written'),
      element('div', { className: 'fields' }, ...writingNames.map((name) => fields.get(name)!.root)),
    ),
    show(found) {
      for (const [name, place] of places) {
        place.textContent = found[name] === undefined ? '' : `found: ${found[name]}`;
        place.hidden = found[name] === undefined;
      }
    },
  };
}

/** Under the control, and told with it. */
function placeIn({ name, root }: Field): HTMLElement {
  const place = element('span', { className: 'hint found', id: `found-${name}`, hidden: true });
  root.append(place);
  const control = root.querySelector('input, select')!;
  control.setAttribute(
    'aria-describedby',
    `${control.getAttribute('aria-describedby') ?? ''} ${place.id}`.trim(),
  );
  return place;
}
