import { crossEntropy, type ForwardContext, type Host } from '@lowrank/core';
import { loadEncoder, loadModel, type Quantise } from '@lowrank/models';
import {
  mean,
  mul,
  reshape,
  tensor,
  tensor2d,
  tidy,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { Head } from './base.js';
import type { Inputs } from './inputs.js';

/** A base here, whatever its head. */
export interface Model {
  host: Host;
  /** What Transformers calls its logits, or the last states of an encoder; owned by the caller. */
  output(inputs: Inputs, context?: ForwardContext): Tensor;
  /** The loss that the Python side computes, `loss` in bases.py. */
  loss(inputs: Inputs): Scalar;
  dispose(): void;
}

/** @param quantise packs a causal base */
export async function modelOf(folder: string, head: Head, quantise?: Quantise): Promise<Model> {
  const { host, output } = head === 'causal' ? await causal(folder, quantise) : await encoder(folder, head);
  const loss = (inputs: Inputs) => tidy(() => lossOf(output(inputs), head, inputs));
  return { host, output, loss, dispose: () => host.dispose() };
}

async function causal(folder: string, quantise?: Quantise) {
  const host = await loadModel(folder, { quantise });
  const output = ({ ids }: Inputs, context?: ForwardContext) =>
    tidy(() => host.forward(tensor2d(ids, undefined, 'int32'), context));
  return { host, output };
}

async function encoder(folder: string, head: Head) {
  const host = await loadEncoder(folder);
  const output = ({ ids, mask, types }: Inputs, context?: ForwardContext) =>
    tidy(() => {
      const input = {
        ids: tensor2d(ids, undefined, 'int32'),
        mask: mask && tensor2d(mask),
        types: types && tensor2d(types, undefined, 'int32'),
      };
      return head === 'encoder' ? host.forward(input, context) : host.classify(input, context);
    });
  return { host, output };
}

function lossOf(output: Tensor, head: Head, { targets }: Inputs): Scalar {
  if (head !== 'encoder') {
    const logits = reshape(output, [-1, output.shape.at(-1)!]) as Tensor2D;
    return crossEntropy(logits, Int32Array.from((targets ?? []).flat()));
  }
  const probe = Float32Array.from({ length: output.size }, (_, at) => Math.sin(at + 1));
  return mean(mul(output, tensor(probe, output.shape)));
}
