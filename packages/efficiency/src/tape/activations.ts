import { bytesOf, type Value } from './tape.js';
import { like, type OneToOne, type Run } from './run.js';
import { multiply } from './ops.js';

/** What a kernel of ours keeps for an activation: its inputs, or as many slopes. */
function activation({ tape, kernels }: Run, inputs: Value[]): Value {
  const [x] = inputs as [Value];
  const kept = kernels.keepsSlopes
    ? { keepsBytes: inputs.length * bytesOf(...like(x)) }
    : { keeps: inputs.map(({ memory }) => memory) };
  return tape.record({ inputs, outputs: [like(x)], eager: true, ...kept })[0] as Value;
}

export const gelu: OneToOne = (run, x) => activation(run, [x]);

export const swiglu = (run: Run, gate: Value, up: Value): Value => activation(run, [gate, up]);

/** tfjs's own, of which the gradient reads the output. */
export const tanh: OneToOne = ({ tape }, x) =>
  tape.record({ inputs: [x], outputs: [like(x)], keepsOutput: true })[0] as Value;

export const relu: OneToOne = ({ tape }, x) =>
  tape.record({ inputs: [x], outputs: [like(x)], keeps: [x.memory] })[0] as Value;

/** `x · sigmoid(x)`. */
export const silu: OneToOne = (run, x) => product(run, x, tanh(run, x));

/** `x · sigmoid(1.702 x)`. */
export const quickGelu: OneToOne = (run, x) => product(run, x, tanh(run, multiply(run, x)));

function product({ tape }: Run, a: Value, b: Value): Value {
  return tape.record({ inputs: [a, b], outputs: [like(a)], keeps: [a.memory, b.memory] })[0] as Value;
}
