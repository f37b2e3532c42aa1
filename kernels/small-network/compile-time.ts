/** How long a driver takes to compile the kernel of a small network: an estimate, for what would take too long is trained otherwise. */

/** What counts as an operation in WGSL. */
const OPERATION = /[-+*/&|^<>=]=?|\[|\bselect\b|\bsubgroup\w+/g;

/**
 * Milliseconds, about, of llvmpipe (Mesa 25.0.7, LLVM 15) on two busy cores without its cache: fitted to 17 networks of up to 200
 * vectors, within a third mostly, at worst 1.6 times too little. LLVM compares what is stored with what is computed, so it is their product that counts.
 *
 * `vectors` is how many are stored to in each turn.
 */
export function compileTime(source: string, vectors: number): number {
  return 600 + (0.75 * vectors * operationsOf(source)) / 1000;
}

/** Operations of `main`, those of the functions that it calls as often as it calls them. */
export function operationsOf(source: string): number {
  const bodies = new Map<string, string>();
  for (const { 1: name, index } of source.matchAll(/\bfn (\w+)\(/g)) {
    const begin = source.indexOf('{', index);
    let end = begin + 1;
    for (let depth = 1; depth > 0; end++) depth += source[end] === '{' ? 1 : source[end] === '}' ? -1 : 0;
    bodies.set(name!, source.slice(begin + 1, end - 1));
  }
  const known = new Map<string, number>();
  const count = (name: string): number => {
    let sum = known.get(name);
    if (sum !== undefined) return sum;
    const body = bodies.get(name)!;
    sum = body.match(OPERATION)?.length ?? 0;
    for (const [, called] of body.matchAll(/\b(\w+)\(/g)) if (bodies.has(called!)) sum += count(called!);
    known.set(name, sum);
    return sum;
  };
  return count('main');
}
