import {
  BlockWeight,
  FrozenLinear,
  LowrankError,
  type BlockFormat,
  type FrozenWeight,
  type PlainTensor,
} from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import { tensor1d, tensor2d, type Tensor1D } from '@tensorflow/tfjs-core';
import type { LinearSpec, ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { Embedding } from '../parts/embedding.js';
import { LayerNorm } from '../parts/layer-norm.js';
import { RmsNorm } from '../parts/rms-norm.js';
import { TiedHead } from '../parts/tied-head.js';
import type { Weights } from './weights.js';

/**
 * Makes one module with its weights on the active backend, its matrices packed where `quantise` says how; a tied head
 * needs its table among `made`.
 */
export async function buildModule(
  spec: ModuleSpec,
  weights: Weights,
  made: Map<string, OwnedModule>,
  quantise?: BlockFormat,
): Promise<OwnedModule> {
  const plain = (part: string) => weights.read(`${spec.path}.${part}`);
  const vector = async (part: string): Promise<Tensor1D> => tensor1d((await plain(part)).data);
  switch (spec.kind) {
    case 'embedding': {
      const table = await plain('weight');
      return new Embedding(
        quantise ? packed(spec.path, table, quantise) : tensor2d(table.data, [spec.vocab, spec.hidden]),
      );
    }
    case 'norm':
      return new RmsNorm(await vector('weight'), spec.epsilon);
    case 'layer-norm': {
      const [weight, bias] = [await plain('weight'), await plain('bias')];
      return new LayerNorm(tensor1d(weight.data), tensor1d(bias.data), spec.epsilon);
    }
    case 'linear': {
      const bias = spec.bias ? (await plain('bias')).data : undefined;
      const weight = await linearWeight(spec, weights, quantise);
      return new FrozenLinear(weight, bias && (tensor1d(bias) as Tensor1D));
    }
    case 'tied-head':
      return new TiedHead(made.get(spec.table) as Embedding);
    default:
      return spec satisfies never;
  }
}

/** Packed by rows of `[out, in]`, as most files have it, or `[in, out]` in float32. */
async function linearWeight(
  spec: LinearSpec,
  weights: Weights,
  quantise: BlockFormat | undefined,
): Promise<FrozenWeight> {
  const plain = await weights.read(`${spec.path}.weight`);
  const turned = Boolean(spec.fanInFanOut) === Boolean(quantise) ? transposed(plain) : plain;
  return quantise ? packed(spec.path, turned, quantise) : tensor2d(turned.data, [spec.in, spec.out]);
}

function packed(path: string, { data, shape }: PlainTensor, format: BlockFormat): BlockWeight {
  try {
    return BlockWeight.fromRows(data, shape as [number, number], format);
  } catch (error) {
    if (!LowrankError.is(error, 'not-finite')) throw error;
    const { given, rule, fix } = error;
    throw new LowrankError('not-finite', { given: `"${path}.weight": ${given}`, rule, fix, cause: error });
  }
}
