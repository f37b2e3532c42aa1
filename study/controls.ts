/** Methods with an add-on beside those that differ from them in that alone: differences seed by seed. */
import { pairedDifference } from '../base/statistics.ts';
import { modifiers } from '../methods/modifiers/all.ts';
import type { Difference, ControlRow, MethodResult, SeedResult } from './results.ts';

/** Of the methods of a study those with a control among them, as the add-ons say; `errorOf` is what methods are ranked by. */
export function controlRows(
  methods: readonly string[],
  seeds: readonly SeedResult[],
  errorOf: (result: MethodResult) => number,
): ControlRow[] {
  return methods.flatMap((method) =>
    controlsOf(method)
      .filter((control) => methods.includes(control))
      .flatMap((control) => {
        const pairs = pairsOf(method, control, seeds);
        if (pairs.length === 0) return [];
        const imitationLoss = differenceOf(pairs, ({ imitationLoss: loss }) => loss ?? NaN);
        return [{ method, control, error: differenceOf(pairs, errorOf), imitationLoss }];
      }),
  );
}

/** The same method with other add-ons in the place of one; a name of a method that is not known here has none. */
export function controlsOf(method: string): string[] {
  const [, ...addOns] = method.split('+');
  return addOns.flatMap((name) =>
    (modifiers.get(name)?.comparedWith ?? []).map((other) => {
      const words = method.split('+').map((word, i) => (i > 0 && word === name ? other : word));
      return words.filter((word) => word !== '').join('+');
    }),
  );
}

/** What two methods gave by one seed. */
interface Pair {
  readonly own: MethodResult;
  readonly other: MethodResult;
}

/** Of the seeds that both have finished. */
export function pairsOf(method: string, control: string, seeds: readonly SeedResult[]): Pair[] {
  return seeds.flatMap(({ results }) => {
    const own = results.find((each) => each.method === method);
    const other = results.find((each) => each.method === control);
    return own && other ? [{ own, other }] : [];
  });
}

/** The method's number minus the other's. */
export function differenceOf(pairs: readonly Pair[], of: (result: MethodResult) => number): Difference {
  const { mean, ci95 } = pairedDifference(
    pairs.map(({ own }) => of(own)),
    pairs.map(({ other }) => of(other)),
  );
  return { meanDifference: mean, ci95 };
}
