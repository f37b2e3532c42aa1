/** What to do where there is no WebGPU, or no adapter for it. */

interface Advice {
  readonly title: string;
  /** Paragraphs. */
  readonly advice: readonly string[];
}

/** Without `kind` the page looks for itself. */
export function adapterAdvice(
  kind: 'no-webgpu' | 'no-adapter' = 'gpu' in navigator ? 'no-adapter' : 'no-webgpu',
): Advice {
  if (kind === 'no-adapter') {
    return {
      title: 'This browser has WebGPU, but no adapter for it.',
      advice: [
        'Usually the graphics driver is too old or on the block list, or hardware acceleration is switched off in the ' +
          'settings. chrome://gpu says which.',
        'Chrome brings a software adapter: start it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
      ],
    };
  }
  if (!isSecureContext) {
    return {
      title: 'WebGPU is switched off on this address.',
      advice: [
        'Browsers give it to pages served by https or from localhost only. Open the page at such an address.',
      ],
    };
  }
  return {
    title: 'This browser has no WebGPU.',
    advice: [
      'It is in Chrome and Edge (from 113 on Windows, macOS and ChromeOS, from 121 on Android), in Safari from 26, and ' +
        'in Firefox from 141 on Windows and 145 on Macs with Apple silicon.',
      'Chrome on Linux may need chrome://flags/#enable-unsafe-webgpu, or to be started with --enable-unsafe-webgpu.',
    ],
  };
}
