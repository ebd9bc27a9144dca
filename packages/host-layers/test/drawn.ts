import { randomFloats } from '@lowrank/core';
import type { LoraManager } from '@lowrank/manager';
import { tensor } from '@tensorflow/tfjs-core';

/** Gives every parameter of an adapter values, as training would. */
export function drawn(manager: LoraManager, name: string, seed: number): void {
  for (const { variable } of manager.parameters(name)) {
    const normal = randomFloats(variable.size, { distribution: 'normal', seed: seed++ });
    const value = tensor(
      normal.map((each) => 0.5 * each),
      variable.shape,
    );
    variable.assign(value);
    value.dispose();
  }
}
