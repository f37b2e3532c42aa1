/** The worker of the benchmark tab: the adapter's limits, then kernel after kernel against them. */
import { localRemote, type Remote } from '../../bench/competitor.ts';
import { contest } from '../../bench/contest.ts';
import { adapterLimits } from '../../bench/kernel-suite.ts';
import { openOurs } from '../../bench/works/our-works.ts';
import { workOf } from '../../bench/report/report.ts';
import { AdapterError } from '../../engine/device/device-errors.ts';
import type { News, Order, Scope } from './protocol.ts';
import { MEASURING, worksOf } from './works.ts';

const say = (news: News) => globalThis.postMessage(news);

/** A device for each way to do a work: portable and native mathematics are properties of a device. */
const remotes = new Map<string, Remote>();

globalThis.addEventListener('message', ({ data }: MessageEvent<Order>) => {
  run(data.scope).catch((error: unknown) => {
    if (error instanceof AdapterError) say({ type: 'no-webgpu' });
    else say({ type: 'failed', message: messageOf(error) });
  });
});

async function run(scope: Scope): Promise<void> {
  const works = worksOf(scope);
  const first = await ours('');
  say({ type: 'ready', adapter: first.adapter!, works: works.length });
  const note = (text: string) => say({ type: 'note', text });
  const roofline = await adapterLimits(first, { isShort: scope === 'quick', quick: false, note });
  say({ type: 'limits', roofline });
  for (const work of works) {
    note(workOf(work));
    try {
      const options = { ours, peers: [], roofline, shaderCache: true, note: () => {}, ...MEASURING[scope] };
      const { rows } = await contest([work], options);
      say({ type: 'rows', rows });
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      say({
        type: 'left-out',
        work: workOf(work),
        reason: messageOf(error),
      });
      // A device that has failed once goes on failing.
      for (const remote of remotes.values()) remote.stop();
      remotes.clear();
    }
  }
  say({ type: 'finished' });
}

async function ours(variant: string): Promise<Remote> {
  const remote = remotes.get(variant) ?? localRemote(await openOurs('limbeck', variant));
  remotes.set(variant, remote);
  return remote;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
