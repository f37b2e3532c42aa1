/**
 * The process of one competitor: opens the module that the first argument names, with the variant that the second
 * names, then answers what `remote.ts` asks, one request at a time. A process each, because a second WebGPU device in
 * one is asking for trouble, and so that the memory and garbage of one competitor are not another's.
 */
import type { Answer, Request } from './remote.ts';
import type { Competitor, Job } from './work.ts';

const [module, variant = ''] = process.argv.slice(2);
const { open } = (await import(module!)) as { open: (variant: string) => Promise<Competitor> };
let job: Job | undefined;

process.on('disconnect', () => process.exit());

await answer(async () => {
  const competitor = await open(variant);
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

async function carryOut(competitor: Competitor, request: Request): Promise<unknown> {
  if ('prepare' in request) {
    job?.close();
    job = undefined;
    job = await competitor.prepare(request.prepare);
    return undefined;
  }
  if ('result' in request) return job!.result();
  if ('counts' in request) return job!.counts?.();
  if ('gpuSample' in request && job!.gpuTime) return job!.gpuTime(request.gpuSample);
  const runs = 'sample' in request ? request.sample : request.gpuSample;
  const began = performance.now();
  for (let run = 0; run < runs; run++) {
    const pending = job!.run();
    // A promise that is there already would cost a turn of the event loop all the same.
    if (pending) await pending;
  }
  await job!.wait();
  return performance.now() - began;
}
