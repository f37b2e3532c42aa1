/** A loss in the address of the page: the template, and what differs from it. */
import type { Query } from '../tab.ts';
import type { FieldName, Fields } from './source.ts';
import { type Template, templates } from './templates.ts';

export interface Linked {
  readonly template: Template;
  readonly fields: Fields;
}

/** A template that is not there is the first; what else is in the link is left alone. */
export function fieldsFromQuery(query: Query): Linked {
  const template = templates.find(({ key }) => key === query.template) ?? templates[0]!;
  const keys = Object.keys(template.fields) as FieldName[];
  const given = Object.fromEntries(keys.map((key) => [key, query[key] ?? template.fields[key]]));
  return { template, fields: given as unknown as Fields };
}

export function queryOf({ template, fields }: Linked): Query {
  const keys = Object.keys(fields) as FieldName[];
  const changed = keys.filter((key) => fields[key] !== template.fields[key]);
  return {
    ...(template === templates[0] ? {} : { template: template.key }),
    ...Object.fromEntries(changed.map((key) => [key, fields[key]])),
  };
}
