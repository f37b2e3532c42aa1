/** The JSON schema of STUDY.json, made of the option list: editors complete and check with it. */
import type { Option } from '../../base/option.ts';
import { modifiers } from '../../methods/modifiers/all.ts';
import { studyOptions } from './option-texts.ts';

export function studySchema(methodNames: readonly string[]): object {
  const method = methodSchema(methodNames);
  const base = Object.fromEntries(studyOptions().map((option) => [option.name, valueSchema(option, method)]));
  const several = { $ref: '#/definitions/options' };
  const axes = studyOptions().map(({ name }) => [
    name,
    {
      type: 'array',
      minItems: 1,
      items: { anyOf: [{ $ref: `#/definitions/options/properties/${name}` }, several] },
    },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A study of limbeck: a grid of runs of distill',
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      name: { type: 'string', pattern: '^[A-Za-z0-9_.-]+$', description: 'what it is called' },
      base: { ...several, description: 'options that all runs have' },
      grid: {
        type: 'object',
        description: 'values of options; there is a run for each combination, the first axis varies slowest',
        properties: Object.fromEntries(axes),
        // An axis of any other name has entries that set several options at once.
        additionalProperties: { type: 'array', minItems: 1, items: several },
      },
      baseline: {
        anyOf: [method, { type: 'string', pattern: `^(${methodNames.join('|')})/[1-9]\\d*$` }],
        description: 'the method that others are compared with',
      },
    },
    definitions: { options: { type: 'object', additionalProperties: false, properties: base } },
  };
}

/** A method, or one with add-ons. */
function methodSchema(methodNames: readonly string[]): object {
  const names = [...modifiers.keys()].join('|');
  const pattern = `^(${methodNames.join('|')})(\\+(${names}))+$`;
  return { anyOf: [{ enum: methodNames }, { type: 'string', pattern }] };
}

function valueSchema(option: Option, method: object): object {
  const { kind, help, choices, min, max, isAbove } = option;
  const description = help.replaceAll(/\s+/g, ' ');
  const range = {
    ...(min === undefined ? {} : { [isAbove ? 'exclusiveMinimum' : 'minimum']: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
  switch (kind) {
    case 'flag':
      return { const: true, description };
    case 'integer':
    case 'number':
      return { type: kind, description, ...range };
    case 'ramp':
      return {
        anyOf: [
          { type: 'number', ...range },
          { type: 'string', pattern: '^[^:]+:[^:]+$' },
        ],
        description,
      };
    case 'choice':
      return { enum: choices, description };
    case 'methods':
      return { anyOf: [method, { type: 'array', minItems: 1, items: method }], description };
    case 'networks': {
      const one = { type: 'string', minLength: 1 };
      return { anyOf: [one, { type: 'array', minItems: 1, items: one }], description };
    }
    case 'columns': {
      const one = { type: ['string', 'number'] };
      return { anyOf: [one, { type: 'array', minItems: 1, items: one }], description };
    }
    default:
      return { type: 'string', minLength: 1, description };
  }
}
