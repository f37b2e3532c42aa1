/** `navigator.gpu` in Node, for libraries that look for it there: Dawn's, asked as this library asks. */
import { create, globals } from 'webgpu';
import { adapterName } from '../../engine/device/adapter-name.ts';

/** Installs it; `adapter` then tells which adapter the library was given. */
export function installNavigator(): { adapter: () => string } {
  const dawn = create([]);
  let name = 'no adapter';
  const gpu = {
    wgslLanguageFeatures: dawn.wgslLanguageFeatures,
    getPreferredCanvasFormat: () => dawn.getPreferredCanvasFormat(),
    requestAdapter: async () => {
      const adapter = await dawn.requestAdapter({ powerPreference: 'high-performance' });
      if (adapter) name = adapterName(adapter.info);
      return adapter;
    },
  };
  Object.assign(globalThis, globals);
  // Newer versions of Node have a navigator that cannot be written to.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return { adapter: () => name };
}
