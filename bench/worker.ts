/**
 * The process of one competitor: opens the module that the first argument names, with the variant that the second
 * names, then answers what `remote.ts` asks, one request at a time. A process each, because a second WebGPU device in
 * one is asking for trouble, and so that the memory and garbage of one competitor are not another's.
 */
import { localRemote, type Remote } from './competitor.ts';
import type { Answer, Request } from './remote.ts';
import type { Competitor } from './works/work.ts';

const [module, variant = ''] = process.argv.slice(2);
const { open } = (await import(module!)) as { open: (variant: string) => Promise<Competitor> };

process.on('disconnect', () => process.exit());

await answer(async () => {
  const competitor = localRemote(await open(variant));
  process.on('message', (request: Request) => void answer(() => carryOut(competitor, request)));
  return { name: competitor.name, adapter: competitor.adapter };
});

async function answer(f: () => Promise<unknown>): Promise<void> {
  let reply: Answer;
  try {
    reply = { value: await f() };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  process.send!(reply);
}

function carryOut(competitor: Remote, request: Request): Promise<unknown> {
  if ('prepare' in request) return competitor.prepare(request.prepare);
  if ('result' in request) return competitor.result();
  if ('counts' in request) return competitor.counts();
  return 'sample' in request ? competitor.sample(request.sample) : competitor.gpuSample(request.gpuSample);
}
