/**
 * A text editor with underlined problems. It lives in a shadow root: there CodeMirror adopts its style sheet instead of
 * writing a style element, which the page's policy forbids.
 */
import { bracketMatching, indentUnit, type StreamLanguage } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { minimalSetup } from 'codemirror';
import { element } from '../element.ts';
import { highlighting } from './languages.ts';
import type { Problem } from './source.ts';

export interface Editor {
  readonly dom: HTMLElement;
  text(): string;
  replace(text: string): void;
  show(problems: readonly Problem[]): void;
  focus(at?: number): void;
  /** The line of a place, from 1. */
  lineOf(position: number): number;
}

const theme = EditorView.theme({
  '&': {
    color: 'var(--ink)',
    backgroundColor: 'var(--page)',
    fontSize: '13px',
    borderRadius: 'var(--radius)',
  },
  '&.cm-focused': { outline: '2.5px solid var(--focus)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflowX: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--ink)' },
  '.cm-gutters': { color: 'var(--soft)', backgroundColor: 'transparent', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 22%, transparent)',
  },
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy 1.5px',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-error': { textDecorationColor: 'var(--bad)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warn)' },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--bad)' },
  '.cm-tooltip': {
    color: 'var(--ink)',
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--field)',
    maxWidth: '80vw',
  },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap', fontFamily: 'var(--sans)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
});

/**
 * Typed text by way of the state, not of the document: where Chromium replaces a selection itself it writes style
 * attributes, which the page's policy refuses loudly.
 */
const typing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== 'insertText' || event.data === null || event.isComposing || !event.cancelable)
      return false;
    event.preventDefault();
    const change = view.state.replaceSelection(event.data);
    view.dispatch(view.state.update(change, { userEvent: 'input.type', scrollIntoView: true }));
    return true;
  },
});

interface EditorOptions {
  readonly label: string;
  readonly language: StreamLanguage<unknown>;
  /** Ids of elements of the page cannot be seen from within: this is read out instead. */
  readonly description: string;
  readonly onChange: () => void;
  /** Ctrl-Enter, or Cmd-Enter. */
  readonly onRun: () => void;
}

export function openEditor({ label, language, description, onChange, onRun }: EditorOptions): Editor {
  const dom = element('div', { className: 'editor' });
  const root = dom.attachShadow({ mode: 'open' });
  const run = Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (onRun(), true) }]));
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        run,
        lineNumbers(),
        lintGutter(),
        // History, a drawn selection, the usual keys; Tab goes on to the next field, as everywhere on the page.
        minimalSetup,
        bracketMatching(),
        EditorView.lineWrapping,
        indentUnit.of('  '),
        typing,
        language,
        highlighting,
        theme,
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-description': description }),
        EditorView.updateListener.of(({ docChanged }) => docChanged && onChange()),
      ],
    }),
  });
  return {
    dom,
    text: () => view.state.doc.toString(),
    replace(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    show(problems) {
      const end = view.state.doc.length;
      const diagnostics: Diagnostic[] = problems.map(({ from, to, message, severity }) => ({
        from: Math.min(from, end),
        to: Math.min(to, end),
        message,
        severity,
      }));
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    focus(at) {
      view.focus();
      if (at !== undefined)
        view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) }, scrollIntoView: true });
    },
    lineOf: (position) => view.state.doc.lineAt(Math.min(position, view.state.doc.length)).number,
  };
}
