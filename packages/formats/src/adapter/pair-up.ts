import { LowrankError } from '@lowrank/core/plan';

/** One tensor of a module: its factors, or DoRA's magnitude, under the file's own name. */
export interface NamedFactor {
  name: string;
  path: string;
  role: 'a' | 'b' | 'm';
  /** In our layout: a `[in, rank]`, b `[rank, out]`, m `[out]`. */
  shape: readonly number[];
}

/** The names of what belongs to one module. */
export interface Pair {
  path: string;
  a: string;
  b: string;
  m?: string;
  rank: number;
}

export interface PairOptions {
  /** Whether each module has a magnitude; else none has. */
  magnitudes: boolean;
  /** The rank of every module, where the file has one. */
  rank?: number;
}

/**
 * Sorts factors into modules. Throws `adapter-mismatch` naming the module, unless all are whole, of one rank each, and
 * in shapes that fit.
 *
 * @param given what messages call the adapter
 */
export function pairUp(given: string, factors: NamedFactor[], { magnitudes, rank: wanted }: PairOptions): Pair[] {
  if (factors.length === 0) throw mismatch(given, 'it holds no factors');
  const modules = new Map<string, Partial<Record<'a' | 'b' | 'm', NamedFactor>>>();
  for (const factor of factors) {
    const { name, path, role, shape } = factor;
    if (role !== 'm' && shape.length !== 2) {
      throw mismatch(`"${name}" in ${given}`, `a factor has 2 sides, this one ${shape.length}`);
    }
    modules.set(path, { ...modules.get(path), [role]: factor });
  }
  return Array.from(modules, ([path, { a, b, m }]) => {
    const where = `"${path}" in ${given}`;
    if (!a || !b)
      throw mismatch(
        where,
        a ? 'it has lora_A but no lora_B' : b ? 'it has lora_B but no lora_A' : 'it has no factors',
      );
    const rank = a.shape[1] as number;
    if (rank !== b.shape[0]) throw mismatch(where, `lora_A is of rank ${rank}, lora_B of rank ${b.shape[0]}`);
    if (rank === 0) throw mismatch(where, 'its factors are of rank 0');
    if (wanted !== undefined && rank !== wanted) {
      throw mismatch(where, `its factors are of rank ${rank}, its config says ${wanted}`);
    }
    if (magnitudes !== (m !== undefined)) {
      throw mismatch(
        where,
        m ? 'it has a magnitude, and its config does not say DoRA' : 'its config says DoRA, and it has no magnitude',
      );
    }
    if (m && m.shape.join() !== String(b.shape[1])) {
      throw mismatch(where, `its magnitude is [${m.shape.join(', ')}] where [${b.shape[1]}] fits lora_B`);
    }
    return { path, a: a.name, b: b.name, rank, ...(m && { m: m.name }) };
  });
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'get or save the whole adapter again' });
}
