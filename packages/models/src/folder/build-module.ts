import { BlockWeight, FrozenLinear, type BlockFormat, type FrozenWeight } from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import { tensor1d, tensor2d, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ModuleSpec } from '../module-spec.js';
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
      const { data } = await plain('weight');
      const shape: [number, number] = [spec.vocab, spec.hidden];
      return new Embedding(quantise ? BlockWeight.fromRows(data, shape, quantise) : tensor2d(data, shape));
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

/** Of a file's `[out, in]`: packed as it lies, or `[in, out]` in float32. */
async function linearWeight(
  spec: Extract<ModuleSpec, { kind: 'linear' }>,
  weights: Weights,
  quantise: BlockFormat | undefined,
): Promise<FrozenWeight> {
  const plain = await weights.read(`${spec.path}.weight`);
  if (quantise) return BlockWeight.fromRows(plain.data, [spec.out, spec.in], quantise);
  return tensor2d(transposed(plain).data, [spec.in, spec.out]);
}
