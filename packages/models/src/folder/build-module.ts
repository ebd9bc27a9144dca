import { BlockWeight, FrozenLinear, LowrankError, type FrozenWeight } from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import { tensor1d, tensor2d, type Tensor1D } from '@tensorflow/tfjs-core';
import type { LinearSpec, ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { Embedding } from '../parts/embedding.js';
import { LayerNorm } from '../parts/layer-norm.js';
import { RmsNorm } from '../parts/rms-norm.js';
import { TiedHead } from '../parts/tied-head.js';
import type { Quantise } from '../packing.js';
import { readFinite } from './read-finite.js';
import type { Weights } from './weights.js';

/**
 * Makes one module with its weights on the active backend, its matrices packed where `quantise` says how; a tied head
 * needs its table among `made`.
 */
export async function buildModule(
  spec: ModuleSpec,
  weights: Weights,
  made: Map<string, OwnedModule>,
  quantise?: Quantise,
): Promise<OwnedModule> {
  const plain = (part: string) => readFinite(weights, `${spec.path}.${part}`);
  const vector = async (part: string): Promise<Tensor1D> => tensor1d((await plain(part)).data);
  switch (spec.kind) {
    case 'embedding': {
      const packed = await packedMatrix(spec, weights, quantise);
      return new Embedding(packed ?? tensor2d((await plain('weight')).data, [spec.vocab, spec.hidden]));
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
async function linearWeight(spec: LinearSpec, weights: Weights, quantise: Quantise | undefined): Promise<FrozenWeight> {
  const packed = await packedMatrix(spec, weights, quantise);
  if (packed) return packed;
  const plain = await readFinite(weights, `${spec.path}.weight`);
  return tensor2d((spec.fanInFanOut ? plain : transposed(plain)).data, [spec.in, spec.out]);
}

/** Undefined where the matrix is to be in float32. */
async function packedMatrix(
  spec: ModuleSpec,
  weights: Weights,
  quantise: Quantise | undefined,
): Promise<BlockWeight | undefined> {
  const name = `${spec.path}.weight`;
  if (quantise === undefined || (quantise === 'stored' && !weights.packing(name))) return undefined;
  try {
    if (quantise === 'stored') return await weights.readPacked(name);
    const plain = await weights.read(name);
    const { data, shape } = spec.kind === 'linear' && spec.fanInFanOut ? transposed(plain) : plain;
    return BlockWeight.fromRows(data, shape as [number, number], quantise);
  } catch (error) {
    if (!LowrankError.is(error, 'not-finite')) throw error;
    const { given, rule, fix } = error;
    throw new LowrankError('not-finite', { given: `"${name}": ${given}`, rule, fix, cause: error });
  }
}
