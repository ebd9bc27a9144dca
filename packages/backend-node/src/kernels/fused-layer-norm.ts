import type { Tensor } from '@tensorflow/tfjs-core';
import type { Formula, Value } from '../graph/formula.js';
import { loadPrograms, type Input, type Run } from '../graph/load-programs.js';
import { ofFloat, ofText, ofType } from '../graph/node-def.js';
import { program } from '../graph/program.js';

/** What `layerNorm` makes, from the same inputs but epsilon. */
type Fused = (epsilon: number, inputs: readonly Input[]) => Tensor[] | undefined;

/**
 * Layer normalisation by oneDNN's own operation, an attribute of which is epsilon: a program for each. It is there where
 * TensorFlow was built with oneDNN; elsewhere a graph that names it does not load or run, and this gives `undefined`.
 */
export function fusedLayerNorm(): Fused {
  const runs = new Map<number, Run | 'absent'>();
  return (epsilon, inputs) => {
    const known = runs.get(epsilon);
    if (known === 'absent' || runs.size > most) return undefined;
    if (known) return known(...inputs);
    const run = loadPrograms({ layerNorm: programFor(epsilon) }).layerNorm;
    try {
      const made = run(...inputs);
      runs.set(epsilon, run);
      return made;
    } catch {
      runs.set(epsilon, 'absent');
      return undefined;
    }
  };
}

/** A model has one epsilon, or two; a program lives as long as the process. */
const most = 16;

function programFor(epsilon: number) {
  return program(['x', 'shapeX', 'weight', 'bias'], (f, inputs) => {
    const { shapeX, weight, bias } = inputs;
    const x = f.reshape(inputs.x, shapeX);
    const normal = normalised(f, [x, f.like('OnesLike', weight), f.like('ZerosLike', weight)], epsilon);
    // `mean(x · normal) = 1/r - epsilon · r`, solved for r so that no digits cancel.
    const c = f.mean(f.mul(x, normal));
    const inverse = f.div(2, f.add(c, f.sqrt(f.add(f.square(c), 4 * epsilon))));
    return [normalised(f, [x, weight, bias], epsilon), normal, inverse];
  });
}

function normalised(f: Formula, inputs: [x: Value, weight: Value, bias: Value], epsilon: number): Value {
  const attributes = { T: ofType('float32'), epsilon: ofFloat(epsilon), _kernel: ofText('MklNameChangeOp') };
  return f.node('_MklLayerNorm', inputs, 'float32', attributes);
}
