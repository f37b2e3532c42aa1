/** What a data set of eyes holds: counts and ranges, of what is streamed or kept. */
import { collectEyes, type Eyes } from '../../datasets/images/eyes.ts';
import type { ReadOptions } from '../../datasets/folder.ts';
import { formatCount, formatSeconds } from '../../base/format.ts';
import type { Inspection } from './inspection.ts';

const DEGREES = 180 / Math.PI;

export async function describeEyes(
  name: string,
  read: (options: ReadOptions) => AsyncIterable<Eyes>,
  { say, complain, line, load, signal }: Inspection,
): Promise<void> {
  const began = performance.now();
  const people = new Set<string>();
  const ranges = { gaze: new Range(), head: new Range() };
  let count = 0;
  const parts = read({
    skipBad: true,
    signal,
    onSkip: ({ message }) => complain(message),
    onProgress: ({ done, total }) => line.update(done / total, () => `${done} of ${total} files`),
  });
  async function* counted(): AsyncGenerator<Eyes> {
    for await (const eyes of parts) {
      people.add(eyes.person);
      count += eyes.count;
      ranges.gaze.add(eyes.gaze);
      ranges.head.add(eyes.pose);
      yield eyes;
    }
  }
  let kept = 0;
  if (load) kept = (await collectEyes(counted())).images.length;
  else for await (const eyes of counted()) void eyes;
  say(`  ${name}: ${formatCount(count)} eyes of ${people.size} people`);
  if (count > 0) for (const [what, range] of Object.entries(ranges)) say(`  ${what}: ${range.text()}`);
  const seconds = formatSeconds((performance.now() - began) / 1000);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  say(
    `  read in ${seconds}${load ? `, ${formatCount(kept)} pixels kept` : ''}; peak memory of the process ${peak} MiB`,
  );
}

/** Least and greatest pitch and yaw. */
class Range {
  readonly #least = [Infinity, Infinity];
  readonly #greatest = [-Infinity, -Infinity];

  add(angles: Float32Array): void {
    for (let i = 0; i < angles.length; i++) {
      this.#least[i % 2] = Math.min(this.#least[i % 2]!, angles[i]!);
      this.#greatest[i % 2] = Math.max(this.#greatest[i % 2]!, angles[i]!);
    }
  }

  text(): string {
    const parts = ['pitch', 'yaw'].map((name, i) => {
      const [from, to] = [this.#least[i]!, this.#greatest[i]!].map((angle) => (angle * DEGREES).toFixed(1));
      return `${name} ${from}° to ${to}°`;
    });
    return parts.join(', ');
  }
}
