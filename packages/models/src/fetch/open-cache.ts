import { checkOpfs } from './check-opfs.js';
import type { HubCache } from './hub-cache.js';
import { nodeCache } from './node-cache.js';
import { nodeModules } from './node-modules.js';
import { opfsCache } from './opfs-cache.js';

/** The cache of this place: a folder on the disk in Node, one of the page's own in a browser. */
export function openCache(cacheDir: string | undefined): HubCache {
  const node = nodeModules();
  if (node) return nodeCache(node, cacheDir ?? node.path.join(node.os.homedir(), '.cache', 'huggingface', 'hub'));
  checkOpfs();
  return opfsCache(cacheDir ?? 'lowrank-hub');
}
