import {
  type FrozenLinear,
  LowrankError,
  nearest,
  type Adapter,
  type AdapterPlan,
  type Host,
  type LoraConfig,
  type Parameter,
} from '@lowrank/core';
import { disposeLayers, frozenAt, makeLayers, type AdapterLayers } from './adapter-layers.js';
import { assignFactors, parametersOf, readFactors } from './factors.js';
import { planFor } from './plan-for.js';
import type { AdapterStatus, ManagerStatus } from './status.js';

interface Slot {
  config: LoraConfig;
  layers: AdapterLayers;
}

/**
 * The adapters on one model: any number held, at most one active. The model's own weights are never written to;
 * activating puts wrapped layers in the place of its modules, deactivating puts the modules back.
 */
export class LoraManager {
  readonly #slots = new Map<string, Slot>();
  readonly #bases = new Map<string, FrozenLinear>();
  #active: string | undefined;
  #merged = false;

  /** @param host stays its owner's; dispose the manager first. */
  constructor(readonly host: Host) {}

  /** The adapter that the model now computes with; undefined for the base alone. */
  get active(): string | undefined {
    return this.#active;
  }

  /**
   * Adds a fresh adapter from a plan, or a saved one. The first on a manager becomes active.
   * Throws `adapter-exists`, or `adapter-mismatch` when it does not fit the model; nothing is left behind.
   *
   * @param seed decides a fresh A and the dropout masks. Default 0.
   */
  add(name: string, source: AdapterPlan | Adapter, { seed = 0 }: { seed?: number } = {}): void {
    if (this.#slots.has(name)) {
      throw new LowrankError('adapter-exists', {
        given: `adapter "${name}"`,
        rule: 'names are unique on a manager',
        fix: 'delete it first, or choose another name',
      });
    }
    const saved = 'tensors' in source ? source : undefined;
    const plan = saved ? planFor(saved, this.host.modules()) : (source as AdapterPlan);
    const layers = makeLayers(plan, (path) => this.#baseAt(path), seed);
    try {
      if (saved) assignFactors(layers, saved.tensors);
    } catch (error) {
      disposeLayers(layers);
      throw error;
    }
    this.#slots.set(name, { config: plan.config, layers });
    if (this.#slots.size === 1) this.activate(name);
  }

  /** Makes `name` the adapter in use, or the base alone with `undefined`; a merge is undone first. */
  activate(name: string | undefined): void {
    const next = name === undefined ? undefined : this.#slot(name);
    this.unmerge();
    if (this.#active !== undefined) {
      for (const path of this.#slot(this.#active).layers.keys()) this.host.replace(path, this.#baseAt(path));
    }
    for (const [path, layer] of next?.layers ?? []) this.host.replace(path, layer);
    this.#active = name;
  }

  /** Frees an adapter; if it was active, the base is left. Throws `adapter-unknown`. */
  delete(name: string): void {
    const { layers } = this.#slot(name);
    if (this.#active === name) this.activate(undefined);
    disposeLayers(layers);
    this.#slots.delete(name);
  }

  /** The trainable factors of an adapter: what a trainer changes. Throws `adapter-unknown`. */
  parameters(name: string): Parameter[] {
    return parametersOf(this.#slot(name).layers);
  }

  /** An adapter as plain data, to write, combine or add elsewhere. Throws `adapter-unknown`. */
  async adapter(name: string): Promise<Adapter> {
    const { layers, config } = this.#slot(name);
    return readFactors(layers, config);
  }

  /**
   * Adds the active adapter's update into copies of its weights, so that a forward pass costs what the base's does.
   * All or nothing: throws `not-finite` and stays unmerged when one update is not finite.
   */
  async merge(): Promise<void> {
    if (this.#active === undefined || this.#merged) return;
    this.#merged = true;
    try {
      for (const layer of this.#slot(this.#active).layers.values()) await layer.merge();
    } catch (error) {
      this.unmerge();
      throw error;
    }
  }

  /** Drops the merged copies: the base is as it was, bit for bit. */
  unmerge(): void {
    if (!this.#merged || this.#active === undefined) return;
    for (const layer of this.#slot(this.#active).layers.values()) layer.unmerge();
    this.#merged = false;
  }

  /** What is on the model, as plain data. */
  status(): ManagerStatus {
    const adapters = Array.from(this.#slots, ([name, slot]) => adapterStatus(name, slot));
    return { active: this.#active, merged: this.#merged, adapters };
  }

  /** Takes every adapter off and frees them; the model is the base again. */
  dispose(): void {
    for (const name of [...this.#slots.keys()]) this.delete(name);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot) return slot;
    const names = nearest(name, this.#slots.keys());
    throw new LowrankError('adapter-unknown', {
      given: `adapter "${name}"`,
      rule: 'no adapter of that name is on the model',
      fix: names.length > 0 ? `nearest here: ${names.join(', ')}` : 'add one first',
    });
  }

  #baseAt(path: string): FrozenLinear {
    const base = this.#bases.get(path) ?? frozenAt(this.host, path);
    this.#bases.set(path, base);
    return base;
  }
}

function adapterStatus(name: string, { config, layers }: Slot): AdapterStatus {
  const parameters = [...layers.values()].reduce((sum, layer) => sum + layer.a.size + layer.b.size, 0);
  return { name, rank: config.rank, alpha: config.alpha, modules: [...layers.keys()], parameters };
}
