import { planAdapter, randomFloats, type Host, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { dispose, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

/** Adds an adapter with values as training would leave them: all of them changed. */
export function addTrained(manager: LoraManager, name: string, input: LoraConfigInput, seed: number): void {
  manager.add(name, planAdapter(input, manager.host.modules()), { seed });
  for (const { variable } of manager.parameters(name)) {
    const values = randomFloats(variable.size, { distribution: 'normal', seed: seed++ });
    tidy(() => variable.assign(tensor(values, variable.shape)));
  }
}

/** A manager whose adapters are `configs`, trained; none is active. */
export function managerOf(host: Host, configs: Record<string, LoraConfigInput>): LoraManager {
  const manager = new LoraManager(host);
  Object.entries(configs).forEach(([name, config], at) => addTrained(manager, name, config, 100 * (at + 1)));
  manager.activate(undefined);
  return manager;
}

/** An output's values; frees it. */
export function valuesOf(output: Tensor): Float32Array {
  const values = output.dataSync().slice() as Float32Array;
  dispose(output);
  return values;
}
