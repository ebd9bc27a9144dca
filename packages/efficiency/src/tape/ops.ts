import type { ForwardStep } from '@lowrank/core/plan';
import { bytesOf, type Value } from './tape.js';
import { like, type OneToOne, type Run } from './run.js';

/** Another shape of the same values. tfjs keeps its input, of which it needs the shape alone. */
export const reshape: OneToOne = ({ tape }, x) =>
  tape.record({ inputs: [x], outputs: [like(x)], view: true, keeps: [x.memory] })[0] as Value;

const transpose: OneToOne = ({ tape }, x) => tape.record({ inputs: [x], outputs: [like(x)] })[0] as Value;

export const splitHeads: OneToOne = (run, x) => transpose(run, reshape(run, x));

export const joinHeads: OneToOne = (run, x) => reshape(run, transpose(run, x));

/** tfjs's own sum keeps both of its inputs, of which it needs the shapes alone. */
export function add({ tape }: Run, a: Value, b: Value): Value {
  const keeps = [a.memory, b.memory];
  return tape.record({ inputs: [a, b], outputs: [like(a)], keeps, passes: true })[0] as Value;
}

/** What `y` becomes when a vector that is trained is added: the vector is `features` long. */
export function addTrained({ tape }: Run, y: Value): Value {
  const trains = bytesOf(1, y.features);
  return tape.record({ inputs: [y], outputs: [like(y)], keeps: [y.memory], passes: true, trains })[0] as Value;
}

/** `y` times a vector or a number; `trained` when that is. */
export function multiply({ tape }: Run, y: Value, trained = false): Value {
  const trains = trained ? bytesOf(1, y.features) : 0;
  return tape.record({ inputs: [y], outputs: [like(y)], keeps: [y.memory], trains })[0] as Value;
}

export function residual({ tape }: Run, x: Value, y: Value): Value {
  return tape.record({ inputs: [x, y], outputs: [like(x)], passes: true, eager: true })[0] as Value;
}

export function split({ tape }: Run, x: Value, parts: number): Value[] {
  const outputs = Array.from({ length: parts }, (): [number, number] => [x.rows, x.features / parts]);
  return tape.record({ inputs: [x], outputs });
}

/** The state of each sequence's first token, `[batch, features]`. */
export function firstToken(run: Run, x: Value): Value {
  const { tape, batch } = run;
  const [first] = tape.record({ inputs: [x], outputs: [[batch, x.features]], keeps: [x.memory] });
  return reshape(run, first as Value);
}

/** An op of ours between linears; its angles are few. */
export const rotary: OneToOne = ({ tape }, x) =>
  tape.record({ inputs: [x], outputs: [like(x)], eager: true })[0] as Value;

export function attention(run: Run, [q, k, v]: [Value, Value, Value], { heads = 1, causal }: ForwardStep): Value {
  const { tape, kernels, seq } = run;
  const weights = kernels.keepsScores ? heads * seq : 0;
  const products = 2 * q.rows * seq * q.features;
  const [mixed] = tape.record({
    inputs: [q, k, v],
    outputs: [like(q)],
    keeps: [q, k, v].map(({ memory }) => memory),
    keepsBytes: bytesOf(q.rows, weights + heads * kernels.perQuery),
    passingBytes: kernels.changesScores ? bytesOf(q.rows, heads * seq) : 0,
    keepsOutput: kernels.keepsMixed,
    eager: true,
    // Backward, four products; one more where the weights are made again.
    flops: { base: 2 * products, inputs: (kernels.keepsScores ? 4 : 5) * products },
    attention: { scores: q.rows * heads * seq, seen: causal ? seenShare(seq, kernels.queriesTogether) : 1 },
  });
  return mixed as Value;
}

/** Of all scores under a causal mask, the share that is computed where some queries at a time leave out what none of them sees. */
function seenShare(seq: number, together: number): number {
  if (together === 0) return 1;
  let seen = 0;
  for (let first = 0; first < seq; first += together) {
    const end = Math.min(seq, first + together);
    seen += (end - first) * end;
  }
  return seen / seq ** 2;
}
