import type { AdapterLoader, LoraManager } from '@lowrank/manager';
import { ApiError } from './api-error.js';
import { unusable } from './unusable.js';

/** One loading of an adapter: what is loaded again under its name is another. */
interface Offer {
  /** Its name on the manager, which no earlier offer had. */
  inner: string;
  uses: number;
  withdrawn: boolean;
}

/** An adapter that a request holds until it is disposed. */
export interface Lease extends Disposable {
  /** What `manager.forRows` takes; undefined for the base. */
  inner: string | undefined;
}

/**
 * The adapters that requests may name. One that is withdrawn is gone for new requests at once, and freed when the last
 * request that runs on it has ended.
 */
export class Adapters {
  readonly #offers = new Map<string, Offer>();
  #count = 0;

  constructor(private readonly manager: LoraManager) {}

  get names(): string[] {
    return [...this.#offers.keys()];
  }

  has(name: string): boolean {
    return this.#offers.has(name);
  }

  /** @param name not offered yet @param load is called when a request needs it, again once it has been let go */
  offer(name: string, load: AdapterLoader): void {
    const inner = `${name}#${this.#count++}`;
    this.manager.register(inner, load);
    this.#offers.set(name, { inner, uses: 0, withdrawn: false });
  }

  /** False where there is none of that name. */
  withdraw(name: string): boolean {
    const offer = this.#offers.get(name);
    if (!offer) return false;
    this.#offers.delete(name);
    offer.withdrawn = true;
    this.#free(offer);
    return true;
  }

  /** Loads it where it is not. Throws an `ApiError` 404, and what `unusable` makes of a failed loading. */
  async lease(name: string): Promise<Lease> {
    const offer = this.#offers.get(name);
    if (!offer) throw new ApiError(404, 'model_not_found', `no model "${name.slice(0, 128)}" is served here`);
    offer.uses++;
    const release = () => {
      offer.uses--;
      this.#free(offer);
    };
    try {
      const ready = await this.manager.ready([offer.inner]);
      return {
        inner: offer.inner,
        [Symbol.dispose]: () => {
          ready[Symbol.dispose]();
          release();
        },
      };
    } catch (error) {
      release();
      throw unusable(name, error);
    }
  }

  #free({ inner, uses, withdrawn }: Offer): void {
    if (withdrawn && uses === 0) this.manager.delete(inner);
  }
}
