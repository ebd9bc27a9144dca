import {
  BlockWeight,
  embeddingLookup,
  FrozenConv,
  FrozenLinear,
  LoraConv,
  LoraEmbedding,
  LoraLinear,
  TokenRows,
  TokenRowsHead,
  type AdaptedModule,
  type ForwardContext,
  type FrozenModule,
  type LoraLinearOptions,
} from '@lowrank/core';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { add, dispose, tidy, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';

interface Case {
  module: AdaptedModule & { base: FrozenModule };
  input: Tensor;
  context?: ForwardContext;
  /** What else to free. */
  also?: { dispose(): void }[];
}

const shifted = {
  a: Float32Array.from({ length: 10 }, (_, at) => Math.sin(at)),
  b: Float32Array.from({ length: 12 }, (_, at) => Math.cos(at)),
  shifts: true,
};
const training = { training: true, seed: 5 };
const [vocab, hidden] = [7, 4];

function linear(options: Partial<LoraLinearOptions>, context?: ForwardContext) {
  return (tensors: Tensors): Case => {
    const base = new FrozenLinear(tensors.randn([5, 6]) as Tensor2D, tensors.randn([6]) as Tensor1D);
    const module = LoraLinear.fromBase(base, { rank: 2, alpha: 3, ...options });
    return { module, input: tensors.randn([2, 3, 5]), ...(context ? { context } : {}) };
  };
}

const packed = (tensors: Tensors): Case => {
  const weight = BlockWeight.fromRows(tensors.randn([6, 32]).dataSync() as Float32Array, [6, 32], 'int8', 32);
  const module = LoraLinear.fromBase(new FrozenLinear(weight), { rank: 2, alpha: 3, useDora: true });
  return { module, input: tensors.randn([3, 32]), also: [weight] };
};

const conv =
  (options: Partial<LoraLinearOptions>, context?: ForwardContext) =>
  (tensors: Tensors): Case => {
    const base = new FrozenConv(tensors.randn([3, 3, 2, 4]) as Tensor4D, tensors.randn([4]) as Tensor1D, {
      padding: 'same',
    });
    const module = LoraConv.fromBase(base, { rank: 2, alpha: 3, ...options });
    return { module, input: tensors.randn([2, 5, 5, 2]), ...(context ? { context } : {}) };
  };

const table = (tensors: Tensors): FrozenModule => {
  const weight = tensors.randn([vocab, hidden]) as Tensor2D;
  return { kind: 'embedding', weight, forward: (ids) => embeddingLookup(weight, ids) };
};
const ids = (tensors: Tensors) => tensors.of([1, 0, 5, 5, 1, 6], [2, 3], 'int32');

const embedding =
  (options: { useDora?: boolean; own?: boolean }) =>
  (tensors: Tensors): Case => {
    const own = options.own ? (tensors.randn([vocab, hidden]).clone() as Tensor2D) : undefined;
    const module = LoraEmbedding.fromBase(table(tensors), {
      rank: 2,
      alpha: 3,
      useDora: options.useDora ?? false,
      table: own,
    });
    return { module, input: ids(tensors) };
  };

const rows = (tensors: Tensors): Case => ({ module: new TokenRows(table(tensors), [5, 1]), input: ids(tensors) });

const head = (tensors: Tensors): Case => {
  const embedded = rows(tensors).module as TokenRows;
  embedded.rows.assign(tensors.randn([2, hidden]));
  const base = new FrozenLinear(tensors.randn([hidden, vocab]) as Tensor2D);
  const module = new TokenRowsHead(base, embedded) as unknown as Case['module'];
  return { module, input: tensors.randn([2, 3, hidden]), also: [embedded] };
};

const cases: Record<string, (tensors: Tensors) => Case> = {
  LoRA: linear({}),
  'LoRA with dropout, in training': linear({ dropout: 0.4 }, training),
  'a bias on B and a trained bias': linear({ loraBias: true, trainsBias: true }),
  DoRA: linear({ useDora: true }),
  'DoRA with a trained bias': linear({ useDora: true, trainsBias: true }),
  'DoRA with dropout, in training': linear({ useDora: true, dropout: 0.4 }, training),
  'DoRA on a packed base': packed,
  'a shifted start': linear({ init: 'pissa', start: shifted }),
  'a shifted start with DoRA and dropout, in training': linear(
    { init: 'pissa', start: shifted, useDora: true, dropout: 0.4 },
    training,
  ),
  'a convolution': conv({}),
  'a convolution with biases': conv({ loraBias: true, trainsBias: true }),
  'a convolution with DoRA': conv({ useDora: true }),
  'a convolution with DoRA and dropout': conv({ useDora: true, dropout: 0.4 }, training),
  'an embedding': embedding({}),
  'an embedding with DoRA': embedding({ useDora: true }),
  'an embedding with a table of its own': embedding({ own: true }),
  'rows of tokens': rows,
  'a head that reads rows of tokens': head,
};

describe('the update of an adapted module', () => {
  for (const [title, make] of Object.entries(cases)) {
    it.onEachBackend(`is what it adds to its base's output: ${title}`, ({ tensors }) => {
      const { module, input, context, also = [] } = make(tensors);
      for (const { variable } of module.parameters('path')) variable.assign(tensors.randn(variable.shape));
      const frozen = module.base.forward(input);
      const sum = tidy(() => add(frozen, module.update!(input, frozen, context)));
      const whole = module.forward(input, context);
      expect(sum.shape).toEqual(frozen.shape);
      expect(whole.dataSync()).not.toEqual(frozen.dataSync());
      expectClose(sum, whole, { atol: 1e-5, because: 'one more rounding of the same products' });
      dispose([frozen, sum, whole]);
      module.dispose();
      for (const one of also) one.dispose();
    });
  }
});
