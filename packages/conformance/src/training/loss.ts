import {
  attention,
  BlockWeight,
  crossEntropy,
  embeddingLookup,
  FrozenLinear,
  frozenLinear,
  gelu,
  layerNorm,
  LoraLinear,
  residual,
  rmsNorm,
  rotary,
  swiglu,
} from '@lowrank/core';
import {
  reshape,
  tensor,
  tensor2d,
  tidy,
  transpose,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import { anglesOf } from '../cases/rotary.js';
import type { Own } from '../owning.js';
import { transposed64 } from '../reference/matrix64.js';
import { adapted, block, sizes, startOf, type TinyModel } from './tiny-model.js';

const alpha = 3;

/** Of the adapters. */
export const scaling = alpha / sizes.rank;

export interface Training {
  /** The adapters' factors, in the order of `startOf`. */
  variables: Variable[];
  /** The model's loss, at the model's targets unless others are given. */
  loss: (targets?: Int32Array) => Scalar;
}

/** The model on the active backend, made of core's ops and layers. */
export function training(model: TinyModel, own: Own): Training {
  const { batch, seq, vocab, hidden, heads, kvHeads, headDim, epsilon, layers } = sizes;
  const { family, linears, others } = model;
  const fixed = new Map([...others].map(([name, { data, shape }]) => [name, own(tensor(data.slice(), shape))]));
  const vector = (name: string) => fixed.get(name) as Tensor1D;
  const bases = new Map(
    [...linears].map(([name, { values }]) => {
      const weight = own(weightOf(values.data, values.shape as [number, number], model));
      return [name, new FrozenLinear(weight, family === 'bert' ? vector(`${name}.bias`) : undefined)];
    }),
  );
  const linear = (x: Tensor, name: string) => (bases.get(name) as FrozenLinear).forward(x);
  const loras = new Map<string, LoraLinear>();
  for (let layer = 0; layer < layers; layer++) {
    for (const [name] of adapted) {
      const path = `${layer}.${name}`;
      loras.set(path, own(LoraLinear.fromBase(bases.get(path) as FrozenLinear, { rank: sizes.rank, alpha })));
    }
  }
  const variables = [...loras.values()].flatMap(({ a, b }) => [a, b]);
  tidy(() => startOf().forEach(({ data, shape }, index) => variables[index]?.assign(tensor(data, shape))));

  const table = fixed.get('table') as Tensor2D;
  const { cos, sin } = anglesOf([batch, heads, seq, headDim]);
  const angles = [own(tensor2d(cos, [seq, headDim / 2])), own(tensor2d(sin, [seq, headDim / 2]))] as const;
  const mask = family === 'bert' ? own(tensor2d(model.mask, [batch, seq])) : undefined;
  const ids = own(tensor2d(model.ids, [batch, seq], 'int32'));

  const norm = (x: Tensor, name: string) =>
    family === 'llama'
      ? rmsNorm(x, vector(name), epsilon)
      : layerNorm(x, vector(name), vector(`${name}.bias`), epsilon);
  const turned = (x: Tensor) => (family === 'llama' ? rotary(x, ...angles) : x);
  const apart = (x: Tensor, heads: number) => transpose(reshape(x, [batch, seq, heads, headDim]), [0, 2, 1, 3]);
  const attend = (x: Tensor, layer: number) => {
    const [q, v] = adapted.map(([name]) => loras.get(`${layer}.${name}`)?.forward(x)) as [Tensor, Tensor];
    const k = linear(x, `${layer}.k`);
    const options = { causal: family === 'llama', mask };
    const seen = attention(turned(apart(q, heads)), turned(apart(k, kvHeads)), apart(v, kvHeads), options);
    return linear(reshape(transpose(seen, [0, 2, 1, 3]), [batch, seq, heads * headDim]), `${layer}.o`);
  };
  const feed = (x: Tensor, layer: number) => {
    const gate = linear(x, `${layer}.gate`);
    return linear(family === 'llama' ? swiglu(gate, linear(x, `${layer}.up`)) : gelu(gate), `${layer}.down`);
  };
  const loss = (targets = model.targets) =>
    tidy(() => {
      let x = embeddingLookup(table, ids);
      for (let layer = 0; layer < layers; layer++) {
        x = residual(x, attend(norm(x, `${layer}.first`), layer));
        x = residual(x, feed(norm(x, `${layer}.second`), layer));
      }
      x = reshape(norm(x, 'last'), [batch * seq, hidden]);
      const logits = family === 'llama' ? frozenLinear(x, table, undefined, { transposed: true }) : linear(x, 'head');
      return crossEntropy(reshape(logits, [batch * seq, vocab]), targets);
    });
  return { variables, loss };
}

function weightOf(data: Float32Array, [features, out]: [number, number], { format }: TinyModel) {
  if (!format) return tensor2d(data.slice(), [features, out]);
  const rows = Float32Array.from(transposed64(data, [features, out]));
  return BlockWeight.fromRows(rows, [out, features], format, block);
}
