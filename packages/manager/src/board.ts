import type { Adapter, AdapterPlan, Host } from '@lowrank/core';
import { checkTogether, weightsOf, type Activation } from './activation.js';
import { checkFreeToChange, checkMergeable } from './busy.js';
import { Frames, type Frame } from './frames.js';
import { LazyStore, type LazyLimits, type LiveAdapters } from './lazy-store.js';
import type { AddOptions } from './lora-manager.js';
import { Merged } from './merged.js';
import { Sites } from './sites.js';
import { makeSlot, Slots, type Slot } from './slots.js';

/** The state of a manager: what is held, what acts, and where that is on the host. Each step leaves all three agreeing. */
export class Board {
  readonly slots: Slots;
  readonly frames = new Frames();
  readonly sites: Sites;
  readonly lazy: LazyStore;

  constructor(
    readonly host: Host,
    limits: LazyLimits,
  ) {
    this.sites = new Sites(host);
    this.lazy = new LazyStore(this.#live(), limits);
    this.slots = new Slots(this.lazy.loaders);
  }

  /** Throws `adapter-mismatch`, `host-changed`; nothing is left behind. */
  enter(name: string, source: AdapterPlan | Adapter, { seed = 0, start }: AddOptions = {}): void {
    this.sites.check();
    const [infos, baseAt] = [this.host.modules(), (path: string) => this.sites.baseAt(path)];
    const slot = makeSlot(source, { infos, baseAt, seed, start });
    this.slots.set(name, slot);
    this.sites.enter(slot.modules);
    this.show();
  }

  leave(name: string): void {
    const slot = this.slots.of(name);
    this.frames.forget(name);
    this.sites.leave(slot.modules);
    this.slots.delete(name);
    slot.dispose();
    this.show();
  }

  clear(): void {
    this.frames.clear();
    for (const name of [...this.slots.keys()]) this.leave(name);
    for (const name of [...this.lazy.loaders.keys()]) this.lazy.forget(name);
  }

  /** Has the top frame act. */
  show(): void {
    this.sites.show(this.frames.top, this.slots);
  }

  /** Throws where these cannot act, or not at once. */
  frameOf(activation: Activation): Frame {
    const active = weightsOf(activation);
    checkTogether(this.#slotsOf(active.keys()));
    this.sites.check();
    for (const name of active.keys()) this.lazy.touch(name);
    return { active };
  }

  /** An adapter that may be changed now, and from now on counts as changed. Throws `adapter-unknown`, `adapter-busy`. */
  change<Result>(name: string, doing: string, how: (slot: Slot) => Result): Result {
    const slot = this.slots.of(name);
    checkFreeToChange({ name, slot, merged: this.frames.isMerged(name) }, doing);
    const result = how(slot);
    slot.changed = true;
    return result;
  }

  /** All or nothing. Throws `not-finite`, `config-unsupported`, `adapter-busy`. */
  async merge(): Promise<void> {
    const { active, merged: before } = this.frames.top;
    if (active.size === 0 || before) return;
    this.sites.check();
    const slots = this.#slotsOf(active.keys());
    checkMergeable(slots);
    const merged = new Merged(this.sites);
    try {
      await merged.check();
      checkMergeable(slots, this.frames.top.active === active && !this.frames.top.merged);
    } catch (error) {
      merged.dispose();
      throw error;
    }
    this.frames.replace({ active, merged });
    this.show();
  }

  #slotsOf(names: Iterable<string>): Map<string, Slot> {
    return new Map(Array.from(names, (name) => [name, this.slots.of(name)]));
  }

  /** What the store of registered adapters may see and do. */
  #live(): LiveAdapters {
    return {
      has: (name) => this.slots.has(name),
      bytes: (name) => this.slots.of(name).bytes,
      isHeld: (name) => this.frames.isActive(name) || this.slots.of(name).changed,
      enter: (name, adapter) => this.enter(name, adapter),
      leave: (name) => this.leave(name),
    };
  }
}
