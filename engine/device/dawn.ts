/**
 * WebGPU in Node: Dawn, from the `webgpu` package. Its object stays in this module, one for each adapter asked for: hung on a
 * global it keeps the process alive, and a second one costs a second look at all drivers.
 */
import { AdapterError, NO_ADAPTER } from './device-errors.ts';

interface Dawn {
  create(options: string[]): GPU;
  readonly globals: Record<string, unknown>;
}

/** Dawn rounds timestamps to 65.5 µs, as browsers must; most dispatches are shorter. */
const EXACT_CLOCK = 'disable-dawn-features=timestamp_quantization';

/** What to do in Node when there is no adapter. */
export const DAWN_CURE: string = '`npm run doctor` (or `npx limbeck doctor`) says what is missing';

const instances = new Map<string, GPU>();

/** Dawn lists its adapters in the error about a name that it does not know. */
export async function dawnNames(): Promise<string[]> {
  const { create } = await loadDawn();
  try {
    await create(['adapter=?']).requestAdapter();
    return [];
  } catch (error) {
    const lines = String(error).matchAll(/name: '(.*)'$/gm);
    return [...new Set([...lines].map(([, name]) => name!))];
  }
}

/** Of the adapter of that name, or of Dawn's own choice. @throws AdapterError where the package is missing or does not load. */
export async function dawnInstance(name?: string): Promise<GPU> {
  const { create } = await loadDawn();
  const options = name === undefined ? [EXACT_CLOCK] : [`adapter=${name}`, EXACT_CLOCK];
  const instance = instances.get(options.join()) ?? create(options);
  instances.set(options.join(), instance);
  return instance;
}

async function loadDawn(): Promise<Dawn> {
  // Not a literal: bundlers would follow it.
  const specifier = 'webgpu';
  try {
    const dawn = (await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier)) as Dawn;
    for (const [key, value] of Object.entries(dawn.globals)) {
      if (!(key in globalThis)) Object.assign(globalThis, { [key]: value });
    }
    return dawn;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    if (isMissing)
      throw new AdapterError(`${NO_ADAPTER}: the webgpu package is missing; npm install webgpu`, { cause });
    throw new AdapterError(`${NO_ADAPTER}: the webgpu package does not load (${reason}); ${DAWN_CURE}`, {
      cause,
    });
  }
}
