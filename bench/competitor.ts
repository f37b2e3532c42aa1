/** A competitor as the contest sees it, in a process of its own (`remote.ts`) or here, and what it says when it fails. */
import { RunError } from '../base/errors.ts';
import type { Contestant } from './harness.ts';
import type { Competitor, Counts, Job, Work } from './works/work.ts';

export interface Remote extends Contestant {
  readonly name: string;
  readonly adapter: string | undefined;
  /** Makes a work ready; the one before is closed. */
  prepare(work: Work): Promise<void>;
  /** `sample` by the adapter's own clock where the work offers that. */
  gpuSample(runs: number): Promise<number>;
  result(): Promise<Float32Array>;
  /** Undefined where the competitor does not count. */
  counts(): Promise<Counts | undefined>;
  stop(): void;
}

/** What a competitor could not do, or that it is gone. */
export class CompetitorError extends RunError {
  readonly competitor: string;
  readonly reason: string;

  constructor(competitor: string, reason: string) {
    super(`${competitor}: ${reason}`);
    this.competitor = competitor;
    this.reason = reason;
  }
}

/** A competitor that runs right here. */
export function localRemote(competitor: Competitor): Remote {
  const { name, adapter } = competitor;
  let job: Job | undefined;
  const closeJob = () => {
    job?.close();
    job = undefined;
  };
  const sample = async (runs: number): Promise<number> => {
    const began = performance.now();
    for (let run = 0; run < runs; run++) {
      const pending = job!.run();
      // A promise that is there already would cost a turn of the event loop all the same.
      if (pending) await pending;
    }
    await job!.wait();
    return performance.now() - began;
  };
  return {
    name,
    adapter,
    async prepare(work) {
      closeJob();
      job = await competitor.prepare(work);
    },
    sample,
    gpuSample: (runs) => (job!.gpuTime ? job!.gpuTime(runs) : sample(runs)),
    result: () => job!.result(),
    counts: async () => job!.counts?.(),
    stop() {
      closeJob();
      competitor.close?.();
    },
  };
}
