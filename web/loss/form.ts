/** The form of a loss: a template, four short fields, two editors; what is wrong stands where it is. */
import { element } from '../element.ts';
import { type Editor, openEditor } from './editor.ts';
import { aliases, formulaOps } from './formula/formula-ops.ts';
import { formulaLanguage, wgslLanguage } from './languages.ts';
import type { FieldName, Fields, Problem, Signature } from './source.ts';
import { type Template, templates } from './templates.ts';

export interface Form {
  readonly dom: HTMLElement;
  fields(): Fields;
  fill(fields: Fields): void;
  setTemplate(template: Template): void;
  showProblems(problems: readonly Problem[]): void;
  /** The head of the WGSL function, as the names make it. */
  showSignature(signature: Signature | undefined): void;
  focusProblem(problem: Problem): void;
}

interface FormOptions {
  readonly onChange: () => void;
  readonly onRun: () => void;
  readonly onTemplate: (template: Template) => void;
}

const SHORT = {
  name: ['Name', 'of the export'],
  inputs: ['Inputs', 'tensors of one shape'],
  wrt: ['Gradients flow to', 'wrt: some of the inputs'],
  params: ['Parameters', 'with their defaults: eps = 0.001'],
} as const satisfies Partial<Record<FieldName, readonly [string, string]>>;

type ShortName = keyof typeof SHORT;

export function createForm({ onChange, onRun, onTemplate }: FormOptions): Form {
  const select = element(
    'select',
    { id: 'loss-template' },
    ...templates.map(({ key, title }) => element('option', { value: key }, title)),
  );
  select.addEventListener('change', () => onTemplate(templates.find(({ key }) => key === select.value)!));

  const notes = {} as Record<FieldName, HTMLElement>;
  const inputs = {} as Record<ShortName, HTMLInputElement>;
  const shortFields = (Object.keys(SHORT) as ShortName[]).map((key) => {
    const [title, hint] = SHORT[key];
    const id = `loss-${key}`;
    notes[key] = element('div', { id: `${id}-note`, className: 'hint' }, hint);
    inputs[key] = element('input', {
      id,
      className: 'mono',
      spellcheck: false,
      autocomplete: 'off',
      autocapitalize: 'off',
      attributes: { 'aria-describedby': `${id}-note` },
    });
    inputs[key].addEventListener('input', onChange);
    inputs[key].addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onRun();
    });
    const label = element('label', { attributes: { for: id } }, title);
    return element('div', { className: 'field' }, label, inputs[key], notes[key]);
  });

  const editors: Record<'composed' | 'fused', Editor> = {
    composed: openEditor({
      label: 'Meaning, as a formula',
      description: 'Control Enter checks the loss',
      language: formulaLanguage,
      ...{ onChange, onRun },
    }),
    fused: openEditor({
      label: 'WGSL of one element',
      description: 'The body of a function; Control Enter checks the loss',
      language: wgslLanguage,
      ...{ onChange, onRun },
    }),
  };
  for (const key of ['composed', 'fused'] as const)
    notes[key] = element('ul', { className: 'problems', attributes: { 'aria-live': 'polite' } });
  const head = element('code', { className: 'wgsl-frame' });

  const dom = element(
    'div',
    { className: 'loss-form' },
    element(
      'div',
      { className: 'field' },
      element('label', { attributes: { for: 'loss-template' } }, 'Begin with'),
      select,
    ),
    element('div', { className: 'loss-short' }, ...shortFields),
    element('h2', {}, 'Meaning'),
    element(
      'p',
      { className: 'hint' },
      'Of one element; the loss is its mean. Parts may have names: ',
      element('code', {}, 'u = pred - label;'),
    ),
    editors.composed.dom,
    notes.composed,
    functionList(),
    element('h2', {}, 'WGSL'),
    element('p', { className: 'hint' }, 'The same with its derivatives, in one pass on the GPU.'),
    head,
    editors.fused.dom,
    element('code', { className: 'wgsl-frame' }, '}'),
    notes.fused,
  );

  return {
    dom,
    fields: () => ({
      name: inputs.name.value,
      inputs: inputs.inputs.value,
      wrt: inputs.wrt.value,
      params: inputs.params.value,
      composed: editors.composed.text(),
      fused: editors.fused.text(),
    }),
    fill(fields) {
      for (const key of Object.keys(SHORT) as ShortName[]) inputs[key].value = fields[key];
      editors.composed.replace(fields.composed);
      editors.fused.replace(fields.fused);
    },
    setTemplate: ({ key }) => void (select.value = key),
    showProblems(problems) {
      for (const key of Object.keys(SHORT) as ShortName[]) showShort(key, problems);
      for (const key of ['composed', 'fused'] as const) {
        const own = problems.filter(({ field }) => field === key);
        editors[key].show(own);
        notes[key].replaceChildren(...own.map((problem) => problemItem(problem, editors[key])));
      }
    },
    showSignature(signature) {
      if (signature) head.replaceChildren(...frameOf(signature));
    },
    focusProblem({ field, from, to }) {
      if (field === 'composed' || field === 'fused') editors[field].focus(from);
      else {
        inputs[field].focus();
        inputs[field].setSelectionRange(from, to);
      }
    },
  };

  function showShort(key: ShortName, problems: readonly Problem[]): void {
    const problem = problems.find(({ field }) => field === key);
    inputs[key].setAttribute('aria-invalid', String(problem?.severity === 'error'));
    notes[key].className = problem ? `hint ${problem.severity === 'error' ? 'problem' : 'warning'}` : 'hint';
    notes[key].textContent = problem?.message ?? SHORT[key][1];
  }
}

/** A line that leads to the place. */
function problemItem({ from, message, severity }: Problem, editor: Editor): HTMLElement {
  const line = editor.lineOf(from);
  const button = element('button', { type: 'button', className: 'problem-link' }, `Line ${line}`);
  button.addEventListener('click', () => editor.focus(from));
  return element('li', { className: severity }, button, ` ${message}`);
}

function frameOf({ inputs, wrt, params }: Signature): Node[] {
  const names = Object.keys(params);
  const text = [
    `fn element(${inputs.map((key) => `${key}: f32`).join(', ')}) -> Element {`,
    `  // return Element(value, ${wrt.map((key) => `derivative by ${key}`).join(', ')});` +
      (names.length > 0 ? `  parameters: ${names.map((key) => `uniforms.${key}`).join(', ')}` : ''),
  ];
  return text.map((line) => element('span', {}, line));
}

function functionList(): HTMLElement {
  const signatures = [...formulaOps.values()].map(({ name, parameters, defaults }) => {
    const optional = parameters.length - defaults.length;
    return `${name}(${parameters.map((key, i) => (i < optional ? key : `${key} = ${defaults[i - optional]}`)).join(', ')})`;
  });
  const short = [...aliases].map(([alias, name]) => `${alias} = ${name}`);
  return element(
    'details',
    { className: 'functions' },
    element('summary', {}, 'What a formula may have'),
    element(
      'p',
      { className: 'hint' },
      'Operators: + - * / ** ^ (both powers), > >= < <= == !=, && || !, condition ? a : b. ',
    ),
    element('p', { className: 'hint' }, 'A condition holds where it is above 0.5.'),
    element(
      'ul',
      { className: 'mono small' },
      ...[...signatures, ...short, 'PI'].map((text) => element('li', {}, text)),
    ),
  );
}
