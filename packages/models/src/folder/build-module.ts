import { FrozenLinear } from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import { tensor1d, tensor2d, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { Embedding } from '../parts/embedding.js';
import { RmsNorm } from '../parts/rms-norm.js';
import { TiedHead } from '../parts/tied-head.js';
import type { Weights } from './weights.js';

/** Makes one module with its weights on the active backend; a tied head needs its table among `made`. */
export async function buildModule(
  spec: ModuleSpec,
  weights: Weights,
  made: Map<string, OwnedModule>,
): Promise<OwnedModule> {
  const plain = (part: string) => weights.read(`${spec.path}.${part}`);
  const values = async (part: string) => (await plain(part)).data;
  switch (spec.kind) {
    case 'embedding':
      return new Embedding(tensor2d(await values('weight'), [spec.vocab, spec.hidden]));
    case 'norm':
      return new RmsNorm(tensor1d(await values('weight')), spec.epsilon);
    case 'linear': {
      const bias = spec.bias ? await values('bias') : undefined;
      const { data } = transposed(await plain('weight'));
      return new FrozenLinear(tensor2d(data, [spec.in, spec.out]), bias && (tensor1d(bias) as Tensor1D));
    }
    case 'tied-head':
      return new TiedHead(made.get(spec.table) as Embedding);
    default:
      return spec satisfies never;
  }
}
