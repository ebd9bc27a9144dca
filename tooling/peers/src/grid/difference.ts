import { fileSource, openSafetensors } from '@lowrank/formats';

/** The largest difference of two tensors' values over the largest of `theirs`, or over `scale` where that is larger. */
export function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>, scale = 0): number {
  if (ours.length !== theirs.length) return Infinity;
  let [worst, largest] = [0, scale];
  for (let at = 0; at < theirs.length; at++) {
    const apart = Math.abs((ours[at] as number) - (theirs[at] as number));
    if (Number.isNaN(apart)) return NaN;
    worst = Math.max(worst, apart);
    largest = Math.max(largest, Math.abs(theirs[at] as number));
  }
  return worst === 0 ? 0 : worst / largest;
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at] as number));
  return most;
}

export interface Values {
  shape: number[];
  data: Float32Array;
}

/** Every tensor of a safetensors file. */
export async function tensorsOf(path: string): Promise<Map<string, Values>> {
  const file = await openSafetensors(await fileSource(path));
  try {
    const tensors = new Map<string, Values>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return tensors;
  } finally {
    await file.close();
  }
}
