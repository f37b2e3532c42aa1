/** The processes of the competitors: each starts when it is first needed, and all end together. */
import type { Remote } from './competitor.ts';
import { startRemote } from './remote.ts';

/** A module that exports `open`, and what it should open. */
export interface Contender {
  readonly module: URL;
  readonly variant: string;
}

export interface Pool {
  get(contender: Contender): Promise<Remote>;
  /** Ends one: it may be gone, or in no good state, and the next work gets a new process. */
  drop(contender: Contender): void;
  stop(): void;
}

export function openPool(options: { shaderCache: boolean }): Pool {
  const started = new Map<string, Remote>();
  const keyOf = ({ module, variant }: Contender) => `${module.href} ${variant}`;
  return {
    async get(contender) {
      const key = keyOf(contender);
      const remote =
        started.get(key) ?? (await startRemote(contender.module, { ...options, variant: contender.variant }));
      started.set(key, remote);
      return remote;
    },
    drop(contender) {
      started.get(keyOf(contender))?.stop();
      started.delete(keyOf(contender));
    },
    stop() {
      for (const remote of started.values()) remote.stop();
    },
  };
}
