import type { AdamwArgs, AdamwResult, PlainKernel } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { floatBits } from '../native/float-bits.js';
import { workplace } from '../native/tensors.js';

/** Values that a task updates. */
const chunk = 2 ** 13;

/** Bytes of a task's entry in the table. */
const entryBytes = 32;

/** One update of all parameters in one job: its tasks are pieces of them, whose addresses lie in a table. */
export const adamw: PlainKernel<AdamwArgs, AdamwResult> = ({ parameters, gradients, m, v, ...settings }) => {
  const { engine, make, at } = workplace();
  const result = { parameters: like(parameters), m: like(m), v: like(v) };
  const lists = [parameters, gradients, m, v, result.parameters, result.m, result.v];
  const entries = parameters.flatMap(({ size }, index) => {
    const addresses = lists.map((list) => at(list[index]));
    return Array.from({ length: Math.ceil(size / chunk) }, (_, piece) => [
      ...addresses.map((address) => address + 4 * piece * chunk),
      4 * Math.min(chunk, size - piece * chunk),
    ]);
  });
  if (entries.length === 0) return result;
  const table = engine.scratch(entryBytes * entries.length);
  new Int32Array(engine.memory.buffer, table).set(entries.flat());
  engine.run('adamw', entries.length, [table, ...factorsOf(settings).map(floatBits)]);
  return result;

  function like(tensors: Tensor[]): Tensor[] {
    return tensors.map(({ shape }) => make(shape));
  }
};

type Settings = Omit<AdamwArgs, 'parameters' | 'gradients' | 'm' | 'v'>;

/** In the order of native/adamw.ts. */
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
