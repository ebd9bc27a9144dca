import type { AdamwArgs, Kernels } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { activeGpu, bufferOf, emptyTensor, encoderOf, type Gpu } from '../shader/gpu.js';
import { groupsOver, run } from '../shader/run.js';
import { defaultLanes, wgsl, type Shader } from '../shader/shader.js';

/**
 * One update of all parameters in one run: they, their gradients and moments are copied into four long arrays, changed
 * there, and copied out. An adapter has hundreds of small tensors, and a run costs more than a copy.
 */
export const adamw: Kernels['adamw'] = ({ parameters, gradients, m, v, ...settings }) => {
  const gpu = activeGpu();
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  if (total === 0 || 4 * total > gpu.limits.maxStorageBufferBindingSize) return undefined;
  const long = [parameters, m, v, gradients].map((tensors) => joined(gpu, tensors, total));
  const [p, means, squares, g] = long as [Tensor, Tensor, Tensor, Tensor];
  const whole = (tensor: Tensor) => ({ tensor, from: 0, length: total });
  run(shader, {
    inputs: [g],
    outputs: [whole(p), whole(means), whole(squares)],
    numbers: [total, ...factorsOf(settings)],
    groups: groupsOver(total, defaultLanes),
  });
  const apart = (tensor: Tensor) => parted(gpu, tensor, parameters);
  const result = { parameters: apart(p), m: apart(means), v: apart(squares) };
  for (const tensor of long) tensor.dispose();
  return result;
};

type Settings = Omit<AdamwArgs, 'parameters' | 'gradients' | 'm' | 'v'>;

function factorsOf({ learningRate, beta1, beta2, epsilon, weightDecay, step }: Settings): number[] {
  return [
    1 - learningRate * weightDecay,
    learningRate / (1 - beta1 ** step),
    1 / (1 - beta2 ** step),
    epsilon,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
  ];
}

const shader: Shader = {
  name: 'adamw',
  inputs: { gradients: 'float32' },
  outputs: ['parameters', 'means', 'squares'],
  sizes: ['values'],
  factors: ['kept', 'rate', 'unbias', 'epsilon', 'beta1', 'fresh1', 'beta2', 'fresh2'],
  body: wgsl`
  let i = group * ${defaultLanes}u + lane;
  if (i < n.values) {
    let g = gradients[i];
    let m = means[i] * n.beta1 + g * n.fresh1;
    let v = squares[i] * n.beta2 + g * g * n.fresh2;
    means[i] = m;
    squares[i] = v;
    parameters[i] = parameters[i] * n.kept - m * n.rate / (sqrt(v * n.unbias) + n.epsilon);
  }
`,
};

function joined(gpu: Gpu, tensors: Tensor[], total: number): Tensor {
  const long = emptyTensor(gpu, [total]);
  const into = bufferOf(gpu, long);
  const buffers = tensors.map((tensor) => bufferOf(gpu, tensor));
  const encoder = encoderOf(gpu);
  let at = 0;
  tensors.forEach(({ size }, index) => {
    if (size > 0) encoder.copyBufferToBuffer(buffers[index] as GPUBuffer, 0, into, at, 4 * size);
    at += 4 * size;
  });
  return long;
}

function parted(gpu: Gpu, long: Tensor, like: Tensor[]): Tensor[] {
  const tensors = like.map(({ shape }) => emptyTensor(gpu, shape));
  const from = bufferOf(gpu, long);
  const buffers = tensors.map((tensor) => bufferOf(gpu, tensor));
  const encoder = encoderOf(gpu);
  let at = 0;
  tensors.forEach(({ size }, index) => {
    if (size > 0) encoder.copyBufferToBuffer(from, at, buffers[index] as GPUBuffer, 0, 4 * size);
    at += 4 * size;
  });
  return tensors;
}
