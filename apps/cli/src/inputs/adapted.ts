import type { Host } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { adapterFolder, type HubOptions } from './hub-source.js';

/** Puts the adapter in `folder`, or of that id on the hub, on the model and makes it active; no folder leaves the base. */
export async function adapt(model: Host, folder: string | undefined, options: HubOptions): Promise<LoraManager> {
  const manager = new LoraManager(model);
  if (folder !== undefined) manager.add('adapter', await readPeft(await adapterFolder(folder, options)));
  return manager;
}
