import {
  deriveSeed,
  LowrankError,
  nearest,
  type AdaptedModule,
  type ForwardContext,
  type FrozenModule,
  type Host,
  type HostModule,
  type Parameter,
} from '@lowrank/core';
import { tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { adaptCall, freezeNorm, type CallOptions } from './adapted-call.js';
import { collect, trainOnly } from './adapter-weights.js';
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

/** A LayersModel as a host of adapters. The model stays its owner's, and usable as before. */
export interface LayersHost extends Host, Disposable {
  readonly model: LayersModel;
  /**
   * The model's output, as `model.apply` gives it, in training where the context says so; owned by the caller. A
   * gradient through it needs `training`: in evaluation tfjs-layers frees what layers give as soon as it can.
   */
  forward(input: Tensor | Tensor[], context?: ForwardContext): Tensor | Tensor[];
  /** Takes every adapted module off the model, which then is what it was before. */
  dispose(): void;
}

/**
 * Makes a host of a tfjs-layers model: its Dense, Conv1D, Conv2D and Embedding layers can be adapted, those of nested
 * models and layers that are called several times too. Paths are the names of layers, dotted.
 *
 * While an adapted module is on the host, the model's `trainableWeights` are the adapters' parameters, so that
 * `model.compile` and `model.fit` train these alone; its own weights are frozen, batch normalisations use their moving
 * averages and leave them, and no gradient of a frozen kernel is computed.
 *
 * @throws `model-unsupported` for a graph model, one that is not built, or two layers of one path
 */
export function layersHost(model: LayersModel, { seed = 0 }: LayersHostOptions = {}): LayersHost {
  checkModel(model);
  const all = layersByPath(model);
  const heads = headsOf(model);
  const bases = new Map<string, FrozenModule>();
  for (const [path, layer] of all) {
    const frozen = frozenLayer(layer);
    if (frozen) bases.set(path, frozen);
  }
  const now = new Map<string, HostModule>(bases);
  let pass: { context: ForwardContext | undefined; draws: number } = { context: undefined, draws: 0 };
  let restore: (() => void) | undefined;

  const isAdapted = () => [...now].some(([path, module]) => module !== bases.get(path));

  function adapt(): () => void {
    const context = ({ training = false }: CallOptions): ForwardContext => {
      const from = pass.context?.seed ?? seed;
      return { ...pass.context, training, seed: deriveSeed(from, `call/${training ? pass.draws++ : 0}`) };
    };
    const undone = Array.from(all, ([path, layer]) => {
      if (bases.has(path)) return adaptCall(layer, { module: () => now.get(path) as HostModule, context });
      return kindOf(layer) === 'batch-normalization' ? freezeNorm(layer) : () => {};
    });
    const untrain = trainOnly(model, () => parametersOf(now));
    return () => {
      for (const undo of undone) undo();
      untrain();
    };
  }

  function update(): void {
    if (isAdapted()) restore ??= adapt();
    else {
      restore?.();
      restore = undefined;
    }
    collect(model);
  }

  const layerAt = (path: string): Layer => {
    const layer = all.get(path);
    if (layer) return layer;
    throw new LowrankError('target-not-found', {
      given: `layer "${path}"`,
      rule: `it must be one of the model "${model.name}"`,
      fix: `nearest here: ${nearest(path, all.keys()).join(', ')}`,
    });
  };

  return {
    model,
    modules: () =>
      Array.from(all, ([path, layer]) => infoOf(path, layer, bases.get(path), heads.has(layer))).filter(
        ({ parameters }) => parameters > 0,
      ),
    get(path) {
      const layer = layerAt(path);
      return now.get(path) ?? { kind: kindOf(layer), forward: (input) => layer.apply(input) as Tensor };
    },
    replace(path, module) {
      const layer = layerAt(path);
      if (!bases.has(path)) throw notAdaptable(path, kindOf(layer));
      now.set(path, module);
      update();
    },
    forward(input, context) {
      pass = { context, draws: 0 };
      try {
        return tidy(() => model.apply(input, { training: context?.training ?? false }) as Tensor | Tensor[]);
      } finally {
        pass = { context: undefined, draws: 0 };
      }
    },
    dispose() {
      for (const [path, base] of bases) now.set(path, base);
      update();
    },
    [Symbol.dispose]() {
      this.dispose();
    },
  };
}

function parametersOf(modules: Map<string, HostModule>): Parameter[] {
  return Array.from(modules, ([path, module]) => (module as Partial<AdaptedModule>).parameters?.(path) ?? []).flat();
}

function notAdaptable(path: string, kind: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `an adapter on layer "${path}"`,
    rule: `Dense, Conv1D, Conv2D and Embedding layers take one, and this is of kind "${kind}"`,
    fix: 'leave it out of targetModules',
  });
}
