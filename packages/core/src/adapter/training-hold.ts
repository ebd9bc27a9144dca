import type { Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter.js';

const runs = new WeakMap<Variable, number>();

/** Says that a run trains these parameters, until the returned value is disposed; who merges or swaps them asks. */
export function holdForTraining(parameters: Parameter[]): Disposable {
  const count = (by: number) => {
    for (const { variable } of parameters) runs.set(variable, (runs.get(variable) ?? 0) + by);
  };
  count(1);
  let held = true;
  return {
    [Symbol.dispose]() {
      if (held) count(-1);
      held = false;
    },
  };
}

/** Whether some run trains one of these parameters now. */
export function inTraining(parameters: Parameter[]): boolean {
  return parameters.some(({ variable }) => (runs.get(variable) ?? 0) > 0);
}
