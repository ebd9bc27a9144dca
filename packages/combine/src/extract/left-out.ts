import { squares } from '../matrix/matrix.js';
import { tensorNames, type WeightSource } from './weight-source.js';

/** A tensor that differs between two models, and that no adapter takes along. */
export interface LeftOut {
  name: string;
  /** Frobenius norm of the difference; null where only one has the tensor, or in another shape. */
  norm: number | null;
  /** That of the base's own; null where the base does not have it. */
  baseNorm: number | null;
}

/** The tensors that differ and are not in an adapter that holds `names`: the base's in its order, then the others. */
export async function leftOutOf(
  base: WeightSource,
  tuned: WeightSource,
  names: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<LeftOut[]> {
  const found: LeftOut[] = [];
  const [before, after] = [new Set(base.modules.flatMap(tensorNames)), new Set(tuned.modules.flatMap(tensorNames))];
  for (const name of new Set([...before, ...after])) {
    signal?.throwIfAborted();
    if (isIn(names, name)) continue;
    const one = before.has(name) ? await base.read(name) : undefined;
    const other = after.has(name) ? await tuned.read(name) : undefined;
    const alike = one && other && one.shape.join() === other.shape.join();
    const norm = alike ? distance(one.data, other.data) : null;
    if (norm !== 0) found.push({ name, norm, baseNorm: one ? Math.sqrt(squares(one.data)) : null });
  }
  return found;
}

function isIn(names: ReadonlySet<string>, name: string): boolean {
  const path = name.replace(/\.weight$/, '');
  return names.has(name) || names.has(`${path}.lora_A.weight`) || names.has(`${path}.lora_embedding_A`);
}

function distance(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let index = 0; index < left.length; index++) total += ((left[index] as number) - (right[index] as number)) ** 2;
  return Math.sqrt(total);
}
