import type { Adapter } from '@lowrank/core';

export interface ModelFrame {
  active: Record<string, number>;
  merged: boolean;
}

/** What a manager should be after some operations, in the plainest terms. */
export class ModelManager {
  readonly held = new Map<string, { adapter: Adapter; kind: number; scale: number }>();
  /** The last one counts; each scope has one. */
  readonly frames: ModelFrame[] = [{ active: {}, merged: false }];

  get top(): ModelFrame {
    return this.frames.at(-1)!;
  }

  isMerged(name: string): boolean {
    return this.frames.some(({ active, merged }) => merged && name in active);
  }

  delete(name: string): void {
    this.held.delete(name);
    for (const { active } of this.frames) delete active[name];
  }

  /** What `run64` is given for the adapters that act now, or for one. */
  acting(only?: string) {
    const weights = only === undefined ? this.top.active : { [only]: 1 };
    return Object.entries(weights).map(([name, weight]) => {
      const { adapter, scale } = this.held.get(name)!;
      return { adapter, scale, weight };
    });
  }
}
