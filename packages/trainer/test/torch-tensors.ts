import type { PlainTensor } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';

export async function readTensors(path: string): Promise<Map<string, PlainTensor>> {
  const file = await openSafetensors(await fileSource(path));
  const all = await file.readAll();
  await file.close();
  return all;
}
