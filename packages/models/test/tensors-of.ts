import type { PlainTensor } from '@lowrank/core';
import { encodeSafetensors, fileSource, openSafetensors, type FloatDtype } from '@lowrank/formats';
import { writeFile } from 'node:fs/promises';

/** Every tensor of a safetensors file. */
export async function tensorsOf(path: string): Promise<Map<string, PlainTensor>> {
  const file = await openSafetensors(await fileSource(path));
  try {
    return await file.readAll();
  } finally {
    await file.close();
  }
}

export function writeTensors(
  path: string,
  tensors: Map<string, PlainTensor>,
  dtype: FloatDtype = 'F32',
): Promise<void> {
  return writeFile(path, encodeSafetensors(tensors, { dtype }));
}
