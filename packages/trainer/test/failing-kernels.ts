import {
  getBackend,
  getKernelsForBackend,
  registerKernel,
  unregisterKernel,
  type KernelConfig,
} from '@tensorflow/tfjs-core';

export interface FailingKernels extends Disposable {
  /** Makes kernel number `call` from now on, counted from 1, throw as one does that finds no memory; 0 is none. */
  failAt(call: number): void;
}

/**
 * Takes the place of every kernel of the active backend that needs memory (Identity shares its input's), to run it or
 * fail; disposing puts them back.
 */
export function failingKernels(): FailingKernels {
  const backendName = getBackend();
  const originals = getKernelsForBackend(backendName).filter(({ kernelName }) => kernelName !== 'Identity');
  let [calls, failing] = [0, 0];
  const replace = (configs: KernelConfig[]) => {
    for (const config of configs) {
      unregisterKernel(config.kernelName, backendName);
      registerKernel(config);
    }
  };
  const failable = (config: KernelConfig): KernelConfig => ({
    ...config,
    kernelFunc: (params) => {
      if (++calls === failing) throw new Error(`no memory for ${config.kernelName}, kernel ${calls}`);
      return config.kernelFunc(params);
    },
  });
  replace(originals.map(failable));
  return {
    failAt(call) {
      [calls, failing] = [0, call];
    },
    [Symbol.dispose]: () => replace(originals),
  };
}
