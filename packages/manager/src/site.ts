import {
  deriveSeed,
  residual,
  type AdaptedModule,
  type ForwardContext,
  type FrozenModule,
  type Parameter,
} from '@lowrank/core';
import { mul, tidy, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { forwardRows } from './forward-rows.js';
import { Rows } from './rows.js';

/** A module that acts on a base, by the name of its adapter. */
export interface Acting {
  name: string;
  module: AdaptedModule;
  /** What its update is multiplied by. */
  weight: number;
}

/**
 * What a host has in the place of a module that adapters touch. One that acts alone with weight 1 computes as it would
 * without us; several give `base(x) + Σ weightᵢ · updateᵢ(x)`, in the order of their names, so that the order in which
 * they were activated changes no bit.
 */
export class Site implements FrozenModule {
  #acting: Acting[] = [];
  #merged: FrozenModule | undefined;

  /** @param base stays its owner's  @param owner whose rows it follows */
  constructor(
    readonly path: string,
    readonly base: FrozenModule,
    private readonly owner: object,
  ) {}

  get kind(): string {
    return this.base.kind;
  }

  get acting(): readonly Acting[] {
    return this.#acting;
  }

  get enabled(): boolean {
    return this.#acting.length > 0;
  }

  /** Whether `weight` and `bias` hold all that acts here. */
  get merged(): boolean {
    return this.#merged !== undefined || this.#acting.every(({ module }) => module.merged);
  }

  get weight(): FrozenModule['weight'] {
    return this.#shown.weight;
  }

  get bias(): Tensor1D | undefined {
    return this.#shown.bias;
  }

  get epsilon(): number | undefined {
    return this.base.epsilon;
  }

  /** Of all that act here. */
  parameters(path: string): Parameter[] {
    return this.#acting.flatMap(({ module }) => module.parameters(path));
  }

  /** @param acting sorted by name  @param merged what does the same as all of them; its maker's to free */
  set(acting: Acting[], merged: FrozenModule | undefined): void {
    this.#acting = acting;
    this.#merged = merged;
  }

  /** @returns owned by the caller */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    if (context?.rows instanceof Rows && context.rows.owner === this.owner) {
      return forwardRows(this.base, input, { context, parts: context.rows.at(this.path) });
    }
    if (this.#merged) return this.#merged.forward(input, context);
    const [first] = this.#acting;
    if (!first) return this.base.forward(input, context);
    if (this.#acting.length === 1 && whole(first)) return first.module.forward(input, context);
    return tidy(() => {
      const frozen = this.base.forward(input, context);
      return this.#acting.reduce((sum, acting) => residual(sum, updateOf(acting, input, frozen, context)), frozen);
    });
  }

  get #shown(): FrozenModule {
    return this.#merged ?? ((this.#acting[0]?.module ?? this.base) as FrozenModule);
  }
}

/** A module that takes the base's place has no share that could be weighted. */
function whole({ module, weight }: Acting): boolean {
  return weight === 1 || !module.update;
}

/** In a `tidy` of the caller. Each adapter draws a dropout mask of its own. */
function updateOf({ name, module, weight }: Acting, input: Tensor, frozen: Tensor, context?: ForwardContext): Tensor {
  const own = context && { ...context, seed: deriveSeed(context.seed, `adapter/${name}`) };
  const update = module.update!(input, frozen, own);
  return weight === 1 ? update : mul(update, weight);
}
