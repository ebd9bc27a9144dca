import { LowrankError, type Adapter } from '@lowrank/core';
import { Pins } from './pins.js';

/** Reads an adapter when it is needed: `() => readPeft(folder)`. */
export type AdapterLoader = () => Promise<Adapter>;

export interface LazyLimits {
  /** Most adapters of `register` that are on the model at once. Default: no limit. */
  maxLive?: number;
  /** Most bytes of their tensors. Default: no limit. */
  maxBytes?: number;
}

/** The adapters that are live, as the store sees them. */
export interface LiveAdapters {
  has(name: string): boolean;
  bytes(name: string): number;
  /** Whether it is in use, or was changed since it was loaded. */
  isHeld(name: string): boolean;
  /** Throws `adapter-mismatch`, and changes nothing then. */
  enter(name: string, adapter: Adapter): void;
  leave(name: string): void;
}

/**
 * Adapters that are loaded when they are needed, and let go when others are: the least recently used first, never one
 * that is held or pinned. What is asked for twice at once is loaded once; what failed to load can be asked for again.
 */
export class LazyStore {
  readonly loaders = new Map<string, AdapterLoader>();
  readonly #pins = new Pins();
  readonly #loading = new Map<string, Promise<void>>();
  /** Live ones, the least recently used first. */
  readonly #used = new Set<string>();

  constructor(
    private readonly live: LiveAdapters,
    private readonly limits: LazyLimits,
  ) {}

  /** Says that an adapter was used just now. */
  touch(name: string): void {
    if (this.#used.delete(name)) this.#used.add(name);
  }

  /** Loads what is not live, and keeps all of it until the returned value is disposed. Throws what `#loadOnce` does. */
  async ready(names: string[]): Promise<Disposable> {
    const unpin = this.#pins.pin(names);
    const settled = await Promise.allSettled(names.map((name) => this.#loadOnce(name)));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed) {
      unpin();
      throw failed.reason;
    }
    for (const name of names) this.touch(name);
    return { [Symbol.dispose]: unpin };
  }

  forget(name: string): void {
    this.loaders.delete(name);
    this.#loading.delete(name);
    this.#used.delete(name);
    this.#pins.forget(name);
  }

  async #loadOnce(name: string): Promise<void> {
    if (this.live.has(name)) return;
    const under = this.#loading.get(name);
    if (under) return under;
    const loading = this.#loadNow(name, this.loaders.get(name) as AdapterLoader);
    this.#loading.set(name, loading);
    try {
      await loading;
    } finally {
      if (this.#loading.get(name) === loading) this.#loading.delete(name);
    }
  }

  async #loadNow(name: string, loader: AdapterLoader): Promise<void> {
    const adapter = await loader();
    if (this.loaders.get(name) !== loader) throw deleted(name);
    this.live.enter(name, adapter);
    this.#used.add(name);
    const spare = this.#spare(name);
    if (spare) for (const other of spare) this.#letGo(other);
    else {
      this.#letGo(name);
      throw noRoom(name, this.limits);
    }
  }

  #letGo(name: string): void {
    this.#used.delete(name);
    this.live.leave(name);
  }

  /** Those to let go so that the newest fits; undefined where too many are in use. */
  #spare(newest: string): string[] | undefined {
    const { maxLive = Infinity, maxBytes = Infinity } = this.limits;
    let count = this.#used.size;
    let bytes = [...this.#used].reduce((sum, name) => sum + this.live.bytes(name), 0);
    const spare: string[] = [];
    for (const name of this.#used) {
      if (count <= maxLive && bytes <= maxBytes) break;
      if (name === newest || this.#pins.has(name) || this.live.isHeld(name)) continue;
      count--;
      bytes -= this.live.bytes(name);
      spare.push(name);
    }
    return count <= maxLive && bytes <= maxBytes ? spare : undefined;
  }
}

function deleted(name: string): LowrankError {
  return new LowrankError('adapter-unknown', {
    given: `adapter "${name}"`,
    rule: 'it was deleted while it was loaded',
    fix: 'register it again',
  });
}

function noRoom(name: string, { maxLive, maxBytes }: LazyLimits): LowrankError {
  const limits = { maxLive, maxBytes };
  const said = Object.entries(limits).flatMap(([key, limit]) => (limit === undefined ? [] : [`${key} ${limit}`]));
  return new LowrankError('adapter-busy', {
    given: `adapter "${name}" beside those in use`,
    rule: `they do not fit into ${said.join(', ')}`,
    fix: 'dispose what ready() gave once a pass is done, activate or ask for fewer at once, save and delete what was changed, or raise the limit',
  });
}
