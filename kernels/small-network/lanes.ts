/** WGSL of what lanes hand each other. */
import { type Lanes, range } from './description.ts';

/** The number of one lane, on all of them. */
export function from(lane: number, vector: string): string {
  return `subgroupBroadcast(${vector}, ${lane}u)`;
}

/** Number `i` of what lies block after block in vectors, on all lanes. */
export function numberOf(i: number, lanes: Lanes, vector: (block: number) => string): string {
  return from(i % lanes, vector(Math.floor(i / lanes)));
}

/** As many vectors as lanes become their transpose: statements, and the new names, NAME0 …. */
export function transposed(
  name: string,
  vectors: readonly string[],
  lanes: Lanes,
): { text: string; names: string[] } {
  const lines: string[] = [];
  let current = [...vectors];
  for (let bit = 1; bit < lanes; bit *= 2) {
    current = range(lanes).map((i) => {
      const other = `subgroupShuffleXor(${current[i ^ bit]}, ${bit}u)`;
      const [low, high] = i & bit ? [other, current[i]] : [current[i], other];
      const next = `${name}${2 * bit < lanes ? `b${bit}_` : ''}${i}`;
      lines.push(`let ${next} = select(${low}, ${high}, (lane & ${bit}u) != 0u);`);
      return next;
    });
  }
  return { text: lines.join('\n'), names: current };
}

/** WGSL statements that leave in the variable the sum, or whatever `operator` makes, of all lanes. */
export function overLanes(variable: string, operator: string, lanes: Lanes): string {
  const lines: string[] = [];
  for (let bit = lanes / 2; bit >= 1; bit /= 2)
    lines.push(`${variable} = ${variable} ${operator} subgroupShuffleXor(${variable}, ${bit}u);`);
  return lines.join('\n');
}
