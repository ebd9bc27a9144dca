import { LowrankError, type FrozenModule, type Host } from '@lowrank/core';
import { frozenAt, type AdaptedModules } from './apply.js';
import type { Frame } from './frames.js';
import { Site, type Acting } from './site.js';
import type { Slot } from './slots.js';

/** The places of a host that adapters touch: each has a `Site` for as long as some adapter is there. */
export class Sites {
  readonly #sites = new Map<string, { site: Site; users: number }>();

  constructor(private readonly host: Host) {}

  /** The host's own module at `path`. Throws `target-not-found`, or `adapter-mismatch` for one that others adapted. */
  baseAt(path: string): FrozenModule {
    return this.#sites.get(path)?.site.base ?? frozenAt(this.host, path);
  }

  /** Each site, in the order in which they came. */
  *[Symbol.iterator](): Iterator<Site> {
    for (const { site } of this.#sites.values()) yield site;
  }

  /** Makes room for an adapter's modules. */
  enter(modules: AdaptedModules): void {
    for (const path of modules.keys()) {
      const place = this.#sites.get(path) ?? { site: new Site(path, this.baseAt(path), this), users: 0 };
      place.users++;
      if (place.users > 1) continue;
      this.#sites.set(path, place);
      this.host.replace(path, place.site);
    }
  }

  /** Gives the host's own modules back where no adapter is left; what someone else has put there since stays. */
  leave(modules: AdaptedModules): void {
    for (const path of modules.keys()) {
      const place = this.#sites.get(path);
      if (!place || --place.users > 0) continue;
      this.#sites.delete(path);
      if (this.host.get(path) === place.site) this.host.replace(path, place.site.base);
    }
  }

  /** Has a frame's adapters act, or what they are merged to. A host is told, which may keep a list of what is trained. */
  show({ active, merged }: Frame, slots: ReadonlyMap<string, Slot>): void {
    for (const site of this) {
      const { path } = site;
      site.set(actingAt(path, active, slots), merged?.modules.get(path));
      if (this.host.get(path) === site) this.host.replace(path, site);
    }
  }

  /** Throws `host-changed` where the host has another module than the site that was put there. */
  check(): void {
    for (const { path, kind } of this) {
      const now = this.host.get(path);
      if (now instanceof Site && now === this.#sites.get(path)?.site) continue;
      throw new LowrankError('host-changed', {
        given: `module "${path}" of kind "${now.kind}"`,
        rule: `the manager had put an adapted ${kind} there, and someone else has replaced it`,
        fix: 'put it back, or dispose the manager and make a new one',
      });
    }
  }
}

function actingAt(path: string, active: Frame['active'], slots: ReadonlyMap<string, Slot>): Acting[] {
  return Array.from(active, ([name, weight]) => {
    const module = slots.get(name)?.modules.get(path);
    return module ? [{ name, module, weight }] : [];
  }).flat();
}
