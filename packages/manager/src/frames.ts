import type { Merged } from './merged.js';

/** What acts on a model at a time. */
export interface Frame {
  /** Weights by name, in the order of the names. */
  readonly active: ReadonlyMap<string, number>;
  /** What does the same without adapters; the frame's to free. */
  readonly merged?: Merged | undefined;
}

/** What acts now, and what will again when a scope ends. Scopes may end in any order. */
export class Frames {
  readonly #frames: { frame: Frame }[] = [{ frame: { active: new Map() } }];

  get top(): Frame {
    return this.#frames.at(-1)!.frame;
  }

  /** In the place of the top; frees what that was merged to. */
  replace(frame: Frame): void {
    const place = this.#frames.at(-1)!;
    if (place.frame.merged !== frame.merged) place.frame.merged?.dispose();
    place.frame = frame;
  }

  /** @returns what takes it away again, wherever it is by then; a second time does nothing */
  push(frame: Frame): () => void {
    const place = { frame };
    this.#frames.push(place);
    return () => {
      const at = this.#frames.indexOf(place);
      if (at === -1) return;
      this.#frames.splice(at, 1);
      place.frame.merged?.dispose();
    };
  }

  /** What the top was merged to, the caller's from now on. */
  takeMerged(): Merged | undefined {
    const place = this.#frames.at(-1)!;
    const { active, merged } = place.frame;
    place.frame = { active };
    return merged;
  }

  /** Takes an adapter that is merged nowhere out of all frames. */
  forget(name: string): void {
    for (const place of this.#frames) {
      if (!place.frame.active.has(name)) continue;
      place.frame = { active: new Map([...place.frame.active].filter(([other]) => other !== name)) };
    }
  }

  isActive(name: string): boolean {
    return this.#frames.some(({ frame }) => frame.active.has(name));
  }

  isMerged(name: string): boolean {
    return this.#frames.some(({ frame }) => frame.merged !== undefined && frame.active.has(name));
  }

  /** Ends every scope, and leaves nothing active or merged. */
  clear(): void {
    for (const { frame } of this.#frames.splice(1)) frame.merged?.dispose();
    this.replace({ active: new Map() });
  }
}
