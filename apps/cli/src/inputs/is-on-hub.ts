import { isModelId } from '@lowrank/models/outline';
import { existsSync } from 'node:fs';

/** Whether a name is no path that is there, and can be one of the hub. */
export function isOnHub(name: string): boolean {
  return !existsSync(name) && isModelId(name);
}
