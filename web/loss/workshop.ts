/** The loss tab's side of its worker: one at a time, ended where it does not answer or is no longer wanted. */
import type { News, Order } from './protocol.ts';

/** WGSL may loop for ever; compiling for the first time takes seconds on a software adapter. */
const PATIENCE_MS = 20_000;

export interface Workshop {
  /** Whatever was asked before is overtaken, a check too. */
  inspect(order: Omit<Extract<Order, { type: 'inspect' }>, 'type' | 'id'>): void;
  check(order: Omit<Extract<Order, { type: 'check' }>, 'type' | 'id'>): void;
  /** Ends what is running. */
  stop(): void;
}

/** `onNews` hears only of the last order. */
export function openWorkshop(onNews: (news: News) => void): Workshop {
  let worker: Worker | undefined;
  let isChecking = false;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    worker?.terminate();
    worker = undefined;
    isChecking = false;
  };
  const give = (order: Order) => {
    if (isChecking) stop();
    worker ??= start();
    isChecking = order.type === 'check';
    worker.postMessage(order);
    clearTimeout(timer);
    if (order.type === 'inspect') timer = setTimeout(giveUp, PATIENCE_MS);
  };
  const giveUp = () => {
    stop();
    const message = `no answer within ${PATIENCE_MS / 1000} s: does a loop in the WGSL not end?`;
    onNews({ type: 'failed', id: last, message });
  };
  const start = () => {
    const made = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    made.addEventListener('message', ({ data }: MessageEvent<News>) => {
      if (made !== worker || ('id' in data && data.id !== last)) return;
      if (data.type === 'inspected' || data.type === 'failed' || data.type === 'no-webgpu')
        clearTimeout(timer);
      if (data.type === 'finished' || data.type === 'failed') isChecking = false;
      onNews(data);
    });
    made.addEventListener('error', ({ message }) => {
      if (made !== worker) return;
      stop();
      onNews({ type: 'failed', id: last, message: message || 'the worker could not be started' });
    });
    return made;
  };
  return {
    inspect: (order) => give({ type: 'inspect', id: ++last, ...order }),
    check: (order) => give({ type: 'check', id: ++last, ...order }),
    stop,
  };
}
