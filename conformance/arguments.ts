/** The arguments of an operator by name, positional and options alike; none may be left unread. */
import type { Tensor } from '../index.ts';
import type { Operator } from './graph.ts';

export interface Arguments {
  /** A tensor that must be there. */
  tensor(name: string): Tensor;
  /** A tensor that may be there. */
  optional(name: string): Tensor | undefined;
  /** Several tensors. */
  tensors(name: string): Tensor[];
  /** Anything else. The vectors keep to the types of the specification, so the type is taken on trust. */
  get<T>(name: string, otherwise: T): T;
  /** Throws if an argument was not read: it would have changed the result. */
  finish(): void;
}

export function argumentsOf(operator: Operator, operands: ReadonlyMap<string, Tensor>): Arguments {
  // An argument may be null, which stands for one left out.
  const { options, ...positional } = Object.assign({}, ...operator.arguments) as Record<string, unknown>;
  const values: Record<string, unknown> = { ...positional, ...Object(options) };
  // A label is for messages.
  const unread = new Set(Object.keys(values).filter((name) => name !== 'label'));

  const read = (name: string) => {
    unread.delete(name);
    return values[name];
  };
  const operand = (name: string) => {
    const x = operands.get(name);
    if (!x) throw new Error(`no operand '${name}' in this graph, for ${operator.name}`);
    return x;
  };
  return {
    tensor: (name) => operand(String(read(name))),
    optional: (name) => (values[name] === undefined ? undefined : operand(String(read(name)))),
    tensors: (name) => (read(name) as string[]).map(operand),
    get: <T>(name: string, otherwise: T) => (read(name) ?? otherwise) as T,
    finish() {
      if (unread.size > 0)
        throw new Error(`unknown argument '${[...unread].join("', '")}' of ${operator.name}`);
    },
  };
}
