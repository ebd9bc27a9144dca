import { LowrankError, nearest, type Host, type HostModule, type ModelOutline, type ModuleInfo } from '@lowrank/core';

/** A module that a tree made, and frees. */
export interface OwnedModule extends HostModule {
  dispose(): void;
}

/**
 * The modules of a model under Hugging Face's dotted paths. It frees the modules it was made with, wherever
 * they are now; what `replace` put in belongs to whoever made it.
 */
export class ModuleTree implements Host {
  readonly #outline: ModelOutline;
  readonly #owned: OwnedModule[];
  readonly #current: Map<string, HostModule>;

  /** @param modules one for each of the outline's, by path, in forward order; owned by the tree. */
  constructor(outline: ModelOutline, modules: Map<string, OwnedModule>) {
    this.#outline = outline;
    this.#owned = [...modules.values()];
    this.#current = new Map(modules);
  }

  get outline(): ModelOutline {
    return { ...this.#outline, modules: this.modules() };
  }

  modules(): ModuleInfo[] {
    return this.#outline.modules.map((info) => ({ ...info }));
  }

  get(path: string): HostModule {
    const module = this.#current.get(path);
    if (module) return module;
    throw new LowrankError('target-not-found', {
      given: `module "${path}"`,
      rule: 'the model has no module at this path',
      fix: `nearest here: ${nearest(path, this.#current.keys()).join(', ')}`,
    });
  }

  replace(path: string, module: HostModule): void {
    this.get(path);
    this.#current.set(path, module);
  }

  dispose(): void {
    for (const module of this.#owned) module.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
