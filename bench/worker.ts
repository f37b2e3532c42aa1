/**
 * The process of one competitor: opens the module that the first argument names, then answers what `remote.ts`
 * asks, one request at a time. A process each, because a second WebGPU device in one is asking for trouble, and
 * so that the memory and garbage of one competitor are not another's.
 */
import type { Competitor, Job } from './work.ts';
import type { Answer, Request } from './remote.ts';

const { open } = (await import(process.argv[2]!)) as { open: () => Promise<Competitor> };
let job: Job | undefined;

process.on('disconnect', () => process.exit());

await answer(async () => {
  const competitor = await open();
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
    job = await competitor.prepare(request.prepare);
    return undefined;
  }
  if ('result' in request) return job!.result();
  const began = performance.now();
  for (let run = 0; run < request.sample; run++) job!.run();
  await job!.wait();
  return performance.now() - began;
}
