import { frozenLinear, invariant, type FrozenModule, type Host } from '@lowrank/core';
import { clone, dispose, Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Merged } from './merged.js';
import { plainModule } from './plain-module.js';
import type { Site } from './site.js';

interface Whole extends Pick<Site, 'base' | 'acting'> {
  /** Paths of the tables that heads read, by the heads' own. */
  tables: Map<string, string | undefined>;
}

/** A model of plain modules, made of a base and adapters that are no longer there. It owns what it has of its own. */
export class MergedModel implements Disposable {
  readonly #modules = new Map<string, { base: FrozenModule; plain: FrozenModule }>();
  readonly #copies: Tensor[] = [];

  /** Takes over `merged`. @param sites while adapters are there; `put` once they are not */
  constructor(
    private readonly host: Host,
    sites: Iterable<Site>,
    private readonly merged: Merged | undefined,
  ) {
    const tables = new Map(host.modules().map(({ path, table }) => [path, table]));
    for (const { path, base, acting } of sites) {
      const plain =
        merged?.modules.get(path) ?? (acting.length > 0 ? this.#plain(path, { base, acting, tables }) : undefined);
      if (plain) this.#modules.set(path, { base, plain });
    }
  }

  /** Paths of the modules that are not the base's own. */
  get paths(): string[] {
    return [...this.#modules.keys()];
  }

  /** Puts the modules on the host. */
  put(): void {
    for (const [path, { plain }] of this.#modules) this.host.replace(path, plain);
  }

  /** Gives the host its base's own modules again, where these are still there, and frees these. */
  dispose(): void {
    for (const [path, { base, plain }] of this.#modules) {
      if (this.host.get(path) === plain) this.host.replace(path, base);
    }
    this.#modules.clear();
    this.merged?.dispose();
    dispose(this.#copies.splice(0));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Of what has nothing to merge: a module that is trained whole, or a head that reads a table of which rows are. */
  #plain(path: string, { base, acting, tables }: Whole): FrozenModule {
    const module = acting[0]!.module as unknown as FrozenModule;
    if (module.weight !== undefined) return this.#copy(base, module);
    const table = this.merged?.modules.get(tables.get(path) ?? '')?.weight as Tensor2D | undefined;
    invariant(table, `the head at ${path} reads no merged table`);
    const forward = (input: Tensor) => frozenLinear(input, table, undefined, { transposed: true });
    return { kind: module.kind, weight: table, forward };
  }

  /** Shares the values, which outlive the adapter so. */
  #copy(base: FrozenModule, { weight, bias }: FrozenModule): FrozenModule {
    const own = <T extends Tensor>(tensor: T): T => {
      const copy = clone(tensor);
      this.#copies.push(copy);
      return copy;
    };
    const copied = { weight: weight instanceof Tensor ? own(weight as Tensor) : weight, bias: bias && own(bias) };
    return plainModule(base, copied as { weight: Tensor2D; bias?: Tensor1D });
  }
}
