import type { Adapter, AdapterPlan, FrozenModule, Host, InitialFactors, Parameter } from '@lowrank/core';
import { disposeModules, frozenAt } from './apply.js';
import { makeSlot, Slots } from './slots.js';
import { adapterStatus, type ManagerStatus } from './status.js';
import { parametersOf, readValues } from './values.js';

export interface AddOptions {
  /** Decides a fresh A and the dropout masks. Default 0. */
  seed?: number;
  /** From `await initialFactors(plan, host)`: what factors start as, for a plan whose `init` is computed (PiSSA, OLoRA). */
  start?: Map<string, InitialFactors>;
}

/**
 * The adapters on one model: any number held, at most one active. The model's own weights are never written to;
 * activating puts adapted modules in the place of its own, deactivating puts those back.
 */
export class LoraManager {
  readonly #slots = new Slots();
  readonly #bases = new Map<string, FrozenModule>();
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
   */
  add(name: string, source: AdapterPlan | Adapter, { seed = 0, start }: AddOptions = {}): void {
    this.#slots.checkFree(name);
    const parts = { infos: this.host.modules(), baseAt: (path: string) => this.#baseAt(path), seed, start };
    this.#slots.set(name, makeSlot(source, parts));
    if (this.#slots.size === 1) this.activate(name);
  }

  /** Makes `name` the adapter in use, or the base alone with `undefined`; a merge is undone first. */
  activate(name: string | undefined): void {
    const next = name === undefined ? undefined : this.#slots.of(name);
    this.unmerge();
    if (this.#active !== undefined) {
      for (const path of this.#slots.of(this.#active).modules.keys()) this.host.replace(path, this.#baseAt(path));
    }
    for (const [path, module] of next?.modules ?? []) this.host.replace(path, module);
    this.#active = name;
  }

  /** Frees an adapter; if it was active, the base is left. Throws `adapter-unknown`. */
  delete(name: string): void {
    const { modules } = this.#slots.of(name);
    if (this.#active === name) this.activate(undefined);
    disposeModules(modules);
    this.#slots.delete(name);
  }

  /** All that an adapter trains: what a trainer changes. Throws `adapter-unknown`. */
  parameters(name: string): Parameter[] {
    return parametersOf(this.#slots.of(name).modules);
  }

  /**
   * An adapter as plain data, to write, combine or add elsewhere; one that adds what has changed since its start
   * (PiSSA, OLoRA) as plain LoRA of twice the rank. Throws `adapter-unknown`.
   */
  async adapter(name: string): Promise<Adapter> {
    return readValues(this.#slots.of(name));
  }

  /**
   * Adds the active adapter's update into copies of its weights, so that a forward pass costs what the base's does.
   * All or nothing: throws `not-finite` or `config-unsupported` and stays unmerged when one cannot be merged.
   */
  async merge(): Promise<void> {
    if (this.#active === undefined || this.#merged) return;
    this.#merged = true;
    try {
      for (const module of this.#slots.of(this.#active).modules.values()) await module.merge();
    } catch (error) {
      this.unmerge();
      throw error;
    }
  }

  /** Drops the merged copies: the base is as it was, bit for bit. */
  unmerge(): void {
    if (!this.#merged || this.#active === undefined) return;
    for (const module of this.#slots.of(this.#active).modules.values()) module.unmerge();
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

  #baseAt(path: string): FrozenModule {
    const base = this.#bases.get(path) ?? frozenAt(this.host, path);
    this.#bases.set(path, base);
    return base;
  }
}
