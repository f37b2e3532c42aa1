/** Adapters in words: a name for people, matching by part of it, and which ones are software. */

export type AdapterInfo = Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'> & {
  readonly isFallbackAdapter?: boolean;
};

/** 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)'; in a browser often no more than 'intel xe'. */
export function adapterName({ vendor, architecture, device, description }: AdapterInfo): string {
  const model = device.replaceAll('-', ' ').trim();
  // The distribution's revision and an empty driver version help nobody: '25.0.7-2~bpo12+1', ' 0.0.1'.
  const driver = description
    .replace(/(\d+\.\d+\.\d+)-\S+/, '$1')
    .replace(/ 0\.0\.1$/, '')
    .trim();
  // A software driver is its own device: 'llvmpipe llvm 15 0 6 256 bits' says nothing more.
  const parts = isSoftwareText(driver) ? [driver] : [model, driver];
  return parts.filter(Boolean).join(', ') || `${vendor} ${architecture}`.trim() || 'unnamed adapter';
}

/** Whether `text` is part of what the adapter says about itself; case and punctuation do not matter. */
export function matchesAdapter(info: AdapterInfo, text: string): boolean {
  const { vendor, architecture, device, description } = info;
  const alias = device.includes('llvmpipe') ? 'lavapipe' : '';
  return includesWords(
    `${vendor} ${architecture} ${device} ${adapterName(info)} ${description} ${alias}`,
    text,
  );
}

export function includesWords(name: string, text: string): boolean {
  return simplify(name).includes(simplify(text));
}

export function isSoftwareAdapter(info: AdapterInfo): boolean {
  return (
    (info.isFallbackAdapter ?? false) ||
    isSoftwareText(`${info.architecture} ${info.device} ${info.description}`)
  );
}

function simplify(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}

function isSoftwareText(text: string): boolean {
  return /llvmpipe|lavapipe|swiftshader|software|basic render/i.test(text);
}
