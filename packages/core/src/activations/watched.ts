import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostModule } from '../host/host.js';

/** The same module in all but that `see` is given each input before it goes through. */
export function watched<Module extends HostModule>(module: Module, see: (input: Tensor) => void): Module {
  const forward: HostModule['forward'] = (input, context) => {
    see(input);
    return module.forward(input, context);
  };
  return new Proxy(module, {
    get(_, key) {
      if (key === 'forward') return forward;
      const value: unknown = Reflect.get(module, key, module);
      return typeof value === 'function' ? value.bind(module) : value;
    },
  });
}
