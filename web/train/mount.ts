/** The tab Train. */
import type { Mount } from '../tab.ts';
import { defaults } from '../../train/option-list.ts';
import type { News } from './protocol.ts';

export const mount: Mount = (root) => {
  root.textContent = 'Train';
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const log = (text: string) => {
    (globalThis as unknown as { marks: string[] }).marks ??= [];
    (globalThis as unknown as { marks: string[] }).marks.push(`${performance.now().toFixed(0)} ${text}`);
  };
  log('worker made');
  let points = 0;
  worker.onmessage = ({ data }: MessageEvent<News>) => {
    if (data.type === 'point') {
      if (points++ < 3) log(`point ${data.point.method} ${data.point.step}`);
    } else if (data.type !== 'progress')
      log(
        data.type +
          (data.type === 'network'
            ? ' ' + data.result.method + ' ' + data.result.seed + ' ' + data.result.seconds
            : data.type === 'failed'
              ? data.message
              : ''),
      );
  };
  worker.postMessage({
    type: 'start',
    config: {
      ...defaults,
      batchSeeds: Number(new URLSearchParams(location.hash.slice(7)).get('b') ?? 1),
      methods: ['scratch', 'tor'],
      seeds: 4,
    },
  });
  return { show() {}, hide() {} };
};
