import { LowrankError, patternValue, type LoraConfig, type LoraRole } from '@lowrank/core/plan';

/** One factor of a module, its shape already in our layout. */
export interface FactorShape {
  path: string;
  role: LoraRole;
  shape: readonly number[];
}

/**
 * Checks that the factors are whole pairs whose ranks agree with each other and with the config.
 * Throws `adapter-mismatch` naming the module.
 *
 * @param given what messages call the adapter
 */
export function checkFactors(given: string, factors: FactorShape[], config: LoraConfig): void {
  if (factors.length === 0) throw mismatch(given, 'it holds no factors');
  const pairs = new Map<string, Partial<Record<LoraRole, readonly number[]>>>();
  for (const { path, role, shape } of factors) {
    if (shape.length !== 2) {
      throw mismatch(`${role} of "${path}" in ${given}`, `a factor of a linear has 2 sides, this one ${shape.length}`);
    }
    pairs.set(path, { ...pairs.get(path), [role]: shape });
  }
  for (const [path, { lora_A: a, lora_B: b }] of pairs) {
    const where = `"${path}" in ${given}`;
    if (!a || !b) throw mismatch(where, `it has ${a ? 'lora_A but no lora_B' : 'lora_B but no lora_A'}`);
    if (a[1] !== b[0]) throw mismatch(where, `lora_A is of rank ${a[1]}, lora_B of rank ${b[0]}`);
    const rank = patternValue(config.rankPattern, path) ?? config.rank;
    if (a[1] !== rank) throw mismatch(where, `its factors are of rank ${a[1]}, its config says ${rank}`);
  }
}

function mismatch(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'get or save the whole adapter again' });
}
