/** The page's end of the worker: one worker a training, the next one made ready as soon as it is known to be needed. */
import type { Table } from '../../datasets/dataset.ts';
import type { StudyConfig } from '../../study/results.ts';
import type { News, Order } from './protocol.ts';
import type { PageWriting } from './writing.ts';

export interface Session {
  preview(config: StudyConfig, table: Table | undefined): void;
  read(name: string, source: Blob, writing: PageWriting): void;
  start(config: StudyConfig, table: Table | undefined): void;
  pause(): void;
  resume(): void;
  /** Ends whatever is trained; what comes after `start` is reported as before. */
  renew(): void;
}

export function openSession(onNews: (news: News) => void): Session {
  let worker = makeWorker(onNews);
  const order = (given: Order) => worker.postMessage(given);
  return {
    preview: (config, table) => order({ type: 'preview', config, table }),
    read: (name, source, writing) => order({ type: 'read', name, source, writing }),
    start: (config, table) => order({ type: 'start', config, table }),
    pause: () => order({ type: 'pause' }),
    resume: () => order({ type: 'resume' }),
    renew() {
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
      worker = makeWorker(onNews);
    },
  };
}

function makeWorker(onNews: (news: News) => void): Worker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' });
  worker.onmessage = ({ data }: MessageEvent<News>) => onNews(data);
  worker.onerror = (event) => {
    event.preventDefault();
    const message = event.message || 'the training program could not be loaded; reload the page';
    onNews({ type: 'failed', kind: 'unexpected', message });
  };
  return worker;
}
