/** Kernels are made when they are first needed, and kept. */

/** What `cache` has under `key`, made and stored the first time. */
export function getOrMake<K, V>(cache: Map<K, V>, key: K, make: () => V): V {
  let value = cache.get(key);
  if (value === undefined) cache.set(key, (value = make()));
  return value;
}
