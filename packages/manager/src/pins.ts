/** Which names are in use, by whom: as long as one pin is left a name stays. */
export class Pins {
  readonly #pins = new Map<string, Set<object>>();

  /** @returns what takes the pins away, once */
  pin(names: Iterable<string>): () => void {
    const pin = {};
    const pinned = [...names];
    for (const name of pinned) {
      const others = this.#pins.get(name);
      if (others) others.add(pin);
      else this.#pins.set(name, new Set([pin]));
    }
    return () => {
      for (const name of pinned) {
        const pins = this.#pins.get(name);
        pins?.delete(pin);
        if (pins?.size === 0) this.#pins.delete(name);
      }
    };
  }

  has(name: string): boolean {
    return this.#pins.has(name);
  }

  /** Drops all pins of a name: whoever takes one away later takes nothing of a new bearer of the name. */
  forget(name: string): void {
    this.#pins.delete(name);
  }
}
