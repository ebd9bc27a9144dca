import { LoraConv, LoraLinear, LowrankError, type Adapter, type LoraLayer, type ModuleInfo } from '@lowrank/core';
import { checkRoom } from './check-room.js';
import { planFor } from './plan-for.js';
import { padded } from './room.js';
import type { Slot } from './slots.js';
import { assignValues, parametersOf } from './values.js';

/**
 * Writes another adapter's values into the variables of one that is held: none is made or freed. Its ranks may be
 * smaller than the held ones, the rest is then zeros, and it may lack modules, which then add nothing.
 * Throws `adapter-mismatch` with the shapes where it does not fit, `not-finite`; nothing is changed then.
 */
export function swapValues(slot: Slot, adapter: Adapter, infos: ModuleInfo[]): void {
  const plan = planFor(adapter, infos);
  checkRoom(slot.room, plan);
  if (parametersOf(slot.modules).some(({ initial }) => initial)) throw shifted();
  assignValues(slot.modules, padded(adapter, slot), slot.turned);
  slot.plan = plan;
  for (const { path, scaling } of plan.modules) {
    const layer = slot.modules.get(path) as LoraLayer;
    layer.scaling = scaling;
    if (layer instanceof LoraLinear || layer instanceof LoraConv) layer.dropout = plan.config.dropout;
  }
}

function shifted(): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given: 'a swap into an adapter that was made with a computed start',
    rule: 'it adds what has changed since that start, and no saved adapter has one',
    fix: 'add it under a name of its own',
  });
}
