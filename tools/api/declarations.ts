/** Public declarations, read from the .d.ts files that a build makes: what an entry point exports, where it is declared. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript6';

export interface Declared {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'constant';
  /** What its comment says, without the stars. */
  readonly doc: string;
  /** As TypeScript, without that comment; overloads one after another. */
  readonly text: string;
}

/** Exports that a comment line stands above: `// Ops`. */
export interface Section {
  readonly title: string;
  readonly declared: readonly Declared[];
}

/** Of an entry point's .d.ts; `order` is the source file whose comments group its exports. */
export function sectionsOf(entry: string, order: string): Section[] {
  const titles = titlesIn(order);
  const sections = new Map<string, Declared[]>();
  for (const { name, from, original } of exportsOf(entry)) {
    const title = titles.get(name) ?? '';
    const found = declarationOf(from, original);
    sections.set(title, [...(sections.get(title) ?? []), { ...found, name }]);
  }
  const places = [...new Set(titles.values())];
  return [...sections]
    .map(([title, declared]) => ({ title, declared: declared.toSorted(byName) }))
    .toSorted((a, b) => places.indexOf(a.title) - places.indexOf(b.title));
}

function byName(a: Declared, b: Declared): number {
  return a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** The comment line above each export of a source file. */
function titlesIn(file: string): Map<string, string> {
  const source = parse(file);
  const titles = new Map<string, string>();
  let title = '';
  for (const statement of source.statements) {
    const before = source.text.slice(statement.pos, statement.getStart());
    title = [...before.matchAll(/^\/\/ (.+)$/gm)].at(-1)?.[1] ?? title;
    for (const { name } of exportedIn(statement, file)) titles.set(name, title);
  }
  return titles;
}

/** Of `export * as name`: the module itself. */
const ALL = '*';

interface Exported {
  readonly name: string;
  /** The module that it comes from, and its name there. */
  readonly from: string;
  readonly original: string;
}

function exportsOf(file: string): Exported[] {
  return parse(file).statements.flatMap((statement) => exportedIn(statement, file));
}

function exportedIn(statement: ts.Statement, file: string): Exported[] {
  if (ts.isExportDeclaration(statement)) {
    const to = statement.moduleSpecifier as ts.StringLiteral | undefined;
    const from = to ? join(dirname(file), to.text.replace(/\.[jt]s$/, '.d.ts')) : file;
    const { exportClause } = statement;
    // `export * from`: all of that module. Of a source file only its own names are asked for.
    if (!exportClause) return file.endsWith('.d.ts') ? exportsOf(from) : [];
    if (!ts.isNamedExports(exportClause)) return [{ name: exportClause.name.text, from, original: ALL }];
    return exportClause.elements.map(({ name, propertyName }) => ({
      name: name.text,
      from,
      original: (propertyName ?? name).text,
    }));
  }
  const isExported = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
  return isExported ? namesOf(statement).map((name) => ({ name, from: file, original: name })) : [];
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as ts.DeclarationStatement;
  return name ? [name.text] : [];
}

/** Follows exports from module to module to where a name is declared. */
function declarationOf(file: string, name: string): Omit<Declared, 'name'> {
  if (name === ALL) return moduleOf(file);
  const source = parse(file);
  const own = source.statements.filter(
    (statement) => !ts.isExportDeclaration(statement) && namesOf(statement).includes(name),
  );
  if (own.length > 0) return told(own);
  const [further] = exportsOf(file).filter((each) => each.name === name && each.from !== file);
  const imported = further ?? importOf(source, file, name);
  if (!imported) throw new Error(`${file}: ${name} is exported and nowhere declared`);
  return declarationOf(imported.from, imported.original);
}

function moduleOf(file: string): Omit<Declared, 'name'> {
  const parts = exportsOf(file).map(({ from, original }) => declarationOf(from, original));
  const of = ({ doc, text }: Omit<Declared, 'name'>) => (doc === '' ? text : `/** ${doc} */\n${text}`);
  const doc = /^\/\*\*[\s\S]*?\*\//.exec(parse(file).text)?.[0] ?? '';
  return { kind: 'constant', doc: withoutStars(doc), text: parts.map(of).join('\n') };
}

function importOf(source: ts.SourceFile, file: string, name: string): Exported | undefined {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { namedBindings } = statement.importClause ?? {};
    if (!namedBindings || !ts.isNamedImports(namedBindings)) continue;
    const found = namedBindings.elements.find((element) => element.name.text === name);
    const to = (statement.moduleSpecifier as ts.StringLiteral).text.replace(/\.[jt]s$/, '.d.ts');
    if (found)
      return { name, from: join(dirname(file), to), original: (found.propertyName ?? found.name).text };
  }
  return undefined;
}

function told(statements: readonly ts.Statement[]): Omit<Declared, 'name'> {
  const [first] = statements as [ts.Statement];
  const comments = ts.getLeadingCommentRanges(first.getFullText(), 0) ?? [];
  const last = comments.at(-1);
  const comment = last ? first.getFullText().slice(last.pos, last.end) : '';
  return {
    kind: kindOf(first),
    doc: comment.startsWith('/**') ? withoutStars(comment) : '',
    text: statements.map((statement) => statement.getText().replace(/^export (declare )?/, '')).join('\n'),
  };
}

function kindOf(statement: ts.Statement): Declared['kind'] {
  if (ts.isFunctionDeclaration(statement)) return 'function';
  if (ts.isClassDeclaration(statement)) return 'class';
  if (ts.isInterfaceDeclaration(statement)) return 'interface';
  return ts.isTypeAliasDeclaration(statement) ? 'type' : 'constant';
}

function withoutStars(comment: string): string {
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}
