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
import { assignValues, onTheirSide, parametersOf, savedAlong } from './values.js';

export interface SlotParts {
  infos: ModuleInfo[];
  baseAt: (path: string) => FrozenModule;
  seed: number;
  start?: Map<string, InitialFactors> | undefined;
}

/** One adapter that is held. */
export class Slot {
  #live = true;
  /** Whether its values may differ from those that it was loaded with, or may soon. */
  changed = false;
  /** Names of the values that lie on their side in an `Adapter`. */
  readonly turned: Set<string>;

  /** What its values are of; another one's after a swap. */
  plan: AdapterPlan;

  /** @param room what its variables were made for */
  constructor(
    readonly room: AdapterPlan,
    readonly modules: AdaptedModules,
  ) {
    this.plan = room;
    this.turned = onTheirSide(room);
  }

  get config(): LoraConfig {
    return this.plan.config;
  }

  /** Whether its tensors are there. */
  get live(): boolean {
    return this.#live;
  }

  /** Of what it trains, of where that started where that counts, and of what it holds along. */
  get bytes(): number {
    const along = [...savedAlong(this.modules).values()];
    const parameters = parametersOf(this.modules);
    const trained = parameters.flatMap(({ variable, initial }) => (initial ? [variable, initial] : [variable]));
    const tensors = [...trained, ...along];
    return tensors.reduce((sum, { size }) => sum + 4 * size, 0);
  }

  /** Ids of the rows that it trains at `path`, of an embedding or a head that reads one. */
  tokens(path: string): number[] {
    const { extras } = this.room;
    const extra = extras.find((one) => one.path === path);
    const table = extra?.table === undefined ? extra : extras.find((one) => one.path === extra.table);
    return table?.tokens ?? [];
  }

  dispose(): void {
    this.#live = false;
    disposeModules(this.modules);
  }
}

/** Makes an adapter of a plan, or of a saved one. Throws `adapter-mismatch`; nothing is left behind. */
export function makeSlot(source: AdapterPlan | Adapter, { infos, baseAt, seed, start }: SlotParts): Slot {
  const saved = 'tensors' in source ? source : undefined;
  const plan = saved ? planFor(saved, infos) : (source as AdapterPlan);
  const slot = new Slot(plan, makeModules(plan, { baseAt, seed, start, tensors: saved?.tensors }));
  try {
    if (saved) assignValues(slot.modules, saved.tensors, slot.turned);
  } catch (error) {
    slot.dispose();
    throw error;
  }
  return slot;
}

/** The adapters of one model by name. */
export class Slots extends Map<string, Slot> {
  /** @param registered names of those that are loaded when they are needed */
  constructor(private readonly registered: ReadonlyMap<string, unknown>) {
    super();
  }

  /** Throws `adapter-unknown`, with the nearest names, also for one that is not loaded now. */
  of(name: string): Slot {
    const slot = this.get(name);
    if (slot) return slot;
    if (!this.registered.has(name)) throw this.unknown(name);
    throw new LowrankError('adapter-unknown', {
      given: `adapter "${name}"`,
      rule: 'it is registered, and not loaded now',
      fix: `using _ = await manager.ready(['${name}']) first`,
    });
  }

  /** Throws `adapter-unknown` for a name that is neither here nor registered. */
  checkKnown(name: string): void {
    if (!this.has(name) && !this.registered.has(name)) throw this.unknown(name);
  }

  /** Throws `adapter-exists` for a name that is taken. */
  checkFree(name: string): void {
    if (!this.has(name) && !this.registered.has(name)) return;
    throw new LowrankError('adapter-exists', {
      given: `adapter "${name}"`,
      rule: 'names are unique on a manager',
      fix: 'delete it first, or choose another name',
    });
  }

  private unknown(name: string): LowrankError {
    const names = nearest(name, [...this.keys(), ...this.registered.keys()]);
    return new LowrankError('adapter-unknown', {
      given: `adapter "${name}"`,
      rule: 'no adapter of that name is on the model',
      fix: names.length > 0 ? `nearest here: ${names.join(', ')}` : 'add one first',
    });
  }
}
