import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import type { CausalModel } from '@lowrank/models';

/** Puts the adapter in `folder` on the model and makes it active; no folder leaves the base. */
export async function adapt(model: CausalModel, folder: string | undefined): Promise<LoraManager> {
  const manager = new LoraManager(model);
  if (folder !== undefined) manager.add('adapter', await readPeft(folder));
  return manager;
}
