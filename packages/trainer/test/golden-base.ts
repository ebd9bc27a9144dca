import { crossEntropy, type Host } from '@lowrank/core';
import { causalLoss, loadEncoder, loadModel, type EncoderInput } from '@lowrank/models';
import { tensor2d, tidy, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A base of `tooling/goldens` with the batch that its adapters are held to. */
export interface Base extends Disposable {
  host: Host;
  logits: () => Tensor;
  loss: () => Scalar;
}

export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../../../tooling/goldens/data/${name}`, import.meta.url));
}

export async function loadBase(name: string): Promise<Base> {
  if (existsSync(goldenPath(`families/${name}`)))
    return causal(`families/${name}`, JSON.parse(await readFile(goldenPath('families/ids.json'), 'utf8')));
  const json = JSON.parse(await readFile(goldenPath(`${name}/expected.json`), 'utf8'));
  return name.startsWith('bert') ? encoder(name, json) : causal(name, json.input_ids);
}

async function encoder(name: string, json: Record<string, number[][]>): Promise<Base> {
  const host = await loadEncoder(goldenPath(name));
  const run = () => {
    const of = (key: string, dtype?: 'int32') => tensor2d(json[key]!, undefined, dtype) as Tensor2D;
    const input: EncoderInput = {
      ids: of('input_ids', 'int32'),
      mask: of('attention_mask'),
      types: of('token_type_ids', 'int32'),
    };
    return host.classify(input);
  };
  return {
    host,
    logits: run,
    loss: () => tidy(() => crossEntropy(run(), Int32Array.of(2, 0, 1))),
    [Symbol.dispose]: () => host.dispose(),
  };
}

async function causal(name: string, ids: number[][]): Promise<Base> {
  const host = await loadModel(goldenPath(name));
  const [batch, seq] = [ids.length, ids[0]!.length];
  const targets = Int32Array.from(ids.flatMap((row) => [...row.slice(1), -100]));
  return {
    host,
    logits: () => host.forward(tensor2d(ids, undefined, 'int32') as Tensor2D),
    loss: () => causalLoss(host, { ids: Int32Array.from(ids.flat()), targets, batch, seq }),
    [Symbol.dispose]: () => host.dispose(),
  };
}
