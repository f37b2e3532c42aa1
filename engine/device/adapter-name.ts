/** Adapters in words: a name for people, matching by part of it, and which ones are software. */

export type AdapterInfo = Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'> & {
  readonly isFallbackAdapter?: boolean;
};

/** What Deno gives in place of a name: PCI's numbers, and Khronos's for drivers without a device. */
const VENDORS: Readonly<Record<string, string | undefined>> = {
  0x1002: 'amd',
  0x1010: 'img-tec',
  0x106b: 'apple',
  0x10de: 'nvidia',
  0x13b5: 'arm',
  0x1414: 'microsoft',
  0x1ae0: 'google',
  0x5143: 'qualcomm',
  0x8086: 'intel',
  0x10005: 'mesa',
};

/** 'nvidia', also where the host says '4318'. */
export function vendorName(vendor: string): string {
  return VENDORS[vendor] ?? vendor;
}

/**
 * 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)'; in Deno, which does not tell the driver, 'llvmpipe (LLVM 15.0.6, 256 bits)';
 * in a browser often no more than 'intel xe'.
 */
export function adapterName({ vendor, architecture, device, description }: AdapterInfo): string {
  // Deno gives the device as a number, and its name as the description.
  const model = /^\d+$/.test(device) ? '' : device.replaceAll('-', ' ').trim();
  // The distribution's revision and an empty driver version help nobody: '25.0.7-2~bpo12+1', ' 0.0.1'.
  const driver = description
    .replace(/(\d+\.\d+\.\d+)-\S+/, '$1')
    .replace(/ 0\.0\.1$/, '')
    .trim();
  // A software driver is its own device: 'llvmpipe llvm 15 0 6 256 bits' says nothing more.
  const parts = isSoftwareText(driver) ? [driver] : [model, driver];
  return (
    parts.filter(Boolean).join(', ') || `${vendorName(vendor)} ${architecture}`.trim() || 'unnamed adapter'
  );
}

/** Whether `text` is part of what the adapter says about itself; case and punctuation do not matter. */
export function matchesAdapter(info: AdapterInfo, text: string): boolean {
  const { vendor, architecture, device, description } = info;
  const alias = `${device} ${description}`.includes('llvmpipe') ? 'lavapipe' : '';
  return includesWords(
    `${vendorName(vendor)} ${architecture} ${device} ${adapterName(info)} ${description} ${alias}`,
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
