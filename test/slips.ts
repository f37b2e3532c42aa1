/** Slips in plain JavaScript, and what is heard of them: each is refused by the name of the function called. */

/** What a slip becomes where the message comes from JavaScript itself. */
export const RAW =
  /Cannot (read|destructure|convert|set|use|mix)|is not a function|is not iterable|not iterable|undefined is not|null is not|Invalid array length|Maximum call stack|is not a constructor|argument must be (of type|an instance)/;

export type Callable = (...given: unknown[]) => unknown;

export async function failureOf(f: () => unknown): Promise<Error | undefined> {
  try {
    await f();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

/** Values that belong nowhere; the Promise is of something that would do if it were awaited. */
export function slipsOf(awaited: unknown): [string, () => unknown][] {
  return [
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 3],
    ['a list', () => [1, 2]],
    ['a text', () => 'text'],
    ['a misspelt option', () => ({ mispelt: 1 })],
    ['a Promise', () => Promise.resolve(awaited)],
  ];
}

/** Those of index.ts that read files or make and split data sets: test/datasets/borders.test.ts has them. */
export const ofData =
  /^(angularErrors?|collectEyes|completeRows|crop|(de|en)code(Npy|Npz)|gaze\w+|groupSplit|head\w+|impute|leaveOneOut|missingCounts|mpiigaze|multipie\w*|randomSplit|read\w+|rendered\w+|resize|scaleOf|sinusoid|(un)?standardise|subjectFolds|tableDataset|trainSubset|writeMat)$/;
