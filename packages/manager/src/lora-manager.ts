import type { Adapter, AdapterPlan, ForwardContext, Host, InitialFactors, Parameter } from '@lowrank/core';
import { weightsOf, type Activation } from './activation.js';
import { Board } from './board.js';
import type { AdapterLoader, LazyLimits } from './lazy-store.js';
import { MergedModel } from './merged-model.js';
import { cropped } from './room.js';
import { groupRows, Rows } from './rows.js';
import { setScale, type Scale } from './scale.js';
import { managerStatus, type ManagerStatus } from './status.js';
import { swapValues } from './swap.js';
import { parametersOf, readValues } from './values.js';

export interface AddOptions {
  /** Decides a fresh A and the dropout masks. Default 0. */
  seed?: number;
  /** From `await initialFactors(plan, host)`: what factors start as, for a plan whose `init` is computed (PiSSA, OLoRA). */
  start?: Map<string, InitialFactors>;
}

/**
 * The adapters on one model: any number held, any number of them acting at once. The model's own weights are never
 * written to: while adapters touch a module, the host has a `Site` in its place. What throws changes nothing.
 */
export class LoraManager {
  readonly #board: Board;

  /** @param host stays its owner's; dispose the manager first. @param limits of adapters that are loaded when needed */
  constructor(
    readonly host: Host,
    limits: LazyLimits = {},
  ) {
    this.#board = new Board(host, limits);
  }

