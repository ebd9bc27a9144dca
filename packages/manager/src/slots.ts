import {
  LowrankError,
  nearest,
  type Adapter,
  type AdapterPlan,
  type FrozenModule,
  type InitialFactors,
  type LoraConfig,
  type ModuleInfo,
} from '@lowrank/core';
import { disposeModules, makeModules, type AdaptedModules } from './apply.js';
import { planFor } from './plan-for.js';
import { assignValues, onTheirSide } from './values.js';

/** One adapter that is held. */
export interface Slot {
  config: LoraConfig;
  modules: AdaptedModules;
  /** Names of the values that lie on their side in an `Adapter`. */
  turned: Set<string>;
}

export interface SlotParts {
  infos: ModuleInfo[];
  baseAt: (path: string) => FrozenModule;
  seed: number;
  start?: Map<string, InitialFactors> | undefined;
}

/** Makes an adapter of a plan, or of a saved one. Throws `adapter-mismatch`; nothing is left behind. */
export function makeSlot(source: AdapterPlan | Adapter, { infos, baseAt, seed, start }: SlotParts): Slot {
  const saved = 'tensors' in source ? source : undefined;
  const plan = saved ? planFor(saved, infos) : (source as AdapterPlan);
  const modules = makeModules(plan, { baseAt, seed, start, tensors: saved?.tensors });
  const turned = onTheirSide(plan);
  try {
    if (saved) assignValues(modules, saved.tensors, turned);
  } catch (error) {
    disposeModules(modules);
    throw error;
  }
  return { config: plan.config, modules, turned };
}

/** The adapters of one model by name. */
export class Slots extends Map<string, Slot> {
  /** Throws `adapter-unknown`, with the nearest names. */
  of(name: string): Slot {
    const slot = this.get(name);
    if (slot) return slot;
    const names = nearest(name, this.keys());
    throw new LowrankError('adapter-unknown', {
      given: `adapter "${name}"`,
      rule: 'no adapter of that name is on the model',
      fix: names.length > 0 ? `nearest here: ${names.join(', ')}` : 'add one first',
    });
  }

  /** Throws `adapter-exists` for a name that is taken. */
  checkFree(name: string): void {
    if (!this.has(name)) return;
    throw new LowrankError('adapter-exists', {
      given: `adapter "${name}"`,
      rule: 'names are unique on a manager',
      fix: 'delete it first, or choose another name',
    });
  }
}
