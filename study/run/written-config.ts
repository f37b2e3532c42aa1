/** config.json as it is written: options in the groups of `--help`. */
import type { OptionGroup } from '../../base/option.ts';
import { options } from '../options/option-list.ts';
import type { StudyConfig } from '../results.ts';
import { CONFIG_VERSION, type ConfigFile, type RunFacts } from './config-file.ts';

/** What a run's config.json holds. */
export function configFile<F extends Partial<RunFacts>>(
  config: StudyConfig,
  facts: F,
): Omit<ConfigFile, keyof RunFacts> & F {
  const groupOf = new Map<string, OptionGroup>(
    options.flatMap(({ key, group }) => (key ? [[key, group]] : [])),
  );
  const grouped: Record<OptionGroup, Record<string, unknown>> = {
    data: {},
    networks: {},
    training: {},
    run: {},
  };
  // What no option is called by is about data: their kind and what they are called.
  for (const [key, value] of Object.entries(config)) grouped[groupOf.get(key) ?? 'data'][key] = value;
  return { version: CONFIG_VERSION, ...grouped, ...facts };
}