  /** The adapters that the model now computes with, by name; none for the base alone. */
  get active(): string[] {
    return [...this.#board.frames.top.active.keys()];
  }

  /**
   * Adds a fresh adapter from a plan, or a saved one. The first on a manager becomes active.
   * Throws `adapter-exists`, `not-finite`, or `adapter-mismatch` when it does not fit the model.
   */
  add(name: string, source: AdapterPlan | Adapter, options: AddOptions = {}): void {
    const { slots } = this.#board;
    slots.checkFree(name);
    this.#board.enter(name, source, options);
    if (slots.size === 1) this.activate(name);
  }

  /**
   * Names an adapter that is loaded when `ready` or `withActive` needs it, and may be let go when others are needed:
   * of those in no use the one that was used least lately, once there are more than the limits allow. One whose
   * parameters were given out, or that was swapped or scaled, stays. Throws `adapter-exists`.
   */
  register(name: string, load: AdapterLoader): void {
    this.#board.slots.checkFree(name);
    this.#board.lazy.loaders.set(name, load);
  }

  /**
   * Loads those of the adapters that are not, each once however many ask, and keeps all of them until the returned
   * value is disposed: `using _ = await manager.ready(['poet', 'clerk'])`. Throws what a loader throws, after which it
   * may be asked again; `adapter-unknown`, `adapter-mismatch`; `adapter-busy` where those in use leave no room.
   */
  async ready(names: readonly (string | undefined)[]): Promise<Disposable> {
    const { slots, lazy } = this.#board;
    const wanted = [...new Set(names)].filter((name) => name !== undefined);
    for (const name of wanted) slots.checkKnown(name);
    return await lazy.ready(wanted);
  }

  /**
   * Makes one adapter act, several at once (`['a', 'b']`), several with weights (`{ a: 0.7, b: 0.3 }`), or the base
   * alone (`undefined`); a merge is undone first. Their updates add up: `base(x) + Σ weightᵢ · updateᵢ(x)`. What an
   * adapter trains whole takes the base's place, whatever the weight. Within a scope it lasts until the scope ends.
   * Throws `adapter-unknown`, `config-invalid`, `config-unsupported` for two that cannot act at once, `host-changed`.
   */
  activate(activation: Activation): void {
    this.#board.frames.replace(this.#board.frameOf(activation));
    this.#board.show();
  }

  /**
   * `activate` until the returned value is disposed: `using _ = manager.activated('poet')`. What was before is then
   * there again, merged copies too. For requests that run at the same time, `forRows` keeps them apart; this does not.
   */
  activated(activation: Activation): Disposable {
    const end = this.#board.frames.push(this.#board.frameOf(activation));
    this.#board.show();
    return {
      [Symbol.dispose]: () => {
        end();
        this.#board.show();
      },
    };
  }

  /** The base alone, to the bit, until the returned value is disposed. */
  disabled(): Disposable {
    return this.activated(undefined);
  }

  /** `activated` while `work` runs; what is registered is loaded first. */
  async withActive<Result>(activation: Activation, work: () => Result | Promise<Result>): Promise<Result> {
    const names = [...weightsOf(activation).keys()];
    using _loaded = names.every((name) => this.#board.slots.has(name)) ? undefined : await this.ready(names);
    using _active = this.activated(activation);
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
    const { slots, sites, lazy } = this.#board;
    sites.check();
    const groups = groupRows(names, (name) => slots.of(name));
    for (const { name } of groups) if (name !== undefined) lazy.touch(name);
    return { training: false, seed: 0, rows: new Rows(sites, groups) };
  }

  /**
   * Multiplies an adapter's own scaling, alpha / rank, by a factor; 1 is as trained. A record gives each module that a
   * key matches, as one of `alphaPattern` does, its own, and all others 1.
   * Throws `adapter-unknown`, `adapter-busy` for a merged one, `config-invalid`, `target-not-found`.
   */
  scale(name: string, factor: Scale): void {
    this.#board.change(name, 'scaling', (slot) => setScale(slot, factor));
  }

  /**
   * Hot-swap: writes a saved adapter's values into the tensors of one that is held, whatever is active, and makes none.
   * Ranks up to the held ones fit, and fewer modules; its alpha and dropout come along, a `scale` ends.
   * Throws `adapter-unknown`, `adapter-mismatch` with the shapes, `not-finite`, `adapter-busy`.
   */
  swap(name: string, adapter: Adapter): void {
    this.#board.change(name, 'swapping', (slot) => swapValues(slot, adapter, this.host.modules()));
  }

  /**
   * Frees an adapter, and its name; where it was active, the others remain.
   * Throws `adapter-unknown`, `adapter-busy` for one that is merged or in training.
   */
  delete(name: string): void {
    const { slots, lazy } = this.#board;
    slots.checkKnown(name);
    if (slots.has(name)) this.#board.change(name, 'deleting', () => this.#board.leave(name));
    lazy.forget(name);
  }

  /** All that an adapter trains: what a trainer changes. Throws `adapter-unknown`. */
  parameters(name: string): Parameter[] {
    const slot = this.#board.slots.of(name);
    slot.changed = true;
    return parametersOf(slot.modules);
  }

  /**
   * An adapter as plain data, to write, combine or add elsewhere; one that adds what has changed since its start
   * (PiSSA, OLoRA) as plain LoRA of twice the rank. Throws `adapter-unknown`.
   */
  async adapter(name: string): Promise<Adapter> {
    const slot = this.#board.slots.of(name);
    const { plan, room } = slot;
    return cropped(await readValues(slot), { plan, room });
  }

  /**
   * Adds the active adapters' updates into copies of the base's weights, so that a forward pass costs what the base's
   * does. All or nothing: throws `not-finite`, `config-unsupported`, `adapter-busy` while one is in training.
   */
  async merge(): Promise<void> {
    await this.#board.merge();
  }

  /** Drops the merged copies: the base is as it was, bit for bit. */
  unmerge(): void {
    this.#board.frames.replace({ active: this.#board.frames.top.active });
    this.#board.show();
  }

  /**
   * Merges what is active and takes all adapters off: the model is one of plain modules, which cost what the base's do.
   * More adapters can be added to it. Throws as `merge`.
   *
   * @returns what owns the merged weights; dispose it after the model's last use, or to have the base again
   */
  async mergeAndUnload(): Promise<MergedModel> {
    await this.#board.merge();
    const model = new MergedModel(this.host, this.#board.sites, this.#board.frames.takeMerged());
    this.#board.clear();
    model.put();
    return model;
  }

  /** What is on the model, as plain data; see `statusTable`. */
  status(): ManagerStatus {
    return managerStatus(this.#board);
  }

  /** Takes every adapter off and frees them, and forgets those that are registered; the model is the base again. */
  dispose(): void {
    this.#board.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
