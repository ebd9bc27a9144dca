import { LowrankError } from '../errors/lowrank-error.js';
import { FrozenConv } from '../layers/frozen-conv.js';
import type { FrozenLinear } from '../layers/frozen-linear.js';
import type { ModuleInfo } from '../plan/module-info.js';
import { nearest } from '../plan/nearest.js';
import type { Host, HostModule } from './host.js';

/** A host made of your own linear layers and convolutions by path. The layers stay yours to dispose. */
export function hostOf(layers: Record<string, FrozenLinear | FrozenConv>): Host {
  const now = new Map<string, HostModule>(Object.entries(layers));
  const get = (path: string): HostModule => {
    const module = now.get(path);
    if (module) return module;
    throw new LowrankError('target-not-found', {
      given: `module "${path}"`,
      rule: 'it must be one of the host',
      fix: `nearest here: ${nearest(path, now.keys()).join(', ')}`,
    });
  };
  return {
    modules: () => Object.entries(layers).map(([path, layer]) => infoOf(path, layer)),
    get,
    replace(path, module) {
      get(path);
      now.set(path, module);
    },
  };
}

function infoOf(path: string, layer: FrozenLinear | FrozenConv): ModuleInfo {
  const isConv = layer instanceof FrozenConv;
  const weights = isConv ? layer.weight.size : layer.in * layer.out;
  const parameters = weights + (layer.bias ? layer.out : 0);
  const bias = layer.bias !== undefined;
  const { groups } = isConv ? layer.geometry : { groups: 1 };
  const own = isConv ? { kernel: layer.kernel, ...(groups > 1 && { groups }) } : {};
  return { path, kind: layer.kind, in: layer.in, out: layer.out, ...own, bias, parameters, bytes: parameters * 4 };
}
