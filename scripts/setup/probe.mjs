/**
 * Asks Dawn for an adapter and prints what came as JSON. A process of its own: a driver may crash, and a new
 * driver is only seen by a process that starts after it was installed.
 */
try {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const adapter = await create([]).requestAdapter();
  const { description, device } = adapter?.info ?? {};
  console.log(
    JSON.stringify(adapter ? { adapter: description || device || 'unnamed' } : { problem: 'adapter' }),
  );
} catch (error) {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  console.log(
    JSON.stringify({ problem: isMissing ? 'missing' : 'load', message: String(error).split('\n')[0] }),
  );
}
