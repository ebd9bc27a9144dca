import { anglesOf } from '../cases/rotary.js';
import { gelu64, residual64, swiglu64 } from '../reference/activations64.js';
import { attention64 } from '../reference/attention64.js';
import { crossEntropy64 } from '../reference/cross-entropy64.js';
import { frozenLinear64 } from '../reference/frozen-linear64.js';
import { loraLinear64 } from '../reference/lora-linear64.js';
import { transposed64 } from '../reference/matrix64.js';
import { layerNorm64, rmsNorm64 } from '../reference/norms64.js';
import { rotary64 } from '../reference/rotary64.js';
import { scaling } from './loss.js';
import { adapted, sizes, type TinyModel } from './tiny-model.js';

/** The model's loss in float64, at adapter factors in the order of `startOf`. */
export function loss64(model: TinyModel, factors: Float64Array[]): number {
  const { batch, seq, vocab, hidden, heads, kvHeads, headDim, inner, rank, epsilon } = sizes;
  const { linears, others, family, ids, targets, mask } = model;
  const numbers = (name: string) => others.get(name)?.data as Float32Array;
  const biasOf = (name: string) => (family === 'bert' ? numbers(`${name}.bias`) : undefined);
  const weightOf = (name: string) => linears.get(name)?.meaning as Float64Array;
  const linear = (x: Float64Array, name: string, features: number, out: number) =>
    frozenLinear64(x, { weight: weightOf(name), bias: biasOf(name), in: features, out }).value;
  const norm = (x: Float64Array, name: string) =>
    family === 'llama'
      ? rmsNorm64(x, numbers(name), epsilon).value
      : layerNorm64(x, numbers(name), numbers(`${name}.bias`), epsilon).value;

  let next = 0;
  const lora = (x: Float64Array, name: string, out: number) => {
    const [a, b] = [factors[next++] as Float64Array, factors[next++] as Float64Array];
    const layer = { weight: weightOf(name), bias: biasOf(name), in: hidden, out, rank, scaling };
    return loraLinear64(x, x, a, b, layer).value;
  };
  const angles = anglesOf([batch, heads, seq, headDim]);
  const turned = (x: Float64Array) => (family === 'llama' ? rotary64(x, angles.cos, angles.sin, headDim / 2).value : x);
  const attend = (x: Float64Array, layer: number) => {
    const [q, v] = adapted.map(([name, out]) => lora(x, `${layer}.${name}`, out)) as [Float64Array, Float64Array];
    const k = linear(x, `${layer}.k`, hidden, kvHeads * headDim);
    const options = { ...sizes, kvSeq: seq, causal: family === 'llama', mask: family === 'bert' ? mask : undefined };
    const { value } = attention64(turned(apart(q, heads)), turned(apart(k, kvHeads)), apart(v, kvHeads), options);
    return linear(together(value), `${layer}.o`, heads * headDim, hidden);
  };
  const feed = (x: Float64Array, layer: number) => {
    const gate = linear(x, `${layer}.gate`, hidden, inner);
    const middle =
      family === 'llama' ? swiglu64(gate, linear(x, `${layer}.up`, hidden, inner)).value : gelu64(gate, 'none').value;
    return linear(middle, `${layer}.down`, inner, hidden);
  };

  let x: Float64Array = Float64Array.from(
    [...ids].flatMap((id) => [...numbers('table').subarray(id * hidden, (id + 1) * hidden)]),
  );
  for (let layer = 0; layer < sizes.layers; layer++) {
    x = residual64(x, attend(norm(x, `${layer}.first`), layer)).value;
    x = residual64(x, feed(norm(x, `${layer}.second`), layer)).value;
  }
  x = norm(x, 'last');
  const tied = { weight: transposed64(numbers('table'), [vocab, hidden]), in: hidden, out: vocab };
  const logits = family === 'llama' ? frozenLinear64(x, tied).value : linear(x, 'head', hidden, vocab);
  return crossEntropy64(logits, targets, vocab).value[0] as number;
}

/** `[batch, seq, heads · headDim]` as `[batch, heads, seq, headDim]`. */
function apart(x: Float64Array, heads: number): Float64Array {
  return moved(x, heads, (from, to, result) => result.set(x.subarray(from, from + sizes.headDim), to));
}

/** Back again. */
function together(x: Float64Array): Float64Array {
  return moved(x, sizes.heads, (to, from, result) => result.set(x.subarray(from, from + sizes.headDim), to));
}

function moved(
  { length }: Float64Array,
  heads: number,
  copy: (joined: number, split: number, result: Float64Array) => void,
): Float64Array {
  const { batch, seq, headDim } = sizes;
  const result = new Float64Array(length);
  for (let element = 0; element < batch; element++) {
    for (let t = 0; t < seq; t++) {
      for (let head = 0; head < heads; head++) {
        const joined = ((element * seq + t) * heads + head) * headDim;
        copy(joined, ((element * heads + head) * seq + t) * headDim, result);
      }
    }
  }
  return result;
}
