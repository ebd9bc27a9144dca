import { fileSource, openSafetensors } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of a file or folder under tooling/goldens/data. */
export function golden(name: string): string {
  return fileURLToPath(new URL(`../../goldens/data/${name}`, import.meta.url));
}

/** The logits of a golden, `[batch · seq · vocab]`, and the ids that they are for. */
export async function goldenLogits(name: string): Promise<{ ids: number[][]; vocab: number; logits: Float32Array }> {
  const { input_ids: ids } = JSON.parse(await readFile(golden('peft-adapter/expected.json'), 'utf8'));
  const file = await openSafetensors(await fileSource(golden(`${name}/expected.safetensors`)));
  const { shape, data } = await file.read('logits');
  await file.close();
  return { ids, vocab: shape[2] ?? 0, logits: data };
}

/** The largest difference of any two logits. */
export function worst(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  return Math.max(...Array.from(theirs, (value, at) => Math.abs((ours[at] as number) - value)));
}
