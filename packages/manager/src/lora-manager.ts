import type { Adapter, AdapterPlan, ForwardContext, Host, Parameter } from '@lowrank/core';
import { checkTogether, weightsOf, type Activation } from './activation.js';
import { checkFreeToChange, checkMergeable } from './busy.js';
import { Frames } from './frames.js';
import { Merged } from './merged.js';
import { groupRows, Rows } from './rows.js';
import { setScale, type Scale } from './scale.js';
import { cropped } from './room.js';
import { Sites } from './sites.js';
import { makeSlot, Slots, type Slot } from './slots.js';
import { managerStatus, type ManagerStatus } from './status.js';
import { swapValues } from './swap.js';
import { parametersOf, readValues } from './values.js';

/**
 * The adapters on one model: any number held, any number of them acting at once. The model's own weights are never
 * written to: while adapters touch a module, the host has a `Site` in its place.
 */
export class LoraManager {
  readonly #slots = new Slots();
  readonly #frames = new Frames();
  readonly #sites: Sites;

  /** @param host stays its owner's; dispose the manager first. */
  constructor(readonly host: Host) {
    this.#sites = new Sites(host);
  }

  /** The adapters that the model now computes with, by name; none for the base alone. */
  get active(): string[] {
    return [...this.#frames.top.active.keys()];
  }

  /**
   * Adds a fresh adapter from a plan, or a saved one. The first on a manager becomes active.
   * Throws `adapter-exists`, or `adapter-mismatch` when it does not fit the model; nothing is left behind.
   *
   * @param seed decides a fresh A and the dropout masks. Default 0.
   */
  add(name: string, source: AdapterPlan | Adapter, { seed = 0 }: { seed?: number } = {}): void {
    this.#slots.checkFree(name);
    this.#sites.check();
    const slot = makeSlot(source, this.#parts(seed));
    this.#slots.set(name, slot);
    this.#sites.enter(slot.modules);
    if (this.#slots.size === 1) this.activate(name);
    else this.#show();
  }

  /**
   * Makes one adapter act, several at once (`['a', 'b']`), several with weights (`{ a: 0.7, b: 0.3 }`), or the base
   * alone (`undefined`); a merge is undone first. Their updates add up: `base(x) + Σ weightᵢ · updateᵢ(x)`. What an
   * adapter trains whole takes the base's place, whatever the weight. Within a scope it lasts until the scope ends.
   * Throws `adapter-unknown`, `config-invalid`, `config-unsupported` for two that cannot act at once, `host-changed`.
   */
  activate(activation: Activation): void {
    this.#frames.replace({ active: this.#checked(activation) });
    this.#show();
  }

  /**
   * `activate` until the returned value is disposed: `using _ = manager.activated('poet')`. What was before is then
   * there again, merged copies too. For requests that run at the same time, `forRows` keeps them apart; this does not.
   */
  activated(activation: Activation): Disposable {
    const end = this.#frames.push({ active: this.#checked(activation) });
    this.#show();
    return {
      [Symbol.dispose]: () => {
        end();
        this.#show();
      },
    };
  }

  /** The base alone, to the bit, until the returned value is disposed. */
  disabled(): Disposable {
    return this.activated(undefined);
  }

  /** `activated` while `work` runs. */
  async withActive<Result>(activation: Activation, work: () => Result | Promise<Result>): Promise<Result> {
    using _ = this.activated(activation);
    return await work();
  }

  /** `disabled` while `work` runs. */
  async withDisabled<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    return await this.withActive(undefined, work);
  }

  /**
   * What a forward pass is given for a batch whose rows go through different adapters, whatever is active meanwhile:
   * `model.forward(ids, manager.forRows(['poet', undefined, 'clerk']))`, with `undefined` for the base alone. It is a
   * plain value, so passes that wait for each other never mix. Throws `adapter-unknown`, `host-changed`.
   */
  forRows(names: readonly (string | undefined)[]): ForwardContext & { rows: Rows } {
    this.#sites.check();
    const groups = groupRows(names, (name) => this.#slots.of(name));
    return { training: false, seed: 0, rows: new Rows(this.#sites, groups) };
  }

  /**
   * Multiplies an adapter's own scaling, alpha / rank, by a factor; 1 is as trained. A record gives each module that a
   * key matches, as one of `alphaPattern` does, its own, and all others 1.
   * Throws `adapter-unknown`, `adapter-busy` for a merged one, `config-invalid`, `target-not-found`.
   */
  scale(name: string, factor: Scale): void {
    const slot = this.#changeable(name, 'scaling');
    setScale(slot, factor);
  }

  /** Frees an adapter; where it was active, the others remain. Throws `adapter-unknown`, `adapter-busy` for a merged one. */
  delete(name: string): void {
    this.#remove(name, this.#changeable(name, 'deleting'));
    this.#show();
  }

  /** All that an adapter trains: what a trainer changes. Throws `adapter-unknown`. */
  parameters(name: string): Parameter[] {
    return parametersOf(this.#slots.of(name).modules);
  }

  /** An adapter as plain data, to write, combine or add elsewhere. Throws `adapter-unknown`. */
  async adapter(name: string): Promise<Adapter> {
    const slot = this.#slots.of(name);
    const { plan, room } = slot;
    return cropped(await readValues(slot), { plan, room });
  }

  /**
   * Hot-swap: writes a saved adapter's values into the tensors of one that is held, whatever is active, and makes none.
   * Ranks up to the held ones fit, and fewer modules; its alpha and dropout come along, a `scale` ends.
   * Throws `adapter-unknown`, `adapter-mismatch` with the shapes, `not-finite`, `adapter-busy`; nothing is changed then.
   */
  swap(name: string, adapter: Adapter): void {
    swapValues(this.#changeable(name, 'swapping'), adapter, this.host.modules());
  }

  /**
   * Adds the active adapters' updates into copies of the base's weights, so that a forward pass costs what the base's
   * does. All or nothing: throws `not-finite`, `config-unsupported`, `adapter-busy` while one is in training, and stays
   * unmerged then.
   */
  async merge(): Promise<void> {
    const { active, merged: before } = this.#frames.top;
    if (active.size === 0 || before) return;
    this.#sites.check();
    const slots = this.#slotsOf(active.keys());
    checkMergeable(slots);
    const merged = new Merged(this.#sites);
    try {
      await merged.check();
      checkMergeable(slots, this.#frames.top.active === active && !this.#frames.top.merged);
    } catch (error) {
      merged.dispose();
      throw error;
    }
    this.#frames.replace({ active, merged });
    this.#show();
  }

  /** Drops the merged copies: the base is as it was, bit for bit. */
  unmerge(): void {
    this.#frames.replace({ active: this.#frames.top.active });
    this.#show();
  }

  /** What is on the model, as plain data; see `statusTable`. */
  status(): ManagerStatus {
    return managerStatus({ host: this.host, slots: this.#slots, sites: this.#sites, frames: this.#frames });
  }

  /** Takes every adapter off and frees them; the model is the base again. */
  dispose(): void {
    this.#frames.clear();
    this.#show();
    for (const [name, slot] of [...this.#slots]) this.#remove(name, slot);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #show(): void {
    this.#sites.show(this.#frames.top, this.#slots);
  }

  #remove(name: string, slot: Slot): void {
    this.#frames.forget(name);
    this.#sites.leave(slot.modules);
    this.#slots.delete(name);
    slot.dispose();
  }

  #parts(seed: number) {
    return { infos: this.host.modules(), baseAt: (path: string) => this.#sites.baseAt(path), seed };
  }

  #slotsOf(names: Iterable<string>): Map<string, Slot> {
    return new Map(Array.from(names, (name) => [name, this.#slots.of(name)]));
  }

  #checked(activation: Activation): Map<string, number> {
    const weights = weightsOf(activation);
    checkTogether(this.#slotsOf(weights.keys()));
    this.#sites.check();
    return weights;
  }

  #changeable(name: string, doing: string): Slot {
    const slot = this.#slots.of(name);
    checkFreeToChange({ name, slot, merged: this.#frames.isMerged(name) }, doing);
    return slot;
  }
}
