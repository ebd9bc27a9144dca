import type { ModuleInfo } from '@lowrank/core';
import { readBase, type Base } from './base.js';
import type { HubOptions } from './hub-source.js';
import { outlineFor } from './outline.js';

/**
 * A base that an adapter can be held against, by its modules; no weight is loaded.
 * Throws as `readBase`, and `model-unsupported` for a family that lowrank does not load: nothing could be said.
 */
export async function readFitted(model: string, options: HubOptions): Promise<Base & { modules: ModuleInfo[] }> {
  const base = await readBase(model, options);
  return { ...base, modules: base.modules ?? (await outlineFor(model, options)).modules };
}
