import type { TokenBatch } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Golden {
  /** `[batch][seq]` */
  ids: number[][];
  lossPerSequence: number[];
  /** `[batch, seq, vocab]` by transformers, eager attention, float32. */
  logits: Float32Array;
}

/** A folder that `tooling/goldens` wrote. */
export function goldenFolder(name: string): string {
  return fileURLToPath(new URL(`../../../tooling/goldens/data/${name}`, import.meta.url));
}

export async function golden(name: string): Promise<Golden> {
  const folder = goldenFolder(name);
  const json = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8'));
  const file = await openSafetensors(await fileSource(`${folder}/expected.safetensors`));
  const { data } = await file.read('logits');
  await file.close();
  return { ids: json.input_ids, lossPerSequence: json.loss_per_sequence, logits: data };
}

export function idsTensor(ids: number[][]): Tensor2D {
  return tensor2d(ids, [ids.length, ids[0]?.length ?? 0], 'int32');
}

/** The sequences as a batch whose targets are the ids one step on, the last of each ignored. */
export function shifted(ids: number[][]): TokenBatch {
  const targets = ids.map((row) => [...row.slice(1), -100]);
  const [batch, seq] = [ids.length, ids[0]?.length ?? 0];
  return { ids: Int32Array.from(ids.flat()), targets: Int32Array.from(targets.flat()), batch, seq };
}
