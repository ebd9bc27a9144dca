import { linearsOf } from './shapes.mjs';

const readInputs = new Set(['query', 'key', 'value', 'q_proj', 'k_proj', 'v_proj']);

/**
 * Floating-point operations of the products alone, a multiply and an add each: the work that cannot be left out.
 *
 * - a linear, forward: `2 · rows · in · out`; the gradient of its input the same; none for a frozen weight;
 * - attention, forward: `4 · batch · seq² · hidden`, scores and mix, not halved where causal; backward twice that;
 * - an adapter, forward: `2 · rows · rank · (in + out)`; backward twice that;
 * - nothing for the gradient of the first block's queries, keys and values: below it there is nothing to train;
 * - the head once forward and once backward.
 *
 * @returns `forward` of the frozen model, `step` of a forward and backward pass with adapters
 */
export function flopsOf(shape) {
  const { batch, seq, hidden, layers, vocab, rank, targets, family, classes } = shape;
  const rows = batch * seq;
  const linears = Object.entries(linearsOf(shape));
  const product = ([from, to]) => 2 * rows * from * to;
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const block = sum(linears.map(([, size]) => product(size)));
  const first = sum(linears.filter(([name]) => readInputs.has(name)).map(([, size]) => product(size)));
  const attention = 4 * batch * seq * seq * hidden;
  const adapters = sum(
    linears.filter(([name]) => targets.includes(name)).map(([, [from, to]]) => 2 * rows * rank * (from + to)),
  );
  const head = family === 'bert' ? 2 * batch * hidden * classes : 2 * rows * hidden * vocab;
  const forward = layers * (block + attention) + head;
  return { forward, step: 2 * forward - first + layers * (attention + 3 * adapters) };
}
