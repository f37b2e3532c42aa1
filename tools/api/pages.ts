/** The API reference as Markdown: a page a section, and one that lists them all. */
import type { Declared, Section } from './declarations.ts';

export interface EntryPoint {
  /** As it is imported: 'limbeck/study'. */
  readonly name: string;
  readonly sections: readonly Section[];
}

/** File names in docs/api/ and what stands in them. */
export function pagesOf(entries: readonly EntryPoint[]): Map<string, string> {
  const pages = new Map<string, string>([['README.md', indexOf(entries)]]);
  for (const entry of entries)
    for (const section of entry.sections) pages.set(fileOf(entry, section), pageOf(entry, section));
  return pages;
}

function fileOf({ name }: EntryPoint, { title }: Section): string {
  const words = [name.replace('limbeck', '').replace('/', ''), title].filter((word) => word !== '');
  const slug = words
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return `${slug === '' ? 'limbeck' : slug}.md`;
}

function titleOf({ name }: EntryPoint, { title }: Section): string {
  return title === '' ? `\`${name}\`` : `\`${name}\`: ${title.toLowerCase()}`;
}

function indexOf(entries: readonly EntryPoint[]): string {
  const lines = [
    '# API',
    '',
    'Every public name, with its comment and its type. Made by `npm run api` from the sources, whose comments give',
    'shapes, units, ranges and errors; a test holds it to them.',
  ];
  for (const entry of entries) {
    lines.push('', `## \`${entry.name}\``, '');
    for (const section of entry.sections) {
      const file = fileOf(entry, section);
      const names = section.declared.map(({ name }) => `[${name}](${file}#${anchorOf(name)})`);
      lines.push(
        section.title === '' ? names.join(', ') : `- **[${section.title}](${file})**: ${names.join(', ')}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** As GitHub makes anchors of headings. */
function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\w-]/g, '');
}

function pageOf(entry: EntryPoint, section: Section): string {
  const head = `# ${titleOf(entry, section)}\n\n[All names](README.md)\n`;
  return [head, ...section.declared.map(entryOf)].join('\n');
}

function entryOf({ name, doc, text }: Declared): string {
  const prose = proseOf(doc);
  return `## ${name}\n\n${prose === '' ? '' : `${prose}\n\n`}\`\`\`ts\n${text}\n\`\`\`\n`;
}

/** A comment as Markdown: code stays indented, tags become words. */
function proseOf(doc: string): string {
  return doc
    .replaceAll(/^@param (\S+) /gm, '\n`$1`: ')
    .replaceAll(/^@returns? /gm, '\nReturns ')
    .replaceAll(/^@throws /gm, '\nThrows: ')
    .replaceAll(/\{@link (\S+?)\}/g, '`$1`')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
