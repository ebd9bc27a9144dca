import {
  deriveSeed,
  LowrankError,
  nearest,
  type AdaptedModule,
  type ForwardContext,
  type FrozenModule,
  type Host,
  type HostModule,
  type ModuleInfo,
} from '@lowrank/core';
import { tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { adaptCall, freezeNorm, type CallOptions } from './adapted-call.js';
import { trainOnly } from './adapter-weights.js';
import { checkModel } from './check-model.js';
import { frozenLayer, kindOf } from './frozen-layer.js';
import { headsOf } from './heads.js';
import { infoOf } from './module-infos.js';
import { layersByPath } from './walk-layers.js';

type Layer = layers.Layer;

export interface LayersHostOptions {
  /** Decides the dropout masks of adapters while `model.fit` trains. Default 0. */
  seed?: number;
}

/**
 * A tfjs-layers model as a host: its Dense, Conv1D, Conv2D and Embedding layers can be adapted, those of nested models and
 * layers that are called several times too. Paths are the names of layers, dotted. The model stays its owner's.
 *
 * While an adapted module acts on it, the model's `trainableWeights` are the adapters' parameters, so that `model.compile`
 * and `model.fit` train these alone; its own weights are frozen, batch normalisations use their moving averages and leave
 * them, and no gradient of a frozen kernel is computed. Otherwise the model computes as it was made.
 */
export class LayersHost implements Host {
  readonly #layers: Map<string, Layer>;
  readonly #heads: Set<Layer>;
  readonly #bases = new Map<string, FrozenModule>();
  readonly #now: Map<string, HostModule>;
  /** Of the pass that runs: what it was given, and how many random choices it has made. */
  #pass: { context?: ForwardContext | undefined; draws: number } = { draws: 0 };
  #restore: (() => void) | undefined;

  /** @throws `model-unsupported` for a graph model, one that is not built, or two layers of one path */
  constructor(
    readonly model: LayersModel,
    private readonly options: LayersHostOptions = {},
  ) {
    checkModel(model);
    this.#layers = layersByPath(model);
    this.#heads = headsOf(model);
    for (const [path, layer] of this.#layers) {
      const frozen = frozenLayer(layer);
      if (frozen) this.#bases.set(path, frozen);
    }
    this.#now = new Map(this.#bases);
  }

  modules(): ModuleInfo[] {
    const infos = Array.from(this.#layers, ([path, layer]) =>
      infoOf(path, layer, this.#bases.get(path), this.#heads.has(layer)),
    );
    return infos.filter(({ parameters }) => parameters > 0);
  }

  get(path: string): HostModule {
    const layer = this.#layerAt(path);
    return this.#now.get(path) ?? { kind: kindOf(layer), forward: (input) => layer.apply(input) as Tensor };
  }

  /** Throws `config-unsupported` for a layer that cannot be adapted. */
  replace(path: string, module: HostModule): void {
    const layer = this.#layerAt(path);
    if (!this.#bases.has(path)) throw notAdaptable(path, kindOf(layer));
    this.#now.set(path, module);
    this.#update();
  }

  /**
   * The model's output as `model.apply` gives it, in training where the context says so; owned by the caller. A gradient
   * through it needs `training`: in evaluation tfjs-layers frees what layers give as soon as it can.
   */
  forward(input: Tensor | Tensor[], context?: ForwardContext): Tensor | Tensor[] {
    const before = this.#pass;
    this.#pass = { context, draws: 0 };
    // Rows may go through adapters of which none is active.
    const undo = context?.rows && !this.#restore ? this.#adapt() : undefined;
    try {
      return tidy(() => this.model.apply(input, { training: context?.training ?? false }) as Tensor | Tensor[]);
    } finally {
      undo?.();
      this.#pass = before;
    }
  }

  /** Takes every adapted module off the model, which then is what it was before. */
  dispose(): void {
    for (const [path, base] of this.#bases) this.#now.set(path, base);
    this.#update();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #update(): void {
    if (this.#acting().length > 0) this.#restore ??= this.#adapt();
    else {
      this.#restore?.();
      this.#restore = undefined;
    }
  }

  /** Every layer that can be adapted goes through its module, adapted or not, so that no frozen kernel gets a gradient. */
  #adapt(): () => void {
    const acts = () => this.#pass.context?.rows !== undefined || this.#acting().length > 0;
    const undone = Array.from(this.#layers, ([path, layer]) => {
      if (kindOf(layer) === 'batch-normalization') return freezeNorm(layer, acts);
      if (!this.#bases.has(path)) return () => {};
      const module = () => this.#now.get(path) as HostModule;
      return adaptCall(layer, { acts, module, context: (options) => this.#contextOf(options) });
    });
    const parameters = () =>
      acts() ? this.#acting().flatMap(([path, module]) => module.parameters?.(path) ?? []) : undefined;
    undone.push(trainOnly(this.model, parameters));
    return () => {
      for (const undo of undone) undo();
    };
  }

  /** The adapted modules that are not switched off. */
  #acting(): [string, Partial<AdaptedModule>][] {
    return Array.from(this.#now as Map<string, Partial<AdaptedModule>>).filter(
      ([path, module]) => module !== this.#bases.get(path) && module.enabled !== false,
    );
  }

  #contextOf({ training = false }: CallOptions): ForwardContext {
    const { context } = this.#pass;
    const draw = training ? this.#pass.draws++ : 0;
    return { ...context, training, seed: deriveSeed(context?.seed ?? this.options.seed ?? 0, `call/${draw}`) };
  }

  #layerAt(path: string): Layer {
    const layer = this.#layers.get(path);
    if (layer) return layer;
    throw new LowrankError('target-not-found', {
      given: `layer "${path}"`,
      rule: `it must be one of the model "${this.model.name}"`,
      fix: `nearest here: ${nearest(path, this.#layers.keys()).join(', ')}`,
    });
  }
}

function notAdaptable(path: string, kind: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `an adapter on layer "${path}"`,
    rule: `Dense, Conv1D, Conv2D and Embedding layers take one, and this is of kind "${kind}"`,
    fix: 'leave it out of targetModules',
  });
}
