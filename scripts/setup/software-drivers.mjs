/** The Vulkan drivers that need no GPU, as the files that VK_DRIVER_FILES names. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findChromium } from './chromium.mjs';

/** SwiftShader, which Chromium brings along. @returns {string | undefined} */
export function findSwiftShader() {
  const browser = findChromium();
  const folders = [...(browser ? [dirname(realpathSync(browser))] : []), '/usr/lib/chromium'];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find((path) => existsSync(path));
}

/** Mesa's lavapipe. @returns {string | undefined} */
export function findLavapipe() {
  const folders = ['/usr/share', '/usr/local/share', '/etc', join(homedir(), '.local/share')];
  return folders
    .map((folder) => join(folder, 'vulkan/icd.d'))
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
    .find((path) => /\/lvp_icd[^/]*\.json$/.test(path));
}
