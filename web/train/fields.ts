/** Fields of the form: a label, a control, a hint, and a place for what is wrong. Their values are texts. */
import { nameList, namesIn } from '../../base/name-list.ts';
import { element } from '../element.ts';
import { activations } from '../../models/activations.ts';

export interface Field {
  readonly name: string;
  readonly root: HTMLElement;
  read(): string;
  write(text: string): void;
  /** Beside the field, and told to screen readers; undefined when all is well. */
  showProblem(text: string | undefined): void;
}

interface FieldOptions {
  name: string;
  label: string;
  hint?: string;
}

export interface SliderOptions {
  min: number;
  max: number;
  step: number;
}

type Control = HTMLInputElement | HTMLSelectElement;

/** A number or a text; with a slider above it for numbers that have a usual range. */
export function textField(
  { name, label, hint }: FieldOptions,
  { slider, isNumber = true }: { slider?: SliderOptions | undefined; isNumber?: boolean } = {},
): Field {
  const input = element('input', {
    type: 'text',
    id: `field-${name}`,
    autocomplete: 'off',
    spellcheck: false,
    inputMode: isNumber ? 'decimal' : 'text',
  });
  if (!slider) return frame({ name, label, hint, isRow: true }, [input], input);
  const range = element('input', {
    type: 'range',
    ...{ min: String(slider.min), max: String(slider.max), step: String(slider.step) },
    attributes: { 'aria-label': `${label}, slider` },
  });
  range.addEventListener('input', () => {
    input.value = range.value;
  });
  input.addEventListener('input', () => {
    range.value = input.value;
  });
  const field = frame({ name, label, hint }, [element('div', { className: 'slider' }, range, input)], input);
  return {
    ...field,
    write(text) {
      field.write(text);
      range.value = text;
    },
  };
}

export function choiceField(
  options: FieldOptions,
  choices: readonly string[],
  wordsOf: (choice: string) => string = (choice) => choice,
): Field {
  const select = element('select', { id: `field-${options.name}` });
  for (const value of choices) select.append(element('option', { value }, wordsOf(value)));
  const field = frame({ ...options, isRow: true }, [select], select);
  return {
    ...field,
    /** A value from a link that is not among the choices stays, so that its problem can be shown. */
    write(text) {
      const isKnown = [...select.options].some(({ value }) => value === text);
      if (!isKnown) select.append(element('option', { value: text }, text));
      select.value = text;
    },
  };
}

/** Widths of the hidden layers and an activation, which make 'mlp:100,100:relu'. */
export function networkField(options: FieldOptions): Field {
  const widths = element('input', {
    type: 'text',
    id: `field-${options.name}`,
    autocomplete: 'off',
    spellcheck: false,
  });
  const activation = element('select', { attributes: { 'aria-label': `${options.label}, activation` } });
  for (const value of activations) activation.append(element('option', { value }, value));
  const field = frame(options, [element('div', { className: 'network' }, widths, activation)], widths);
  return {
    ...field,
    read() {
      const list = widths.value
        .trim()
        .split(/[\s,]+/)
        .join(',');
      return `mlp:${list}${activation.value === 'tanh' ? '' : `:${activation.value}`}`;
    },
    write(text) {
      const [kind, list = '', name = 'tanh'] = text.split(':');
      widths.value = kind === 'mlp' ? list.split(',').join(', ') : text;
      activation.value = name;
    },
  };
}

/** A check box a choice; the value is a list of names. */
export function checksField(
  options: FieldOptions,
  given: readonly { name: string; summary?: string }[],
): Field & { offer(choices: readonly { name: string; summary?: string }[]): void } {
  let boxes: HTMLInputElement[] = [];
  const rows = element('div', { className: 'checks' });
  const offer = (choices: typeof given) => {
    boxes = choices.map(({ name }) => element('input', { type: 'checkbox', value: name }));
    rows.replaceChildren(
      ...choices.map(({ name, summary }, i) => {
        const words = summary === undefined ? [] : [element('span', { className: 'hint' }, summary)];
        return element(
          'label',
          { className: 'check' },
          boxes[i]!,
          element('span', {}, element('strong', {}, name), ...words),
        );
      }),
    );
  };
  offer(given);
  const problem = problemLine(options.name);
  const root = element(
    'fieldset',
    { className: 'field' },
    element(
      'legend',
      { className: options.hint === undefined ? 'visually-hidden' : '' },
      options.hint ?? options.label,
    ),
    rows,
    problem,
  );
  return {
    name: options.name,
    root,
    offer,
    read: () => nameList(boxes.flatMap((box) => (box.checked ? [box.value] : []))),
    write(text) {
      const chosen = namesIn(text) ?? [];
      for (const box of boxes) box.checked = chosen.includes(box.value);
    },
    showProblem(text) {
      problem.textContent = text ?? '';
      problem.hidden = text === undefined;
    },
  };
}

/** As a row the control stands beside its label. */
function frame(
  { name, label, hint, isRow = false }: FieldOptions & { isRow?: boolean },
  controls: readonly Node[],
  main: Control,
): Field {
  const problem = problemLine(name);
  const described = [`problem-${name}`];
  const parts: Node[] = [element('label', { htmlFor: main.id }, label), ...controls];
  if (hint !== undefined) {
    parts.push(element('span', { className: 'hint', id: `hint-${name}` }, hint));
    described.push(`hint-${name}`);
  }
  main.setAttribute('aria-describedby', described.join(' '));
  return {
    name,
    root: element('div', { className: isRow ? 'field row' : 'field' }, ...parts, problem),
    read: () => main.value.trim(),
    write(text) {
      main.value = text;
    },
    showProblem(text) {
      problem.textContent = text ?? '';
      problem.hidden = text === undefined;
      if (text === undefined) main.removeAttribute('aria-invalid');
      else main.setAttribute('aria-invalid', 'true');
    },
  };
}

function problemLine(name: string): HTMLElement {
  return element('span', { className: 'problem', id: `problem-${name}`, hidden: true });
}
