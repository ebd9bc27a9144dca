import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { guardMemory } from './guard-memory.js';
import { add } from './kernels/add.js';
import { reshape } from './kernels/reshape.js';
import { run } from './kernels/run.js';
import { transpose } from './kernels/transpose.js';
import { tensorflow } from './tensorflow.js';
import { installViews } from './views.js';

/** Values from here on go to TensorFlow as soon as they are given. */
const large = 1 << 20;

/** Changes in tfjs-node what costs every step time or memory, and what it says where there is none. Once a process. */
export function install(): void {
  guardMemory();
  replace('Add', add(run.sum));
  replace('Reshape', reshape);
  replace('Transpose', transpose(run));
  installViews();
  uploadAtOnce();
}

function replace(name: string, ours: (stock: KernelConfig) => KernelConfig): void {
  const stock = getKernel(name, 'tensorflow');
  unregisterKernel(name, 'tensorflow');
  registerKernel(ours(stock));
}

/**
 * tfjs-node holds on to the values of a new tensor until an op reads it, and TensorFlow copies them then: a model just
 * loaded would be in memory twice.
 */
function uploadAtOnce(): void {
  const backend = tensorflow();
  const write = backend.write.bind(backend);
  backend.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    if (ArrayBuffer.isView(values) && values.byteLength >= large) backend.getInputTensorIds([{ dataId, shape, dtype }]);
    return dataId;
  };
}
