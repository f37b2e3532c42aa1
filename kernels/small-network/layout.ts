/**
 * Where the numbers of a small network lie in the lanes of a seed. A vector is a number a lane; lane l of block c has column
 * c · lanes + l. Lanes beyond the last column have zeros, which stay zero.
 */
import { type Lanes, range, type SmallNetwork } from './description.ts';

/** A number of a parameter: which one in the list, and which element of it. */
export interface Place {
  readonly parameter: number;
  readonly element: number;
}

export interface Layout {
  /** What each lane of each vector has. Weights come first, then biases. */
  readonly places: readonly (readonly (Place | undefined)[])[];
  readonly weightVectors: number;
  /** Numbers of vectors, for each hidden layer: its weights by input and block of columns, its biases by block. */
  readonly hidden: readonly { readonly weights: number[][]; readonly biases: number[] }[];
  /** For each head its weights by output and block of features. */
  readonly heads: readonly (readonly number[][])[];
  /** The biases of all heads, output after output, by block. */
  readonly headBiases: readonly number[];
}

export function layoutOf({ inputs, hidden, heads, outputs }: SmallNetwork, lanes: Lanes): Layout {
  const places: (Place | undefined)[][] = [];
  const vector = (placeAt: (lane: number) => Place | undefined) => places.push(range(lanes).map(placeAt)) - 1;
  const blocks = (count: number) => range(Math.ceil(count / lanes));
  const within = (count: number, column: number, place: Place) => (column < count ? place : undefined);

  const widths = [inputs, ...hidden.map(({ width }) => width)];
  const weights = hidden.map(({ width, weight }, d) =>
    range(widths[d]!).map((i) =>
      blocks(width).map((c) =>
        vector((lane) => {
          const column = c * lanes + lane;
          return within(width, column, { parameter: weight, element: i * width + column });
        }),
      ),
    ),
  );
  const features = widths.at(-1)!;
  const headWeights = heads.map(({ weight }) =>
    range(outputs).map((o) =>
      blocks(features).map((c) =>
        vector((lane) => {
          const i = c * lanes + lane;
          return within(features, i, { parameter: weight, element: i * outputs + o });
        }),
      ),
    ),
  );
  const weightVectors = places.length;
  const biases = hidden.map(({ width, bias }) =>
    blocks(width).map((c) =>
      vector((lane) => within(width, c * lanes + lane, { parameter: bias, element: c * lanes + lane })),
    ),
  );
  const all = heads.flatMap(({ bias }) => range(outputs).map((element) => ({ parameter: bias, element })));
  const headBiases = blocks(all.length).map((c) => vector((lane) => all[c * lanes + lane]));
  return {
    places,
    weightVectors,
    hidden: weights.map((own, d) => ({ weights: own, biases: biases[d]! })),
    heads: headWeights,
    headBiases,
  };
}
